// One notice: what it says, how it stands, where it is with each recipient, and what this agency
// may say about it.

import { get, may, me, submit } from "../api.js";
import { facts, h, h1, h2, inset, link, meta, more, p, refill, table, tag, time } from "../dom.js";
import { doing } from "../form.js";
import { replyForm } from "../forms/alert.js";
import { stepLinks } from "../forms/steps.js";
import { announce } from "../live.js";
import { board, boardState } from "./alerts.js";
import { pounds } from "./pots.js";

const NAMES = {
  referral_answer: "Answer to a referral",
  reply: "Answer to an alert",
  alert_change: "Change of an alert",
  household_change: "Change of a household",
  directory: "Directory entry",
  plan: "Change of a plan",
};
const BODIES = [
  "event",
  "referral",
  "alert",
  "seen",
  "disagreement",
  "assessment",
  "small_help",
  ...Object.keys(NAMES),
];
// What another agency decided may be disagreed with.
const DECISIONS = [
  "referral",
  "referral_answer",
  "alert",
  "reply",
  "alert_change",
  "household_change",
];

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const plain = (name) => name.replaceAll("_", " ");
const isTime = (one) => /^\d{4}-\d\d-\d\dT/.test(one);
const isSaid = (one) =>
  one !== "" && one !== null && one !== 0 && one !== false && !(Array.isArray(one) && !one.length);

// Every member of the body that is said, by its own name: a kind that this page does not know is
// shown whole all the same. What the agents keep for each other is left out.
const INTERNAL = ["said", "told", "changed", "assessments", "id"];

function said(value, before = "") {
  return Object.entries(value)
    .filter(([name, one]) => isSaid(one) && !INTERNAL.includes(name))
    .flatMap(([name, one]) => {
      const label = before ? `${before}${plain(name)}` : capital(plain(name));
      if (one === true) return [[label, "yes"]];
      if (Array.isArray(one))
        return typeof one[0] === "object"
          ? one.flatMap((each, i) => said(each, `${label} ${i + 1}: `))
          : [[label, one.join(", ")]];
      if (typeof one === "object")
        return "system" in one ? reference(label, one) : said(one, `${label}: `);
      if (["amount", "balance", "set_aside", "spent"].includes(name)) return [[label, pounds(one)]];
      return [[label, isTime(one) ? time(one) : String(one)]];
    });
}
const reference = (label, one) => [[label.replace(/: ref$/, ""), `${one.system}/${one.id}`]];

// The notice that another is about, by its member.
const ABOUT = ["referral", "alert", "decision", "disagreement", "assessment", "help", "notice"];

function aboutLink(body) {
  const name = ABOUT.find((one) => typeof body[one] === "string" && body[one]);
  return name ? p(link(`#/notice/${body[name]}`, "To what it is about")) : null;
}
const withoutAbout = (body) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !ABOUT.includes(name)));

// ---- how it stands ----

const duePart = (state) =>
  state.due ? [time(state.due), state.due_by ? ` by ${state.due_by}` : ""] : "";
const late = (state) => (state.overdue ? [" ", tag("overdue", "red")] : "");

const STANDING = {
  referral: (one) => [
    ["Step", [one.step, late(one)]],
    ["Part accepted", one.part],
    ["Next step", one.next_step],
    ["Due", duePart(one)],
    ["Reason", one.reason_code],
    ["Note", one.note],
    ["Urgency there", one.scale],
    ["Level", one.level],
    ["Redirected to", one.redirected_to],
    ["Outcome", one.outcome],
    ["Need met, the family says", one.need_met || one.not_asked],
  ],
  disagreement: (one) => [
    ["State", [one.state, late(one)]],
    ["Between", `${one.from} and ${one.with}`],
    ["Stage", `${one.stage}: ${one.role} of both meet`],
    ["Due", duePart(one)],
    ["Newest words", one.text],
    ["Agreed", one.outcome],
  ],
  assessment: (one) => [
    ["State", [one.state, late(one)]],
    ["Asked", one.asked.join(", ")],
    ["Nothing yet from", one.silent.join(", ")],
    ["Due", duePart(one)],
    ["What it comes to", one.summary],
    ["The family says", one.family_view],
  ],
  small_help: (one) => [
    ["State", one.state],
    ["Asked for", pounds(one.asked)],
    ["Approved", Number(one.approved) ? pounds(one.approved) : ""],
    ["Spent", Number(one.spent) ? pounds(one.spent) : ""],
    ["Pot", [one.pot, ", held by ", one.holder]],
    ["Reason", one.reason],
    ["What is left", link("#/pots", "All pots")],
  ],
};

function parts(assessment) {
  if (!assessment.parts.length) return null;
  return table(
    "What each agency contributed",
    ["Agency", "Section", "What it knows", "The family says", "When"],
    assessment.parts.map((one) => [
      [one.agency, one.no_effect ? [" ", tag("no effect", "grey")] : ""],
      one.section,
      h("div", { class: "kith-text" }, one.text),
      h("div", { class: "kith-text" }, one.family_view),
      time(one.at),
    ]),
  );
}

function history(state) {
  const past = state.history.filter((one) => one.id !== state.id);
  if (!past.length) return null;
  return table(
    "What was said of it",
    ["Step", "Agency", "When"],
    past.map((one) => [
      [
        link(`#/notice/${one.id}`, one.step.replaceAll("-", " ")),
        one.no_effect ? [" ", tag("no effect", "grey")] : "",
      ],
      one.agency || state.from,
      time(one.at),
    ]),
  );
}

function standing(shown) {
  const name = Object.keys(STANDING).find((one) => shown[one]);
  if (!name) return null;
  const state = shown[name];
  return [
    h2("How it stands"),
    facts(STANDING[name](state)),
    name === "assessment" ? parts(state) : null,
    history(state),
  ];
}

function boardPart(shown) {
  return [
    h2("Board"),
    p(boardState(shown.board)),
    board(shown.board),
    shown.board.muted_by
      ? inset(`A higher alert (${shown.board.muted_by}) about the same people is open.`)
      : null,
    history(shown.board),
  ];
}

// ---- what may be said ----

// Closing is offered while a row is blank too: what the agent then answers says what is missing.
function allowed(shown, kind) {
  const state = shown.board || shown.referral || shown.disagreement || shown.assessment;
  const verbs = [...((state || shown.small_help || {}).allowed || [])];
  if (shown.board && shown.mine && shown.board.state === "open" && !verbs.includes("alert close"))
    verbs.push("alert close");
  if (!shown.mine && DECISIONS.includes(kind)) verbs.push("disagree");
  return verbs.filter((one) => one !== "reply");
}

function linkPart(one) {
  const about = one.event && one.event.about.length;
  if (!about || !may("link")) return null;
  return p(link(`#/link/${one.id}`, "Link a record that it is about to a household"));
}

function seenPart(shown, id) {
  const mine = shown.seen.some((one) => one.person === me.user);
  if (shown.mine || mine || !may("submit:seen")) return null;
  return doing("I have seen this", async () => {
    await submit({ seen: { notice: id, person: me.user } }, `seen ${id}`.slice(0, 64));
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

const seenBy = (shown) =>
  shown.seen.length
    ? table(
        "Seen by",
        ["Agency", "Person", "When"],
        shown.seen.map((each) => [each.agency, each.person, time(each.seen)]),
      )
    : null;

function answerPart(shown, id, own) {
  if (!shown.board || !shown.board.allowed.includes("reply") || !may("submit:reply")) return null;
  const before = shown.board.rows.find((row) => row.agency === own && row.answer);
  return before ? more("Change our answer", replyForm(id)) : replyForm(id);
}

// What changes while it is looked at: above the answer that somebody may be writing, and below it.
function above(shown) {
  return shown.board ? boardPart(shown) : [];
}
function below(shown, id, kind) {
  return [
    standing(shown),
    stepLinks(id, allowed(shown, kind)),
    seenPart(shown, id),
    deliveries(shown),
    seenBy(shown),
  ];
}

export async function notice(id) {
  const [shown, { agency }] = await Promise.all([get("show", { id }), get("status")]);
  const one = shown.notice;
  const kind = BODIES.find((name) => one[name]) || "notice";
  const body = one[kind] || {};
  const first = h("div", {}, above(shown));
  const last = h("div", {}, below(shown, id, kind));
  return {
    content: [
      h1(NAMES[kind] || capital(plain(kind))),
      meta(
        `${one.origin}${one.author ? `, ${one.author}` : ""} · `,
        time(one.created),
        one.exercise ? [" ", tag("exercise", "blue")] : "",
      ),
      one.household ? p(link(`#/household/${one.household}`, "To the household")) : null,
      aboutLink(body),
      facts(said(withoutAbout(body))),
      linkPart(one),
      first,
      answerPart(shown, id, agency),
      last,
    ],
    changed: async () => {
      const now = await get("show", { id });
      refill(first, above(now));
      refill(last, below(now, id, kind));
      if (now.board) announce("The board has changed");
    },
  };
}
