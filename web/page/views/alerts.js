// The alert board: a row per agency, silence named. And raising an alert in one screen.

import { feedAll, get, may, submit } from "../api.js";
import { h, h1, h2, link, meta, p, table, tag, time } from "../dom.js";
import { form } from "../form.js";
import { announce, listen } from "../live.js";

const SHOWN = 20;
export const ANSWERS = [
  ["acting", "We are acting"],
  ["known-no-action", "Known to us, no action"],
  ["nothing-known", "Nothing known"],
  ["cannot-share", "We cannot share, because …"],
];
const words = new Map(ANSWERS);

function answerOf(row) {
  if (row.answer)
    return [
      words.get(row.answer) || row.answer,
      row.reason ? `: ${row.reason}` : "",
      row.text ? h("div", { class: "kith-text" }, row.text) : "",
    ];
  if (row.untold) return "not told here";
  return h("span", { class: "kith-silent" }, row.overdue ? "silent, and overdue" : "no answer yet");
}

export function board(one) {
  const rows = one.rows.map((row) => [
    row.agency,
    answerOf(row),
    row.answered ? time(row.answered) : "",
    row.seen_by ? [row.seen_by, " ", time(row.seen)] : row.delivery ? row.delivery.state : "",
    row.escalated_to || "",
  ]);
  return table(
    "Answers, one row an agency",
    ["Agency", "Answer", "When", "Seen", "Escalated to"],
    rows,
    "kith-board",
  );
}

export function boardState(one) {
  const open = !one.state || one.state === "open";
  const silent = one.rows.filter((row) => !row.answer && !row.untold).length;
  const all = one.rows.some((row) => row.untold) ? "open" : "all have answered";
  return [
    tag(
      open ? (silent ? `open, ${silent} silent` : all) : one.state,
      open ? (silent ? "red" : "green") : "grey",
    ),
    one.level ? [" ", tag(one.level, "orange")] : "",
  ];
}

async function boards() {
  const { entries } = await feedAll({});
  const ids = [
    ...new Set(entries.filter((one) => one.kind === "alert").map((one) => one.id)),
  ].reverse();
  const shown = await Promise.all(ids.slice(0, SHOWN).map((id) => get("show", { id })));
  return { more: ids.length - shown.length, list: shown.filter((one) => one.board) };
}

function oneBoard({ board: one, notice }) {
  return h(
    "section",
    { class: "kith-row", "aria-label": "Alert" },
    h(
      "h2",
      { class: "govuk-heading-m" },
      link(`#/notice/${notice.id}`, one.subject),
      " ",
      boardState(one),
    ),
    meta(
      `${one.from || notice.origin} · raised `,
      time(one.raised),
      " · answers by ",
      time(one.reply_by),
    ),
    board(one),
  );
}

export async function alerts() {
  const content = h("div", {});
  const fill = async () => {
    const { list, more } = await boards();
    content.replaceChildren(
      ...(list.length ? list.map(oneBoard) : [p("No alert has been raised here.")]),
      more > 0 ? meta(`${more} older alerts are in the feed.`) : "",
    );
  };
  await fill();
  await listen(async () => {
    await fill();
    announce("The board has changed");
  });
  return [h1("Alerts"), may("submit:alert") ? p(link("#/alert", "Raise an alert")) : null, content];
}

const TIMES = [
  ["1", "in 1 hour"],
  ["4", "in 4 hours"],
  ["24", "in a day"],
  ["72", "in three days"],
];

export async function alertNew(id) {
  const [{ households }, status] = await Promise.all([get("household"), get("status")]);
  return form({
    title: "Raise an alert",
    send: "Raise the alert",
    lead: p(
      "Every agency around the family is asked for an answer. Whoever stays silent is named.",
    ),
    fields: [
      {
        name: "household",
        label: "Family",
        kind: "choice",
        required: true,
        value: id,
        options: [
          ["", "Choose a family"],
          ...households.map((one) => [one.id, one.name || one.id]),
        ],
      },
      {
        name: "subject",
        label: "Subject",
        hint: "One line. Name nobody in it: it is shown where more people see it.",
        required: true,
      },
      { name: "text", label: "What happened, and what you ask", kind: "text", required: true },
      { name: "hours", label: "Answers are needed", kind: "choice", options: TIMES, value: "4" },
    ],
    act: async ({ household, subject, text, hours }, key) => {
      // By the agent's own clock: an exercise's may be moved on.
      const by = new Date(Date.parse(status.now) + Number(hours) * 3600000).toISOString();
      const made = await submit({ household, alert: { subject, text, reply_by: by } }, key);
      location.hash = `#/notice/${made.id}`;
    },
  });
}
