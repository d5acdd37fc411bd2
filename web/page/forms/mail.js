// What a mail would become: looked over, completed, and sent once.

import { get, may, post } from "../api.js";
import { h2 } from "../dom.js";
import { form } from "../form.js";
import { ANSWERS, TIMES } from "./alert.js";
import { familyField, inHours } from "./parts.js";

async function alertForm(id, { household, alert }) {
  const [family, status] = await Promise.all([familyField(household), get("status")]);
  return form({
    lead: h2("It would become an alert"),
    send: "Send the alert",
    fields: [
      { ...family, rules: ["nobody-to-ask", "household-unknown"] },
      {
        name: "subject",
        label: "Subject",
        hint: "One line. Name nobody in it: it is shown where more people see it.",
        required: true,
        value: alert.subject,
      },
      {
        name: "text",
        label: "What happened, and what you ask",
        kind: "text",
        required: true,
        value: alert.text,
      },
      { name: "hours", label: "Answers are needed", kind: "choice", options: TIMES, value: "24" },
    ],
    act: async (values, key) => {
      const reply_by = inHours(status, values.hours);
      const said = { subject: values.subject, text: values.text, reply_by };
      const draft = { household: values.household, alert: said };
      const made = await post("submit", { draft, mail: id }, key);
      return `#/notice/${made.id}`;
    },
  });
}

function replyForm(id, { reply }) {
  return form({
    lead: h2("It would become an answer to the alert"),
    send: "Send the answer",
    fields: [
      {
        name: "answer",
        label: "Your agency's answer",
        kind: "choice",
        options: [["", "Choose an answer"], ...ANSWERS],
        required: true,
        value: reply.answer,
      },
      {
        name: "reason",
        label: "Why it cannot be shared",
        hint: "Only for “we cannot share”",
        required: ({ answer }) => answer === "cannot-share",
        missing: "Say why it cannot be shared",
        value: reply.reason,
      },
      { name: "text", label: "What you know, what you do", kind: "text", value: reply.text },
    ],
    act: async (values, key) => {
      await post("submit", { draft: { reply: { alert: reply.alert, ...values } }, mail: id }, key);
      return `#/notice/${reply.alert}`;
    },
  });
}

// The form of what it would become; nothing when it would be nothing, or the role may not.
export function mailForm(mail) {
  const draft = mail.draft || {};
  if (draft.alert && may("submit:alert")) return alertForm(mail.id, draft);
  if (draft.reply && may("submit:reply")) return replyForm(mail.id, draft);
  return null;
}
