// A referral in one screen.

import { get, submit } from "../api.js";
import { p } from "../dom.js";
import { form } from "../form.js";
import { agencyField, code, familyField, others, said } from "./parts.js";

const BASIS = [
  ["public-task", "Public task"],
  ["legal-obligation", "Legal obligation"],
  ["vital-interests", "Vital interests"],
  ["consent", "Consent"],
];
const URGENCY = [
  ["green", "Green"],
  ["amber", "Amber"],
  ["red", "Red"],
];

// Of a service in the directory; each is a reason to look again before sending.
const WARNINGS = {
  "service-full": "I know that it is full",
  "service-stale": "I know that nobody there has looked at it for long",
  "service-not-whom": "I know whom it is not for",
};

const NEED = [
  { name: "need", label: "The need, in the family's own words", kind: "text", required: true },
  {
    name: "need_code",
    label: "The need in a word",
    hint: "As the directory calls it, such as sleep: by it unmet needs are found",
    as: code,
  },
  { name: "service", label: "What is asked for", required: true, rules: Object.keys(WARNINGS) },
  { name: "reason", label: "Why this service, why now", kind: "text" },
  { name: "urgency", label: "How urgent", kind: "choice", options: URGENCY, value: "amber" },
];

const CONSENT = [
  { name: "data_protection", label: "Basis in data protection", kind: "choice", options: BASIS },
  {
    name: "agreed_to_service",
    label: "Did the family agree to the service?",
    hint: "yes, no, or: not asked, because …",
    required: true,
  },
  {
    name: "family_told",
    label: "Was the family told?",
    hint: "yes, or the reason why not",
    required: true,
  },
];

// agency and service: as found in the directory.
export async function refer(id, agency, service) {
  const [family, status] = await Promise.all([familyField(id), get("status")]);
  return form({
    title: "Refer a family",
    send: "Send the referral",
    lead: p("One agency is asked, and answers: accepted, or declined with a next step."),
    fields: [
      family,
      agencyField(others(status), { name: "to", value: agency, rules: ["one-recipient"] }),
      ...NEED.map((one) => (one.name === "service" ? { ...one, value: service } : one)),
      ...CONSENT,
    ],
    warnings: WARNINGS,
    act: async (values, key) => {
      const { household, to, despite } = values;
      const referral = { ...said(NEED, values), basis: said(CONSENT, values) };
      const made = await submit({ household, to: [to], despite, referral }, key);
      return `#/notice/${made.id}`;
    },
  });
}
