// The combined feed by household, live; and what names no known household.

import { feedAll, get, may, post } from "../api.js";
import { h, h1, link, listOf, meta, p, refill, tag, time } from "../dom.js";
import { doing } from "../form.js";
import { announce, feedEnd } from "../live.js";
import { entryList, flags, silences } from "./entry.js";

// Every page: what needs eyes first is first.
async function groups() {
  const all = [];
  let page;
  do {
    page = await get("groups", { limit: 1000, after: all.length ? all.at(-1).household : "" });
    all.push(...page.groups);
  } while (page.more);
  return all;
}

function row(group) {
  const address = group.household ? `#/household/${group.household}` : "#/front-door";
  const name = group.household
    ? group.name || "Household without a name"
    : "Front door: no known household is named";
  const { latest } = group;
  const urgent = Number(group.urgent) > 0;
  return h(
    "li",
    { class: `kith-row ${urgent ? "kith-row--urgent" : ""}` },
    h(
      "h2",
      { class: "govuk-heading-s" },
      link(address, name),
      urgent ? [" ", tag("urgent", "red")] : null,
      Number(group.fresh) ? [" ", tag(`${group.fresh} new`, "blue")] : null,
      group.orphaned ? [" ", tag("no lead", "orange")] : null,
    ),
    latest ? h("div", {}, latest.summary || latest.kind, flags(latest, ["urgent"])) : null,
    meta(
      latest ? [`${latest.origin} · `, time(latest.received), " · "] : "",
      `${group.entries} ${Number(group.entries) === 1 ? "entry" : "entries"}`,
      group.lead ? ` · lead: ${group.lead}` : "",
      Number(group.snoozed) ? ` · ${group.snoozed} snoozed` : "",
    ),
  );
}

// After this nothing up to there is new to this person: of one household, or of all.
export function lookedAt(household, upTo) {
  if (!may("looked") || !upTo) return null;
  return doing("I have looked at all of this", async () => {
    await post("looked", { household, up_to: upTo });
  });
}
export const lastOf = (entries) => Math.max(0, ...entries.map((one) => Number(one.seq)));

async function list() {
  const upTo = await feedEnd(); // before the groups: what came later was not looked at
  const rows = await groups();
  return [
    rows.length ? listOf("Households", rows.map(row)) : p("Nothing has arrived yet."),
    rows.some((one) => Number(one.fresh)) ? lookedAt(undefined, upTo) : null,
  ];
}

export async function feed() {
  const [rows, { silent }] = await Promise.all([list(), get("feed", { limit: 1 })]);
  const place = h("div", {}, rows);
  const state = meta("");
  return {
    content: [
      h1("Feed"),
      state,
      h(
        "p",
        { class: "govuk-body kith-actions" },
        may("submit:alert") ? link("#/alert", "Raise an alert") : null,
        may("submit:household_change") ? link("#/open", "Open a household") : null,
        may("snoozes") ? link("#/snoozes", "Snoozed") : null,
      ),
      silences(silent),
      place,
    ],
    changed: async (entries) => {
      refill(place, await list());
      announce(`${entries.length} new ${entries.length === 1 ? "entry" : "entries"} in the feed`);
    },
    connected: (yes) => {
      state.textContent = yes
        ? "Live: what arrives shows here by itself."
        : "Not connected: trying again.";
    },
  };
}

const FRONT_DOOR = "00000000-0000-0000-0000-000000000000";

export async function frontDoor() {
  const { entries } = await feedAll({ front_door: true });
  return [
    h1("Front door"),
    p(
      "What names no household that this agency knows. ",
      "Nothing here is lost; a person decides whose it is.",
    ),
    entries.length ? entryList(entries.reverse(), "Entries") : p("Nothing is waiting."),
    entries.length ? lookedAt(FRONT_DOOR, lastOf(entries)) : null,
  ];
}
