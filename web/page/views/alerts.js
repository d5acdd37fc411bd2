// The alert board: a row per agency, silence named.

import { feedNewest, get, may } from "../api.js";
import { h, h1, link, meta, p, refill, table, tag, time } from "../dom.js";
import { ANSWERS } from "../forms/alert.js";
import { announce } from "../live.js";

const SHOWN = 20;
const LOOKED_THROUGH = 2000;
const words = new Map(ANSWERS.map(([answer, text]) => [answer, text.replace(", because …", "")]));

function answerOf(row) {
  if (row.answer)
    return [
      h("strong", {}, words.get(row.answer) || row.answer),
      row.reason ? `: ${row.reason}` : "",
      row.text ? h("div", { class: "kith-text" }, row.text) : "",
    ];
  if (row.untold) return "not told here";
  return h("span", { class: "kith-silent" }, row.overdue ? "silent, and overdue" : "no answer yet");
}

const RUNGS = {
  told: "told",
  "nobody-on-duty": "nobody on duty",
  acknowledged: "seen by",
  reminded: "reminded",
  "taken-back": "not confirmed by",
  "updated-since": "to look again",
};

// Whom the silence has reached, the newest last.
const rungs = (row) =>
  row.rungs.map((one) => h("div", {}, `${RUNGS[one.what] || one.what} ${one.who}, `, time(one.at)));

function stateOf(row) {
  if (row.seen_by) return ["seen by ", row.seen_by, ", ", time(row.seen)];
  return row.delivery ? row.delivery.state : "";
}

export function board(one) {
  const rows = one.rows.map((row) => [
    row.agency,
    answerOf(row),
    row.answered ? time(row.answered) : "",
    stateOf(row),
    rungs(row),
  ]);
  return table(
    "Answers, one row an agency",
    ["Agency", "Answer", "When", "Where it is", "Whom its silence reached"],
    rows,
    "kith-board",
  );
}

// An alert that is open: who has not answered, as far as this agency is told.
const isOpen = (one) => !one.state || one.state === "open";
const silent = (one) => one.rows.filter((row) => !row.answer && !row.untold).length;

function stateTag(one) {
  if (!isOpen(one)) return tag(one.state, "grey");
  if (silent(one)) return tag(`open, ${silent(one)} silent`, "red");
  return tag(one.rows.some((row) => row.untold) ? "open" : "all have answered", "green");
}

export const boardState = (one) => [
  stateTag(one),
  one.level ? [" ", tag(one.level, "orange")] : "",
  one.outcome ? ` Outcome: ${one.outcome}` : "",
  one.reason ? ` ${one.reason}` : "",
];

async function boards() {
  const entries = await feedNewest(LOOKED_THROUGH);
  const ids = [
    ...new Set(entries.filter((one) => one.kind === "alert").map((one) => one.id)),
  ].reverse();
  const shown = await Promise.all(ids.slice(0, SHOWN).map((id) => get("show", { id })));
  return { more: ids.length - shown.length, list: shown.filter((one) => one.board) };
}

function oneBoard({ board: one, notice }) {
  const kind = !isOpen(one) ? "" : silent(one) ? "kith-alert--silent" : "kith-alert--answered";
  return h(
    "section",
    { class: `kith-alert ${kind}`, "aria-label": `Alert: ${one.subject}` },
    h("h2", { class: "govuk-heading-m" }, link(`#/notice/${notice.id}`, one.subject)),
    p(boardState(one)),
    meta(
      `${one.from || notice.origin} · raised `,
      time(one.raised),
      " · answers by ",
      time(one.reply_by),
    ),
    board(one),
  );
}

async function list() {
  const { list: shown, more } = await boards();
  return [
    shown.length ? shown.map(oneBoard) : p("No alert has been raised here."),
    more > 0 ? meta(`${more} older alerts are in the timelines of their families.`) : "",
  ];
}

export async function alerts() {
  const place = h("div", {}, await list());
  return {
    content: [
      h1("Alerts"),
      may("submit:alert") ? p(link("#/alert", "Raise an alert")) : null,
      place,
    ],
    changed: async () => {
      refill(place, await list());
      announce("The board has changed");
    },
  };
}
