// One household: what happened, who is around it, what is planned, what it costs.

import { feedAll, get, may, me } from "../api.js";
import {
  day,
  h,
  h1,
  h2,
  inset,
  link,
  listOf,
  meta,
  more,
  p,
  refill,
  svg,
  table,
  tag,
} from "../dom.js";
import { familyOf, still } from "../forms/parts.js";
import { announce } from "../live.js";
import { entryList, silences } from "./entry.js";
import { lastOf, lookedAt } from "./feed.js";
import { overdue, taskRow } from "./inbox.js";
import { pounds } from "./pots.js";

// ---- who is around it ----

function person(one) {
  return h(
    "li",
    { class: "kith-row" },
    one.name || "(no name)",
    one.shielded ? [" ", tag("shielded", "purple")] : "",
    meta(
      [one.role, one.beyond ? "beyond the address" : "", one.trusted_with]
        .filter(Boolean)
        .join(" · "),
      still(one) ? "" : [" · until ", day(one.to)],
    ),
  );
}

const people = (family) =>
  family.members.length ? listOf("People", family.members.map(person)) : p("Nobody is named.");

function seat(one) {
  return h(
    "li",
    { class: "kith-row" },
    one.agency,
    meta("since ", day(one.from), still(one) ? "" : [" until ", day(one.to)]),
  );
}

const team = (family) =>
  family.team.length ? listOf("Team", family.team.map(seat)) : p("No agency has joined yet.");

function leadOf(family) {
  if (family.lead) return `${family.lead.role}, ${family.lead.agency}`;
  return family.orphaned ? `nobody: ${family.lead_wanted || "it had one"}` : "nobody";
}

// ---- what it costs ----

// One line an agency, of one a topic.
function byAgency(rows) {
  const sums = new Map();
  for (const row of rows) {
    const sum = sums.get(row.agency) || { agency: row.agency };
    for (const name of ["count", "minutes", "cost", "uncosted"])
      sum[name] = (sum[name] || 0) + Number(row[name]);
    sums.set(row.agency, sum);
  }
  return [...sums.values()];
}

// Bars of how often; the table beside it says the same in figures.
function chart(rows) {
  const most = Math.max(...rows.map((one) => one.count), 1),
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
      const width = Math.max(2, Math.round((320 * one.count) / most)),
        y = i * height;
      return [
        svg("text", { x: 0, y: y + 18 }, one.agency),
        svg("rect", { x: 180, y: y + 4, width, height: height - 8 }),
        svg("text", { x: 188 + width, y: y + 18 }, String(one.count)),
      ];
    }),
  );
}

const hours = (minutes) =>
  `${Math.floor(minutes / 60)}:${String(Number(minutes) % 60).padStart(2, "0")}`;
const figures = (one) => [
  String(one.count),
  hours(one.minutes),
  pounds(one.cost),
  Number(one.uncosted) ? String(one.uncosted) : "",
];
const FIGURES = ["How often", "Hours", "Cost", "Not costed"];

function underlap(one) {
  const what = {
    "same-need-twice": "Two agencies are asked to meet the same need",
    "need-not-accepted": "No agency has accepted this need",
  }[one.what];
  return inset(
    `${what || one.what}: ${one.need}, since `,
    day(one.since),
    one.agencies.length ? ` (asked: ${one.agencies.join(", ")})` : "",
  );
}

function loadPart(load) {
  const rows = byAgency(load.rows);
  if (!rows.length) return [h2("Load"), p("Nothing is counted yet.")];
  return [
    h2("Load"),
    chart(rows),
    table(
      "Load by agency",
      ["Agency", ...FIGURES],
      [...rows.map((one) => [one.agency, ...figures(one)]), ["all", ...figures(load)]],
    ),
    more(
      "By what happened",
      table(
        "Load by topic",
        ["Topic", "Agency", ...FIGURES],
        load.rows.map((one) => [one.topic, one.agency, ...figures(one)]),
      ),
    ),
    load.limits.length
      ? p(`Limits of the partnership that are passed: ${load.limits.join(", ")}.`)
      : null,
    load.underlaps.map(underlap),
  ];
}

// ---- the plan ----

const STATES = { "not-met": "not met", met: "met", dropped: "dropped" };

function outcomeRow(one, household) {
  const state = STATES[one.state] || "open";
  return h(
    "li",
    { class: "kith-row" },
    may("submit:plan") ? link(`#/outcome/${household}/${one.id}`, one.text) : one.text,
    " ",
    tag(state, { met: "green", open: "blue" }[state]),
    meta(one.owner, one.by ? [" · by ", day(one.by)] : "", one.reason ? ` · ${one.reason}` : ""),
  );
}

function planPart(plan, household) {
  const links = may("submit:plan")
    ? h(
        "p",
        { class: "govuk-body kith-actions" },
        link(`#/outcome/${household}`, "Add an outcome"),
        plan ? link(`#/review/${household}`, "Review the plan") : null,
      )
    : null;
  if (!plan) return [h2("Plan"), p("There is no plan here yet."), links];
  return [
    h2("Plan"),
    plan.family_view ? h("blockquote", { class: "govuk-inset-text" }, plan.family_view) : null,
    listOf(
      "What is to be reached",
      plan.outcomes.map((one) => outcomeRow(one, household)),
    ),
    plan.review
      ? p(
          "It is looked at again on ",
          day(plan.review),
          plan.review_overdue ? [" ", tag("overdue", "red")] : "",
        )
      : null,
    Number(plan.unplanned)
      ? p(`${plan.unplanned} of what came since it began it does not foresee.`)
      : null,
    links,
  ];
}

// ---- the page ----

const ACTIONS = [
  ["submit:alert", "alert", "Raise an alert"],
  ["submit:referral", "refer", "Refer"],
  ["submit:household_change", "hand-over", "Hand over the lead"],
];
const FURTHER = [
  ["submit:assessment", "assessment", "Ask for an assessment"],
  ["submit:small_help", "small-help", "Ask for small help"],
  ["snooze", "snooze", "Snooze"],
  ["submit:household_change", "member", "Name a person"],
  ["submit:household_change", "team", "Change the team"],
];

// A mail to Kith whose subject names the family by the end of its id, and by nothing else.
const byMail = (family) =>
  link(
    `mailto:${me.mail_address}?subject=${encodeURIComponent(`${family.id.slice(-12)}: `)}`,
    "Raise an alert by mail",
  );

function actions(family) {
  const links = (list) =>
    list.filter(([what]) => may(what)).map(([, to, text]) => link(`#/${to}/${family.id}`, text));
  const end = isClosed(family)
    ? ["submit:household_change", "reopen", "Reopen the household"]
    : ["submit:household_change", "close", "Close the household"];
  const further = links([...FURTHER, end]);
  if (me.mail_address && may("submit:alert")) further.push(byMail(family));
  return h(
    "div",
    { class: "kith-actions" },
    h("p", { class: "govuk-body kith-actions" }, links(ACTIONS)),
    further.length ? more("More", h("p", { class: "govuk-body kith-actions" }, further)) : null,
  );
}

const isClosed = (family) => Boolean(family.closing) && !family.closing.reopened;

function marks(family) {
  const shielded = family.members.some((one) => one.shielded);
  const { closing } = family;
  return [
    isClosed(family)
      ? p(
          tag("closed", "grey"),
          ` Outcome: ${closing.outcome}. The family on whether the need is met: `,
          `${closing.need_met || `not asked, ${closing.not_asked}`}.`,
        )
      : null,
    family.orphaned ? p(tag("no lead", "orange"), " A lead practitioner is wanted.") : null,
    shielded
      ? p(
          tag("shielded", "purple"),
          " Somebody here is shielded: their name and where they are stay out of copies.",
        )
      : null,
  ];
}

const SHOWN = 30;
const SECONDARY = "govuk-button govuk-button--secondary";

// The newest; all of it once somebody has asked for that (shown.all).
function timeline(entries, total, shown) {
  if (!entries.length) return [h2("Timeline"), p("Nothing has happened here yet.")];
  const newest = [...entries].reverse();
  const place = h("div", {});
  const some = () => (shown.all ? newest : newest.slice(0, SHOWN));
  const count = () =>
    some().length < newest.length ? p(`The newest ${SHOWN} of ${newest.length}.`) : null;
  const fill = () => refill(place, entryList(some(), "Timeline"), count());
  const showAll = (event) => {
    shown.all = true;
    fill();
    event.target.remove();
    place.querySelectorAll("a")[SHOWN].focus();
  };
  fill();
  const hidden = total - entries.length;
  const label = `Show all ${newest.length}`;
  return [
    h2("Timeline"),
    place,
    newest.length > SHOWN && !shown.all
      ? h("button", { type: "button", class: SECONDARY, onclick: showAll }, label)
      : null,
    hidden > 0 ? p(`${hidden} more are snoozed or folded into others.`) : null,
    newest.some((one) => one.fresh) ? lookedAt(entries[0].household, lastOf(entries)) : null,
  ];
}

function toDo(family, status) {
  if (!family.tasks.length) return null;
  return [
    h2("To do here"),
    listOf(
      "To do here",
      family.tasks.map((task) => taskRow(task, overdue(task, status))),
    ),
  ];
}

function unacknowledged(family) {
  const entries = family.unacknowledged;
  if (!entries.length) return null;
  return more(
    `Nobody here has acknowledged ${entries.length} of what came`,
    entryList(entries, "Nobody here has acknowledged"),
  );
}

const about = (family) => [
  p(h("strong", {}, "Lead practitioner: "), leadOf(family)),
  family.lead && family.lead.read_first
    ? inset(h("strong", {}, "Read first: "), family.lead.read_first)
    : null,
];

// Who is around the family, and what they are at: beside what happened.
const around = (family, plan, id) => [
  planPart(plan, id),
  family.assessment
    ? [h2("Assessment"), p(link(`#/notice/${family.assessment}`, "The newest assessment"))]
    : null,
  h2("Team"),
  team(family),
  h2("People"),
  people(family),
  meta(`Opened by ${family.opened_by}, `, day(family.opened), `: ${family.reason}`),
];

async function parts(id, shown) {
  const [family, feed, load, status] = await Promise.all([
    familyOf(id),
    feedAll({ household: id, by_time: true }),
    may("load") ? get("load", { household: id }) : null,
    get("status"),
  ]);
  const plan = family.plan && may("plan") ? await get("plan", { household: id }) : null;
  const happened = [
    toDo(family, status),
    timeline(feed.entries, feed.total, shown),
    unacknowledged(family),
  ];
  return [
    h1(family.name || "Household"),
    marks(family),
    about(family),
    actions(family),
    silences(feed.silent),
    h("div", { class: "kith-two" }, h("div", {}, happened), h("div", {}, around(family, plan, id))),
    load ? loadPart(load) : null,
  ];
}

export async function household(id) {
  const shown = { all: false };
  const place = h("div", {}, await parts(id, shown));
  return {
    content: place,
    changed: async (came) => {
      if (!came.some((one) => one.household === id)) return;
      refill(place, await parts(id, shown));
      announce("Something is new about this household");
    },
  };
}
