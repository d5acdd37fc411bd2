// What several forms have in common: choices made from what the agent knows, and how what a person
// enters is said to it.

import { get } from "../api.js";

export async function familyOf(id) {
  return (await get("household", { id })).households[0];
}

export const still = (one) => !one.to;
export const seated = (family) => family.team.filter(still).map((one) => one.agency);

// The first of a choice: nothing yet, or what choosing nothing means.
const choice = (first, values) => [["", first], ...values.map((one) => [one, one])];

// Every other agency of the partnership.
export const others = (status) => status.owed.map((one) => one.agency).sort();

export function agencyField(agencies, field) {
  return {
    name: "agency",
    label: "Agency",
    kind: "choice",
    required: true,
    ...field,
    options: choice("Choose an agency", agencies),
  };
}

export async function familyField(id) {
  const { households } = await get("household");
  return {
    name: "household",
    label: "Family",
    kind: "choice",
    required: true,
    value: id,
    options: [["", "Choose a family"], ...households.map((one) => [one.id, one.name || one.id])],
  };
}

// The family's own answer to whether the need is met, or why it was not asked.
export const NEED_MET = [
  {
    name: "need_met",
    label: "Does the family say that the need is met?",
    kind: "choice",
    required: true,
    options: [
      ["", "Choose their answer"],
      ["yes", "Yes"],
      ["no", "No"],
      ["not-asked", "They were not asked"],
    ],
  },
  {
    name: "not_asked",
    label: "Why the family was not asked",
    hint: "Only if they were not",
    required: (values) => values.need_met === "not-asked",
    missing: "Say why the family was not asked",
  },
];

// ---- how it is said ----

// Codes are what agencies count by: a few words become one.
export const code = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^[-.]+|-+$/g, "");
export const pence = (text) => Math.round(Number(text) * 100);
export const list = (text) => text.split(/[\s,]+/).filter(Boolean);
// The end of a working day, where the browser is.
export const onDay = (text) => new Date(`${text}T17:00`).toISOString();
// By the agent's own clock: an exercise's may be moved on.
export const inHours = (status, hours) =>
  new Date(Date.parse(status.now) + Number(hours) * 3600000).toISOString();

// The members that were said, each as its field puts it; what was left empty is left out.
export function said(fields, values) {
  const pairs = fields
    .filter((one) => values[one.name].length)
    .map((one) => [one.name, one.as ? one.as(values[one.name]) : values[one.name]]);
  const members = Object.fromEntries(pairs);
  if (members.need_met === "not-asked") delete members.need_met;
  else delete members.not_asked;
  return members;
}
