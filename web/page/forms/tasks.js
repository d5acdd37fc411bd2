// Ending a task, and keeping something out of the feed for a while.

import { get, post } from "../api.js";
import { p } from "../dom.js";
import { form } from "../form.js";
import { familyField, inHours } from "./parts.js";

export async function done(notice, kind) {
  return form({
    title: "End a task",
    lead: [
      p(`What is done: ${kind.replaceAll("-", " ")}.`),
      p("What asks for an answer ends by the answer only."),
    ],
    send: "It is done",
    fields: [{ name: "why", label: "What was done", hint: "Kept with the task", required: true }],
    act: async ({ why }) => {
      await post("done", { notice_id: notice, kind, why });
      return "#/inbox";
    },
  });
}

const KINDS = [
  ["", "Everything that is not urgent"],
  ["event", "Events"],
  ["referral", "Referrals"],
  ["referral-answer", "Answers to referrals"],
  ["household", "Changes of the household"],
  ["assessment", "Assessments"],
  ["plan", "Changes of the plan"],
];

const UNTIL = [
  ["8", "for 8 hours"],
  ["24", "for a day"],
  ["72", "for three days"],
  ["168", "for a week"],
  ["720", "for 30 days"],
];

export async function snooze(id) {
  const [family, status] = await Promise.all([familyField(id), get("status")]);
  family.options[0] = ["", "Any family"];
  return form({
    title: "Snooze",
    lead: [
      p("What fits is kept out of this agency's feed for a while, and comes back as new."),
      p("What is urgent is never hidden, nor is an alert or a silence. Nothing is lost."),
    ],
    send: "Snooze it",
    fields: [
      { ...family, required: false, rules: ["snooze-everything", "household"] },
      { name: "kind", label: "What", kind: "choice", options: KINDS, rules: ["snooze-kind"] },
      {
        name: "topic",
        label: "Of one topic only",
        hint: "Such as police.call-out, or police.* for all of it",
        rules: ["snooze-topic", "snooze-urgent"],
      },
      {
        name: "hours",
        label: "How long",
        kind: "choice",
        options: UNTIL,
        rules: ["snooze-until"],
      },
      { name: "why", label: "Why", required: true, rules: ["snooze-why"] },
    ],
    act: async ({ household, kind, topic, hours, why }) => {
      const until = inHours(status, hours);
      await post("snooze", {
        snooze: { household: household || undefined, kind, topic, why, until },
      });
      return "#/snoozes";
    },
  });
}
