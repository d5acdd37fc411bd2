// One line of a feed, alike everywhere; and what says how alive an agency is.

import { h, inset, link, listOf, meta, tag, time } from "../dom.js";

const COLOURS = {
  urgent: "red",
  shielded: "purple",
  orphaned: "orange",
  unplanned: "turquoise",
  late: "yellow",
  "cause-missing": "yellow",
  early: "yellow",
};
const WORDS = {
  "cause-missing": "what came before is not here yet",
  early: "an earlier message has not arrived",
  "unknown-household": "no known household",
  unplanned: "not in the plan",
};

export function flags(entry, without = []) {
  return entry.flags
    .filter((flag) => !without.includes(flag))
    .map((flag) => [" ", tag(WORDS[flag] || flag.replaceAll("-", " "), COLOURS[flag])]);
}

// A mail that waits is no notice.
const addressOf = (entry) => `#/${entry.kind === "mail" ? "mail" : "notice"}/${entry.id}`;

function entryRow(entry) {
  const urgent = entry.flags.includes("urgent");
  const at = entry.occurred || entry.received;
  return h(
    "li",
    { class: `kith-row kith-entry ${urgent ? "kith-row--urgent" : ""}`, "data-entry": entry.id },
    h("div", { class: "kith-entry__at kith-meta" }, time(at)),
    h(
      "div",
      {},
      h(
        "div",
        {},
        link(addressOf(entry), entry.summary || entry.kind),
        flags(entry),
        entry.fresh ? [" ", tag("new", "blue")] : null,
      ),
      meta(
        `${entry.origin} · ${entry.kind.replaceAll("-", " ")}`,
        entry.minutes_spent ? ` · ${entry.minutes_spent} min` : "",
        entry.folded ? ` · and ${entry.folded} more of the same` : "",
      ),
    ),
  );
}

export const entryList = (entries, label) => listOf(label, entries.map(entryRow));

// Silence is no news: it is said where somebody could take it for it.
export const silences = (silent) =>
  (silent || []).map((one) =>
    inset(
      `${one.agency} has been silent since `,
      time(one.silent_since),
      ". That nothing came from there does not mean that nothing happened.",
    ),
  );
