// Mails that wait: the draft of an alert, sent with one click once its family is chosen; an answer
// that was not clear, sent with one.

import { accessible, go, heading, holds, house, person, run, send, start } from "./driver.mjs";

async function open(page, reason, title) {
  await go(page, "inbox", "To do");
  const row = page.locator("li", { hasText: reason });
  await row.getByRole("link").first().click();
  await heading(page, title);
}

async function sendsTheDraft(page) {
  await house("drafts");
  await page.waitForFunction(() => location.hash === "#/inbox");
  await open(page, "to-confirm", "Mail");
  await page.getByText("It is a draft. Nothing has been sent to any agency yet.").waitFor();
  await accessible(page, "a mail that is a draft");
  holds((await page.title()) === "Mail – Kith", "what a stranger wrote is text");
  await page.getByRole("button", { name: "Send the alert" }).click();
  await page.getByRole("alert").getByText("There is a problem").waitFor();
  await send(page, { Family: start.family }, "Send the alert", "Alert");
  await page.getByText("Has anyone seen the younger child?").first().waitFor();
  await page.goBack();
  await page.getByText("duty sent it").waitFor();
  holds(!(await page.getByRole("button", { name: "Send the alert" }).count()), "it is sent once");
}

async function answersForIt(page) {
  await house("asks");
  await open(page, "answer-unclear", "Mail");
  await page.getByText("We have been there on Monday").first().waitFor();
  await accessible(page, "a mail that is no answer");
  await send(page, { "Your agency's answer": "acting" }, "Send the answer", "Alert");
  await page.getByText("We have been there on Monday").first().waitFor();
}

run(async (chrome) => {
  const page = await person(chrome, "police");
  await go(page, "inbox", "To do");
  await sendsTheDraft(page);
  await answersForIt(page);
});
