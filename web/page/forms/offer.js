// What this agency says of itself in the directory: a service, who knows, how it is reached.

import { get, post } from "../api.js";
import { p } from "../dom.js";
import { form } from "../form.js";
import { lookFor } from "../views/find.js";
import { code, list, said } from "./parts.js";

const SERVICE = [
  { name: "name", label: "Name" },
  { name: "what", label: "What it is", kind: "text" },
  {
    name: "needs",
    label: "Needs it answers",
    hint: "In a word each, with a comma between: parenting, sleep",
    as: (text) => list(text).map(code),
  },
  { name: "whom", label: "For whom" },
  { name: "not_whom", label: "For whom not" },
  { name: "where", label: "Where" },
  { name: "hours", label: "When it is open" },
  { name: "places", label: "Places in all", kind: "number", as: Number },
  {
    name: "free",
    label: "Places free now",
    hint: "0: it is full, and who refers to it is warned",
    kind: "number",
    as: Number,
  },
];

// id: the agency's own name of one that it offers; none: a new one.
export async function offerService(id) {
  const fields = SERVICE.map((one) => ({ ...one, required: !id && one.name === "name" }));
  const places = fields.find((one) => one.name === "free");
  places.required = (values) => values.places !== "";
  places.missing = "Say how many of the places are free now";
  return form({
    title: id ? "Change a service" : "Offer a service",
    lead: id
      ? p("What you leave empty stays as it was. Saving says that somebody has looked at it now.")
      : p("Everyone in the partnership is told, and finds it in the directory."),
    send: id ? "Save" : "Offer it",
    fields,
    act: async (values, key) => {
      const service = { id: id || code(values.name), ...said(fields, values) };
      service.counted = service.free !== undefined;
      await post("offer", { service }, key);
      return values.name ? lookFor(values.name) : "#/find";
    },
  });
}

export async function offerKnows() {
  return form({
    title: "Say who knows",
    lead: p("Whom others can ask about a subject: a role, never a person."),
    send: "Say so",
    fields: [
      { name: "subject", label: "Subject", hint: "Such as county lines", required: true },
      { name: "role", label: "Role", hint: "Such as exploitation lead", required: true },
    ],
    act: async (knows, key) => {
      await post("offer", { knows }, key);
      return lookFor(knows.subject);
    },
  });
}

export async function offerReach() {
  const { name, agency } = await get("status");
  return form({
    title: "How we are reached",
    lead: p(name || agency),
    send: "Save",
    fields: [
      { name: "phone", label: "The number to ring", required: true },
      { name: "duty_role", label: "Who answers it", hint: "A role, such as duty worker" },
    ],
    act: async (reach, key) => {
      await post("offer", reach, key);
      return "#/find";
    },
  });
}
