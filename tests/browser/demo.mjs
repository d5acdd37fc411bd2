// What the demo leaves running, by what it prints: the family's feed, an alert raised in one screen
// and answered by email from another agency, one answered on that agency's own page, and the boards
// that close.

import { accessible, go, heading, here, holds, person, run, send, start, step } from "./driver.mjs";

const SUBJECT = "Not at school since Tuesday";

async function readsTheFeed(lead) {
  await lead.getByRole("link", { name: "Family at 3" }).click();
  await heading(lead, "Family at 3");
  await lead.getByRole("button", { name: /^Show all \d{3}$/ }).click();
  await accessible(lead, "a year of one family");
  await lead.getByRole("table", { name: "Load by agency" }).getByText("£15,388.33").waitFor();
  await lead.getByText("48 of what came since it began it does not foresee.").waitFor();
}

// The mailbox that the other agency's own page links to.
async function answersByMail(health) {
  const box = await health.getByRole("link", { name: "Mail", exact: true }).getAttribute("href");
  holds(box === start.box, "the page links to the mailbox that was printed");
  const mail = await health.context().newPage();
  const asks = mail.getByRole("link", { name: "Kith: an alert asks for your answer" });
  await mail.goto(box);
  await asks.nth(1).waitFor(); // the one that was there, and the new one: the page looks by itself
  await asks.first().click();
  await mail.getByText("nothing known").first().waitFor();
  await mail.getByLabel("Text").fill("Nothing known. She was not at the clinic either.");
  await mail.getByRole("button", { name: "Reply" }).click();
  await mail.getByRole("heading", { name: /Mails of/ }).waitFor();
}

async function close(lead) {
  await lead.getByText("all have answered").waitFor(); // live
  await step(lead, here(lead), "Close the alert", { Outcome: "Child seen" }, "Alert");
  await lead.getByText("Outcome: child-seen").waitFor();
}

run(async (chrome) => {
  const lead = await person(chrome, "early-help");
  const health = await person(chrome, "health");
  await readsTheFeed(lead);

  await lead.getByRole("link", { name: "Raise an alert", exact: true }).first().click();
  await heading(lead, "Raise an alert");
  const alert = { Subject: SUBJECT, "What happened, and what you ask": "Who has seen the child?" };
  await send(lead, { ...alert, health: true }, "Raise the alert", "Alert");
  await answersByMail(health);
  await lead.getByText("She was not at the clinic either.").first().waitFor(); // live
  await accessible(lead, "a board with an answer that came by mail");
  await close(lead);

  await go(lead, "alerts", "Alerts");
  await lead.getByRole("link", { name: "Younger child not at the clinic" }).click();
  await heading(lead, "Alert");
  await go(health, "alerts", "Alerts");
  await health.getByRole("link", { name: "Younger child not at the clinic" }).click();
  await heading(health, "Alert");
  await send(health, { "Your agency's answer": "acting" }, "Send the answer");
  await close(lead);
});
