// The combined feed by household, live; and what names no known household.

import { feedAll, get, maybe, may } from "../api.js";
import { h, h1, link, meta, p, tag, time } from "../dom.js";
import { announce, listen } from "../live.js";
import { entryList, flags } from "./entry.js";

// The same as the agent's own grouping, for one that does not know the request yet.
async function groupsOfFeed() {
  const [{ entries }, { households }] = await Promise.all([feedAll({}), get("household")]);
  const groups = new Map(
    households.map((one) => [
      one.id,
      {
        household: one.id,
        name: one.name,
        entries: 0,
        fresh: 0,
        urgent: 0,
        lead: one.lead ? `${one.lead.role}, ${one.lead.agency}` : "",
        orphaned: one.orphaned,
      },
    ]),
  );
  for (const entry of entries) {
    const id = groups.has(entry.household) ? entry.household : "";
    const group = groups.get(id) || {
      household: "",
      name: "",
      entries: 0,
      fresh: 0,
      urgent: 0,
      lead: "",
    };
    groups.set(id, group);
    group.entries++;
    group.latest = entry;
    group.latest_at = entry.received;
    if (entry.flags.includes("urgent")) group.urgent++;
  }
  const rows = [...groups.values()].sort((a, b) =>
    (b.latest_at || "").localeCompare(a.latest_at || ""),
  );
  return [...rows.filter((one) => one.household), ...rows.filter((one) => !one.household)];
}

async function groups() {
  const answer = await maybe("groups", { limit: 1000 });
  return answer
    ? answer.groups.map((one) => ({ ...one, latest_at: one.latest && one.latest.received }))
    : groupsOfFeed();
}

function row(group) {
  const address = group.household ? `#/household/${group.household}` : "#/front-door";
  const name = group.household
    ? group.name || "Household without a name"
    : "Front door: no known household is named";
  const latest = group.latest;
  return h(
    "li",
    { class: `kith-row ${group.urgent ? "kith-row--urgent" : ""}` },
    h(
      "h2",
      { class: "govuk-heading-s" },
      link(address, name),
      group.urgent ? [" ", tag("urgent", "red")] : null,
      group.fresh ? [" ", tag(`${group.fresh} new`, "blue")] : null,
      group.orphaned ? [" ", tag("no lead", "orange")] : null,
    ),
    latest ? h("div", { class: "govuk-body" }, latest.summary || latest.kind, flags(latest)) : null,
    meta(
      latest ? [`${latest.origin} · `, time(group.latest_at), " · "] : "",
      `${group.entries} ${Number(group.entries) === 1 ? "entry" : "entries"}`,
      group.lead ? ` · lead: ${group.lead}` : "",
      Number(group.snoozed) ? ` · ${group.snoozed} snoozed` : "",
    ),
  );
}

export function silences(silent) {
  return (silent || []).map((one) =>
    h(
      "div",
      { class: "govuk-inset-text" },
      `${one.agency} has been silent since `,
      time(one.silent_since),
      ". That nothing came from there does not mean that nothing happened.",
    ),
  );
}

export async function feed() {
  const [rows, { silent }] = await Promise.all([groups(), get("feed", { limit: 1 })]);
  const list = h("ul", { class: "kith-list", "aria-label": "Households" }, rows.map(row));
  const state = meta("");
  await listen(
    async (entries) => {
      const focused = document.activeElement && document.activeElement.getAttribute("href");
      list.replaceChildren(...(await groups()).map(row));
      if (focused && list.querySelector(`a[href="${focused}"]`))
        list.querySelector(`a[href="${focused}"]`).focus();
      announce(`${entries.length} new ${entries.length === 1 ? "entry" : "entries"} in the feed`);
    },
    (connected) => {
      state.textContent = connected
        ? "Live: what arrives shows here by itself."
        : "Not connected: trying again.";
    },
  );
  return [
    h1("Feed"),
    state,
    may("submit:alert") ? p(link("#/alert", "Raise an alert")) : null,
    silences(silent),
    rows.length ? list : [p("Nothing has arrived yet."), list],
  ];
}

export async function frontDoor() {
  const { entries } = await feedAll({ front_door: true });
  return [
    h1("Front door"),
    p(
      "What names no household that this agency knows. ",
      "Nothing here is lost; a person decides whose it is.",
    ),
    entries.length ? entryList(entries.reverse(), "Entries") : p("Nothing is waiting."),
  ];
}
