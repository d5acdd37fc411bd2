// One line of a feed, alike everywhere.

import { h, link, meta, tag, time } from "../dom.js";

const COLOURS = {
  urgent: "red",
  shielded: "purple",
  late: "yellow",
  "cause-missing": "yellow",
  early: "yellow",
};
const WORDS = {
  "cause-missing": "what came before is not here yet",
  early: "an earlier message has not arrived",
  "unknown-household": "no known household",
};

export function flags(entry) {
  return entry.flags.map((flag) => [
    " ",
    tag(WORDS[flag] || flag.replaceAll("-", " "), COLOURS[flag]),
  ]);
}

export function entryRow(entry) {
  const urgent = entry.flags.includes("urgent");
  return h(
    "li",
    { class: `kith-row ${urgent ? "kith-row--urgent" : ""}`, "data-entry": entry.id },
    h(
      "div",
      {},
      link(`#/notice/${entry.id}`, entry.summary || entry.kind),
      flags(entry),
      entry.fresh ? [" ", tag("new", "blue")] : null,
    ),
    meta(
      `${entry.origin} · ${entry.kind} · `,
      time(entry.occurred || entry.received),
      entry.minutes_spent ? ` · ${entry.minutes_spent} min` : "",
      entry.folded ? ` · and ${entry.folded} more of the same` : "",
    ),
  );
}

export const entryList = (entries, label) =>
  h("ul", { class: "kith-list", "aria-label": label }, entries.map(entryRow));
