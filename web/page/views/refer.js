// A referral in one screen.

import { get, submit } from "../api.js";
import { p } from "../dom.js";
import { form } from "../form.js";

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

export async function refer(id) {
  const [{ households }, status] = await Promise.all([get("household"), get("status")]);
  return form({
    title: "Refer a family",
    send: "Send the referral",
    lead: p("One agency is asked, and answers: accepted, or declined with a next step."),
    fields: [
      {
        name: "household",
        label: "Family",
        kind: "choice",
        required: true,
        value: id,
        options: [
          ["", "Choose a family"],
          ...households.map((one) => [one.id, one.name || one.id]),
        ],
      },
      {
        name: "to",
        label: "Agency",
        kind: "choice",
        required: true,
        options: [["", "Choose an agency"], ...status.owed.map((one) => [one.agency, one.agency])],
      },
      { name: "need", label: "The need, in the family's own words", kind: "text", required: true },
      { name: "service", label: "What is asked for", required: true },
      { name: "reason", label: "Why this service, why now", kind: "text" },
      { name: "urgency", label: "How urgent", kind: "choice", options: URGENCY, value: "amber" },
      {
        name: "data_protection",
        label: "Basis in data protection",
        kind: "choice",
        options: BASIS,
      },
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
    ],
    act: async (
      {
        household,
        to,
        need,
        service,
        reason,
        urgency,
        data_protection,
        agreed_to_service,
        family_told,
      },
      key,
    ) => {
      const basis = { data_protection, agreed_to_service, family_told };
      const made = await submit(
        { household, to: [to], referral: { need, service, reason, urgency, basis } },
        key,
      );
      location.hash = `#/notice/${made.id}`;
    },
  });
}
