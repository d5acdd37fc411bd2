// Raising an alert in one screen, and answering one.

import { get, submit } from "../api.js";
import { h2, p } from "../dom.js";
import { form } from "../form.js";
import { familyField, inHours, others } from "./parts.js";

export const ANSWERS = [
  ["acting", "We are acting"],
  ["known-no-action", "Known to us, no action"],
  ["nothing-known", "Nothing known"],
  ["cannot-share", "We cannot share, because …"],
];

export const TIMES = [
  ["1", "in 1 hour"],
  ["4", "in 4 hours"],
  ["24", "in a day"],
  ["72", "in three days"],
];

export const LEVEL = {
  name: "level",
  label: "How serious",
  hint: "As your partnership calls it, such as concern",
  rules: ["alert-level"],
};

export async function raise(id) {
  const [family, status] = await Promise.all([familyField(id), get("status")]);
  return form({
    title: "Raise an alert",
    send: "Raise the alert",
    lead: p(
      "Every agency around the family is asked for an answer. Whoever stays silent is named.",
    ),
    fields: [
      { ...family, rules: ["nobody-to-ask", "household-unknown"] },
      {
        name: "subject",
        label: "Subject",
        hint: "One line. Name nobody in it: it is shown where more people see it.",
        required: true,
      },
      { name: "text", label: "What happened, and what you ask", kind: "text", required: true },
      {
        name: "hours",
        label: "Answers are needed",
        kind: "choice",
        options: TIMES,
        value: "4",
        rules: ["alert-reply-by"],
      },
      LEVEL,
      {
        name: "to",
        label: "Ask only these agencies",
        hint: "Nobody chosen: everyone around the family",
        kind: "boxes",
        options: others(status).map((one) => [one, one]),
        rules: ["to"],
      },
    ],
    act: async ({ household, subject, text, hours, level, to }, key) => {
      const alert = { subject, text, level, reply_by: inHours(status, hours) };
      const made = await submit({ household, alert, to }, key);
      return `#/notice/${made.id}`;
    },
  });
}

export function replyForm(id) {
  return form({
    lead: h2("Answer"),
    send: "Send the answer",
    fields: [
      {
        name: "answer",
        label: "Your agency's answer",
        kind: "choice",
        options: [["", "Choose an answer"], ...ANSWERS],
        required: true,
      },
      {
        name: "reason",
        label: "Why it cannot be shared",
        hint: "Only for “we cannot share”",
        required: ({ answer }) => answer === "cannot-share",
        missing: "Say why it cannot be shared",
      },
      { name: "text", label: "What you know, what you do", kind: "text" },
    ],
    act: async (reply, key) => {
      await submit({ reply: { alert: id, ...reply } }, key);
    },
  });
}
