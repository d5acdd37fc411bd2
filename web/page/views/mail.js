// A mail that came and did nothing by itself: what it says, why it waits, what it would become.

import { get, may } from "../api.js";
import { facts, h, h1, inset, link, p, time } from "../dom.js";
import { mailForm } from "../forms/mail.js";

// The rules of kith-mail(8), for people.
const WHY = {
  "to-confirm": "It is a draft. Nothing has been sent to any agency yet.",
  "household-unknown": "Its subject names no family that is known here.",
  "answer-unclear": "Its first line is none of the four answers. Read it, and choose one.",
  "unknown-sender": "Nobody here writes from that address. Ring who it says it is.",
  "not-authenticated": "Your mail server does not vouch for the sender. Ring who it says it is.",
  "may-not-alert": "Whoever wrote it may not raise alerts by mail.",
  "token-expired": "The alert that it answers was over long ago.",
  "answers-nothing": "It answers nothing that is known here.",
  "two-tokens": "It answers two alerts at once.",
  "too-large": "It is too large to be read: it lies in the mail folder.",
  "not-taken": "Its words fit no field here: it lies in the mail folder.",
  doubtful: "It could be read in two ways, or was made to do harm.",
  "auto-reply": "A program wrote it, not a person.",
  bounce: "A mail came back, and it does not say which.",
  complaint: "Somebody called one of your mails spam, and it does not say which.",
  loop: "It is a mail of Kith's own that has come back.",
};

function ended(mail) {
  if (mail.became)
    return inset(
      `${mail.ended_by} sent it `,
      time(mail.ended),
      ": ",
      link(`#/notice/${mail.became}`, "what it became"),
    );
  return inset(`${mail.ended_by} ended it `, time(mail.ended));
}

export async function mail(id) {
  const one = await get("mail", { id });
  return [
    h1("Mail"),
    one.ended ? ended(one) : inset(WHY[one.why] || `It was refused: ${one.why}.`),
    facts([
      ["From", one.from || "nobody named"],
      ["Subject", one.subject],
      ["Came", time(one.received)],
    ]),
    h("div", { class: "govuk-body kith-text" }, one.text),
    one.ended ? null : await mailForm(one),
    !one.ended && may("done") ? p(link(`#/done/${id}/mail-to-read`, "End it without")) : null,
  ];
}
