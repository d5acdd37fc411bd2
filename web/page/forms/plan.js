// A household's plan: one more outcome, how one goes on and ends, and the review.

import { get, submit } from "../api.js";
import { h, p } from "../dom.js";
import { form } from "../form.js";
import { agencyField, familyOf, list, onDay, said, seated } from "./parts.js";

const TEXT = {
  name: "text",
  label: "What is to be reached",
  hint: "In one line, as the family would say it",
  required: true,
};
const EXPECTS = {
  name: "expects",
  label: "Events that it foresees",
  hint: "Topics with a comma between, such as early-help.visit; what is not foreseen is marked",
  as: list,
  rules: ["outcome-expects"],
};
const BY = {
  name: "by",
  label: "By when",
  kind: "date",
  as: onDay,
  rules: ["date-past"],
};

const ENDS = [
  ["", "As it is"],
  ["met", "Met"],
  ["not-met", "Not met"],
  ["dropped", "Dropped"],
];

// How it stands: its end, or that the end is taken back.
function stateFields(held) {
  const ended = held.state && held.state !== "open";
  return [
    {
      name: "state",
      label: "How it stands",
      kind: "choice",
      options: ended ? [ENDS[0], ["open", "Open again"]] : ENDS,
      rules: ["outcome-state"],
    },
    {
      name: "need_met",
      label: "Does the family say so?",
      kind: "boxes",
      options: [["yes", "Yes, the family says that it is met"]],
      required: ({ state }) => state === "met",
      missing: "Met is by the family's own yes",
      as: ([yes]) => yes,
    },
    {
      name: "reason",
      label: "Why it was not met, or is dropped",
      kind: "text",
      required: ({ state }) => state === "not-met" || state === "dropped",
      missing: "Say why it was not met, or is dropped",
    },
  ];
}

// id: of the outcome that changes; none: one more.
export async function outcome(household, id) {
  const family = await familyOf(household);
  const plan = id ? await get("plan", { household }) : { outcomes: [] };
  const held = plan.outcomes.find((one) => one.id === id);
  const owner = agencyField(seated(family), {
    name: "owner",
    label: "Who sees to it",
    value: held ? held.owner : "",
    rules: ["outcome-owner"],
  });
  const common = [
    { ...TEXT, value: held ? held.text : "" },
    owner,
    { ...BY, value: held && held.by ? held.by.slice(0, 10) : "" },
    { ...EXPECTS, value: held ? held.expects.join(", ") : "" },
  ];
  const fields = held ? [...stateFields(held), ...common] : common;
  return form({
    title: held ? "How an outcome goes on" : "Add an outcome",
    lead: held ? h("p", { class: "govuk-body-l kith-text" }, held.text) : p(family.name),
    send: held ? "Save" : "Add it to the plan",
    fields,
    act: async (values, key) => {
      const changed = { ...(id ? { id } : {}), ...said(fields, values) };
      await submit({ household, plan: { outcomes: [changed] } }, key);
      return `#/household/${household}`;
    },
  });
}

export async function review(household) {
  const family = await familyOf(household);
  const fields = [
    {
      name: "review",
      label: "When it is looked at again",
      kind: "date",
      required: true,
      as: onDay,
      rules: ["review-past"],
    },
    { name: "family_view", label: "What the family says, in their own words", kind: "text" },
  ];
  return form({
    title: "Review the plan",
    lead: p(family.name),
    send: "Save the review",
    fields,
    act: async (values, key) => {
      await submit({ household, plan: said(fields, values) }, key);
      return `#/household/${household}`;
    },
  });
}
