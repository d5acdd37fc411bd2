// One household: what happened, who is around it, what it costs, what is planned; the handing over.

import { feedAll, get, may, maybe, submit } from "../api.js";
import { facts, h, h1, h2, link, meta, p, svg, table, tag, time } from "../dom.js";
import { form } from "../form.js";
import { announce, listen } from "../live.js";
import { entryList } from "./entry.js";

export const still = (one) => !one.to;

async function find(id) {
  return (await get("household", { id })).households[0];
}

function people(family) {
  const rows = family.members.map((one) => [
    one.name || "(no name)",
    one.role,
    one.shielded ? tag("shielded", "purple") : "",
    still(one) ? "" : time(one.to),
    one.trusted_with || "",
  ]);
  return rows.length
    ? table("People", ["Name", "Role", "", "Until", "Trusted with"], rows)
    : p("Nobody is named.");
}

function team(family) {
  const rows = family.team.map((one) => [
    one.agency,
    time(one.from),
    still(one) ? "still" : time(one.to),
  ]);
  return rows.length
    ? table("Team around the family", ["Agency", "Since", "Until"], rows)
    : p("No agency has joined yet.");
}

// ---- what it costs ----

async function load(id, entries) {
  const answer = await maybe("load", { household: id });
  if (answer) {
    const whole = answer.rows.filter((one) => !one.kind);
    return { rows: whole.length ? whole : answer.rows, underlaps: answer.underlaps, costed: true };
  }
  const by = new Map();
  for (const entry of entries.filter((one) => one.topic !== "household")) {
    const row = by.get(entry.origin) || { agency: entry.origin, count: 0, minutes: 0 };
    by.set(entry.origin, row);
    row.count++;
    row.minutes += entry.minutes_spent;
  }
  return { rows: [...by.values()], underlaps: [], costed: false };
}

const pounds = (pence) =>
  (Number(pence) / 100).toLocaleString("en-GB", { style: "currency", currency: "GBP" });

// Bars of how often; the table beside it says the same in figures.
function chart(rows) {
  const most = Math.max(...rows.map((one) => Number(one.count)), 1),
    height = 28;
  return svg(
    "svg",
    {
      class: "kith-chart",
      viewBox: `0 0 600 ${rows.length * height}`,
      role: "img",
      "aria-label": "How often each agency was involved; the figures are in the table",
    },
    rows.map((one, i) => {
      const width = Math.max(2, Math.round((320 * Number(one.count)) / most)),
        y = i * height;
      return [
        svg("text", { x: 0, y: y + 18 }, one.agency),
        svg("rect", { x: 180, y: y + 4, width, height: height - 8 }),
        svg("text", { x: 188 + width, y: y + 18 }, String(one.count)),
      ];
    }),
  );
}

function loadPart({ rows, underlaps, costed }) {
  if (!rows.length) return [h2("Load"), p("Nothing is counted yet.")];
  const head = ["Agency", "How often", "Hours", ...(costed ? ["Cost"] : [])];
  const cells = rows.map((one) => [
    one.agency,
    String(one.count),
    (Number(one.minutes) / 60).toFixed(1),
    ...(costed ? [pounds(one.cost)] : []),
  ]);
  return [
    h2("Load"),
    chart(rows),
    table("Load by agency", head, cells),
    underlaps.map((one) =>
      h(
        "div",
        { class: "govuk-inset-text" },
        one.what === "same-need-twice"
          ? "The same need is carried twice: "
          : "Nobody carries this need: ",
        one.need,
        one.agencies.length ? ` (${one.agencies.join(", ")})` : "",
      ),
    ),
  ];
}

// ---- the plan ----

function planPart(plan) {
  if (!plan) return [h2("Plan"), p("There is no plan here yet.")];
  return [
    h2("Plan"),
    plan.family_view
      ? h("blockquote", { class: "govuk-inset-text kith-text" }, plan.family_view)
      : null,
    plan.review
      ? p(
          "It is looked at again on ",
          time(plan.review),
          plan.review_overdue ? [" ", tag("overdue", "red")] : "",
        )
      : null,
    table(
      "What is to be achieved",
      ["Outcome", "Who", "By", "State"],
      plan.outcomes.map((one) => [one.text, one.owner, time(one.by), one.state || "open"]),
    ),
  ];
}

// ---- the page ----

function actions(family) {
  return h(
    "p",
    { class: "govuk-body kith-actions" },
    may("submit:alert") ? link(`#/alert/${family.id}`, "Raise an alert") : null,
    may("submit:referral") ? link(`#/refer/${family.id}`, "Refer") : null,
    may("submit:household_change") ? link(`#/hand-over/${family.id}`, "Hand over the lead") : null,
  );
}

export async function household(id) {
  const family = await find(id);
  const [{ entries }, plan] = await Promise.all([
    feedAll({ household: id, by_time: true }),
    maybe("plan", { household: id }),
  ]);
  const counted = await load(id, entries);
  const place = h("div", {}, entryList(entries.reverse(), "Timeline"));
  await listen(async (came) => {
    if (!came.some((one) => one.household === id)) return;
    place.replaceChildren(
      entryList((await feedAll({ household: id, by_time: true })).entries.reverse(), "Timeline"),
    );
    announce("The timeline has something new");
  });
  const shielded = family.members.some((one) => one.shielded);
  return [
    h1(family.name || "Household"),
    shielded
      ? p(
          tag("shielded", "purple"),
          " Somebody here is shielded: their name and where they are stay out of copies.",
        )
      : null,
    actions(family),
    facts([
      [
        "Lead practitioner",
        family.lead
          ? `${family.lead.role}, ${family.lead.agency}`
          : family.orphaned
            ? "nobody: it had one"
            : "nobody",
      ],
      ["Read first", family.lead ? family.lead.read_first : ""],
      ["Opened", `${family.opened_by}: ${family.reason}`],
    ]),
    h2("Timeline"),
    entries.length ? place : [p("Nothing has happened here yet."), place],
    h2("Team"),
    team(family),
    h2("People"),
    people(family),
    loadPart(counted),
    planPart(plan),
  ];
}

export async function handOver(id) {
  const [family, status] = await Promise.all([find(id), get("status")]);
  const agencies = [status.agency, ...status.owed.map((one) => one.agency)].sort();
  return form({
    title: "Hand over the lead",
    send: "Hand over",
    lead: [
      p(family.name),
      meta(
        "A household's feed belongs to its lead practitioner: a role, never a person's mailbox.",
      ),
    ],
    fields: [
      {
        name: "agency",
        label: "Agency",
        kind: "choice",
        options: agencies.map((one) => [one, one]),
        required: true,
      },
      {
        name: "role",
        label: "Role",
        hint: "As this agency calls it, for example family worker",
        required: true,
      },
      { name: "read_first", label: "What your successor is to read before all else", kind: "text" },
      { name: "reason", label: "Why", required: true },
    ],
    act: async (lead, key) => {
      await submit({ household: id, household_change: { lead } }, key);
      location.hash = `#/household/${id}`;
    },
  });
}
