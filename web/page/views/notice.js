// One notice: what it says, where it is with each recipient, and what this agency may do about it.

import { get, may, me, submit } from "../api.js";
import { button, facts, h, h1, h2, link, meta, p, table, tag, time } from "../dom.js";
import { form } from "../form.js";
import { announce, listen } from "../live.js";
import { ANSWERS, board, boardState } from "./alerts.js";

const BODIES = [
  "event",
  "referral",
  "referral_answer",
  "alert",
  "reply",
  "household_change",
  "seen",
  "directory",
  "alert_change",
  "disagreement",
  "assessment",
  "plan",
  "small_help",
];
const NAMES = {
  event: "Event",
  referral: "Referral",
  referral_answer: "Answer to a referral",
  alert: "Alert",
  reply: "Answer to an alert",
  household_change: "Change of a household",
  seen: "Seen",
  directory: "Directory entry",
};
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const title = (kind) => NAMES[kind] || capital(kind.replaceAll("_", " "));

// Every member of the body that is said, by its own name: a kind that this page does not know is
// shown whole all the same.
function said(value, before = "") {
  return Object.entries(value).flatMap(([name, one]) => {
    const words = name.replaceAll("_", " ");
    const label = before ? before + words : capital(words);
    if (
      one === "" ||
      one === null ||
      one === 0 ||
      one === false ||
      (Array.isArray(one) && !one.length)
    )
      return [];
    if (one === true) return [[label, "yes"]];
    if (Array.isArray(one))
      return one.flatMap((each, i) =>
        typeof each === "object"
          ? said(each, `${label} ${i + 1}: `)
          : [[`${label} ${i + 1}`, String(each)]],
      );
    if (typeof one === "object") return said(one, `${label}: `);
    return [[label, /^\d{4}-\d\d-\d\dT/.test(one) ? time(one) : String(one)]];
  });
}

function deliveries(shown) {
  if (!shown.recipients.length) return null;
  return table(
    "Where it is",
    ["Agency", "State", "Since"],
    shown.recipients.map((one) => [
      one.agency,
      [one.state, one.seen_by ? ` by ${one.seen_by}` : "", one.reason ? `: ${one.reason}` : ""],
      time(one.seen || one.since),
    ]),
  );
}

function replyForm(id, again) {
  return form({
    lead: h2("Answer"),
    send: "Send the answer",
    fields: [
      {
        name: "answer",
        label: "Your agency's answer",
        kind: "choice",
        options: [["", "Choose an answer"], ...ANSWERS],
        required: true,
      },
      { name: "reason", label: "Why it cannot be shared", hint: "Only for “we cannot share”" },
      { name: "text", label: "What you know, what you do", kind: "text" },
    ],
    act: async (reply, key) => {
      await submit({ reply: { alert: id, ...reply } }, key);
      await again();
    },
  });
}

function referralPart(shown, id, again) {
  const state = shown.referral;
  if (!state) return null;
  const step = (name, label) => (state.allowed.some((one) => one.startsWith(name)) ? label : null);
  const answer = may("submit:referral_answer") && (step("accept", 1) || step("decline", 1));
  return [
    h2("Where it stands"),
    facts([
      ["Step", [state.step, state.overdue ? [" ", tag("overdue", "red")] : ""]],
      ["Next step", state.next_step],
      ["Due", state.due ? [time(state.due), ` by ${state.due_by}`] : ""],
      ["Reason", state.reason_code],
      ["Note", state.note],
    ]),
    answer
      ? form({
          lead: h2("Answer"),
          send: "Send the answer",
          fields: [
            {
              name: "step",
              label: "Answer",
              kind: "choice",
              options: [
                ["accepted", "Accept"],
                ["declined", "Decline"],
              ],
            },
            {
              name: "reason_code",
              label: "Reason",
              hint: "A decline has one, as your agency codes it",
            },
            { name: "next_step", label: "What happens now, or what the referrer can do instead" },
            { name: "note", label: "For the referrer", kind: "text" },
          ],
          act: async (values, key) => {
            await submit({ referral_answer: { referral: id, ...values } }, key);
            await again();
          },
        })
      : null,
  ];
}

function seenPart(shown, id, again) {
  if (shown.mine || !may("submit:seen")) return null;
  return button("I have seen this", async () => {
    await submit({ seen: { notice: id, person: me.user } }, `seen ${id}`.slice(0, 64));
    await again();
  });
}

export async function notice(id, again) {
  const shown = await get("show", { id });
  const one = shown.notice;
  const kind = BODIES.find((name) => one[name]) || "notice";
  const alert = shown.board;
  const own = alert ? (await get("status")).agency : "";
  const answered = alert && alert.rows.some((row) => row.answer && row.agency === own);
  if (alert)
    await listen(async (came) => {
      if (!came.length) return;
      const fresh = await get("show", { id });
      const place = document.getElementById("board");
      if (place && fresh.board)
        place.replaceChildren(boardState(fresh.board)[0], board(fresh.board));
      announce("The board has changed");
    });
  return [
    h1(title(kind)),
    meta(
      `${one.origin}${one.author ? `, ${one.author}` : ""} · `,
      time(one.created),
      one.exercise ? [" ", tag("exercise", "blue")] : "",
    ),
    one.household ? p(link(`#/household/${one.household}`, "To the household")) : null,
    facts(said(one[kind] || {})),
    alert ? [h2("Board"), h("div", { id: "board" }, boardState(alert)[0], board(alert))] : null,
    alert && !shown.mine && !answered && may("submit:reply") ? replyForm(id, again) : null,
    referralPart(shown, id, again),
    h("div", { class: "kith-actions" }, seenPart(shown, id, again)),
    deliveries(shown),
    shown.seen.length
      ? table(
          "Seen by",
          ["Agency", "Person", "When"],
          shown.seen.map((each) => [each.agency, each.person, time(each.seen)]),
        )
      : null,
  ];
}
