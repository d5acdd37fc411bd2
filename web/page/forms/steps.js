// What may be said next of something that has a life: one small form for each step that the agent
// allows. A step is named as the agent names it (docs/STATES.md): "alert close" is alert-close.

import { get, may, submit } from "../api.js";
import { h, link, p } from "../dom.js";
import { form } from "../form.js";
import { LEVEL, TIMES } from "./alert.js";
import { NEED_MET, agencyField, code, inHours, others, pence, said } from "./parts.js";

const field = (name, label, more) => ({ name, label, ...more });
const need = (one) => ({ ...one, required: true });

const OUTCOME = need(
  field("outcome", "Outcome", {
    hint: "In a few words, as your agency counts it: child seen",
    as: code,
  }),
);
const REASON_CODE = field("reason_code", "Reason", {
  hint: "In a few words, as your agency counts it: out of area",
  as: code,
  rules: ["reason-code"],
});
const REASON = need(field("reason", "Why", { hint: "All who were asked are told" }));
const TEXT = field("text", "What came of it", { kind: "text" });
const NOTE = field("note", "For the other agency", { kind: "text" });
const NEXT = field("next_step", "What happens now, or what the other agency can do");
const OWN_URGENCY = field("scale", "How urgent you see it", { hint: "In your own scale" });
const NEED_LEVEL = need(field("level", "The level of need it goes to"));
const FAMILY = need(
  field("family_view", "What the family says to it, in their own words", { kind: "text" }),
);
const AMOUNT = field("amount", "Pounds", {
  kind: "pounds",
  as: pence,
  rules: ["help-amount", "pot-balance"],
});

// member: of the draft; of: what names the notice it is about; step: as proto/kith.proto says it.
const referral = (step, title, fields) => ({
  member: "referral_answer",
  of: "referral",
  step,
  title,
  fields,
});
const alertStep = (step, title, fields) => ({
  member: "alert_change",
  of: "alert",
  step,
  title,
  fields,
});
const own = (member, step, title, fields) => ({ member, of: member, step, title, fields });

const STEPS = {
  "alert-update": alertStep("updated", "Tell what is new", [
    field("text", "What happened, and what you ask", {
      kind: "text",
      hint: "In place of the text before",
    }),
    field("subject", "Subject", { hint: "In place of the subject before. Name nobody in it." }),
    LEVEL,
    field("reply_by", "Answers are needed", {
      kind: "choice",
      options: [["", "As before"], ...TIMES],
      rules: ["alert-reply-by"],
    }),
  ]),
  "alert-close": alertStep("closed", "Close the alert", [OUTCOME, TEXT]),
  "alert-cancel": alertStep("cancelled", "Take the alert back", [REASON]),
  "alert-exercise": alertStep("exercise", "It was an exercise", [REASON]),

  accept: referral("accepted", "Accept", [NEXT, OWN_URGENCY, NOTE]),
  "accept-part": referral("partly-accepted", "Accept a part", [
    need(field("part", "Which part of it")),
    NEXT,
    NOTE,
  ]),
  decline: referral("declined", "Decline", [need(REASON_CODE), need(NEXT), NOTE]),
  "referral-redirect": referral("redirected", "Name who can help instead", [
    field("redirected_to", "Agency", { agencies: true, rules: ["redirect-to"] }),
    REASON_CODE,
    NEXT,
    NOTE,
  ]),
  "referral-ask": referral("needs-information", "Ask for information", [
    need({ ...NOTE, label: "What you need to know" }),
  ]),
  "referral-inform": referral("information", "Tell what was asked", [
    need({ ...NOTE, label: "What was asked for" }),
  ]),
  "referral-begin": referral("in-progress", "Say that the work has begun", [NEXT, NOTE]),
  "referral-step-up": referral("stepped-up", "Step up", [NEED_LEVEL, REASON_CODE, NOTE]),
  "referral-step-down": referral("stepped-down", "Step down", [NEED_LEVEL, REASON_CODE, NOTE]),
  "referral-withdraw": referral("withdrawn", "Take the referral back", [need(REASON_CODE), NOTE]),
  "referral-close": referral("closed", "Close the referral", [OUTCOME, ...NEED_MET, NOTE]),

  disagree: {
    ...own("disagreement", "raised", "Disagree", [need({ ...TEXT, label: "Why you disagree" })]),
    of: "decision",
  },
  "disagreement-answer": own("disagreement", "answered", "Answer the disagreement", [
    need({ ...TEXT, label: "What you answer" }),
  ]),
  "disagreement-escalate": own("disagreement", "escalated", "Take it to the next stage", [
    { ...TEXT, label: "Why" },
  ]),
  "disagreement-resolve": own("disagreement", "resolved", "Settle the disagreement", [
    need(field("outcome", "What was agreed")),
    { ...TEXT, label: "More about it" },
  ]),
  "disagreement-withdraw": own("disagreement", "withdrawn", "Take the disagreement back", [
    { ...TEXT, label: "Why" },
  ]),

  "assessment-contribute": own("assessment", "contributed", "Add your agency's part", [
    need({ ...TEXT, label: "What your agency knows" }),
    field("section", "Section", { hint: "Such as strengths, needs, health, housing", as: code }),
    { ...FAMILY, required: false, label: "What the family says, in their own words" },
  ]),
  "assessment-complete": own("assessment", "completed", "Complete the assessment", [
    need({ ...TEXT, label: "What it comes to" }),
    FAMILY,
  ]),
  "assessment-withdraw": own("assessment", "withdrawn", "Take the request back", [REASON]),

  "small-help-approve": own("small_help", "approved", "Approve", [
    { ...AMOUNT, hint: "Only if less than was asked for" },
  ]),
  "small-help-decline": own("small_help", "declined", "Decline", [REASON]),
  "small-help-spent": own("small_help", "spent", "Say what it cost", [
    need({ ...AMOUNT, hint: "What it cost at last; the rest goes back" }),
  ]),
  "small-help-withdraw": own("small_help", "withdrawn", "It is not needed any more", [REASON]),
};
const HELP = { small_help: "help" };

// The links to what this agency may say now, for its people who may say it.
export function stepLinks(notice, verbs) {
  const known = verbs
    .map((verb) => verb.replaceAll(/[ -]+/g, "-"))
    .filter((name) => STEPS[name] && may(`submit:${STEPS[name].member}`));
  if (!known.length) return null;
  return h(
    "ul",
    { class: "kith-actions kith-list", "aria-label": "What you can do" },
    known.map((name) => h("li", {}, link(`#/step/${notice}/${name}`, STEPS[name].title))),
  );
}

export async function step(notice, name) {
  const one = STEPS[name] || STEPS.disagree;
  const [{ notice: about, board }, status] = await Promise.all([
    get("show", { id: notice }),
    get("status"),
  ]);
  const fields = one.fields.map((each) => {
    if (each.agencies) return agencyField(others(status), each);
    if (each.name === "reply_by") return { ...each, as: (hours) => inHours(status, hours) };
    return each;
  });
  const subject = board ? board.subject : about.referral ? about.referral.service : "";
  return form({
    title: one.title,
    lead: subject ? p(subject) : null,
    send: one.title,
    fields,
    act: async (values, key) => {
      const names = HELP[one.of] || one.of;
      const body = { [names]: notice, step: one.step, ...said(fields, values) };
      await submit({ [one.member]: body }, key);
      return `#/notice/${notice}`;
    },
  });
}
