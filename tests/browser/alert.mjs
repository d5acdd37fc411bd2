// One person raises an alert, another answers it, each in a browser of their own; the board shows
// it by itself. It is not closed while a row is blank; then it is, with its outcome.

import {
  accessible,
  go,
  heading,
  here,
  holds,
  person,
  picture,
  refused,
  run,
  send,
  start,
  step,
} from "./driver.mjs";

async function raise(page, subject) {
  await go(page, "alert", "Raise an alert");
  const values = {
    Family: start.family,
    Subject: subject,
    "What happened, and what you ask": `${start.canary} has anyone seen the younger child?`,
  };
  await send(page, values, "Raise the alert", "Alert");
  return here(page);
}

async function raiseOneWithErrors(page) {
  await go(page, "alert", "Raise an alert");
  await page.getByRole("button", { name: "Raise the alert" }).click();
  await refused(page, "Enter: subject");
  await page.getByRole("link", { name: "Enter: subject" }).click();
  holds(await page.evaluate(() => document.activeElement.id === "subject"), "the way to the field");
  const alert = await raise(page, "Not seen since Monday");
  await page.getByText("no answer yet").waitFor();
  await accessible(page, "a board with a silent agency");
  await picture(page, "board-silent");
  return alert;
}

async function answers(page) {
  await go(page, "alerts", "Alerts");
  await page.getByRole("link", { name: "Not seen since Monday" }).click();
  await heading(page, "Alert");
  await page.getByText("no answer yet").waitFor();
  await send(page, { "Your agency's answer": "cannot-share" }, "Send the answer");
  await refused(page, "Say why it cannot be shared");
  const values = {
    "Your agency's answer": "acting",
    "What you know, what you do": `${start.canary} A visit this afternoon`,
  };
  await send(page, values, "Send the answer");
  await page.getByText("We are acting").first().waitFor();
}

async function closes(page, alert) {
  await go(page, alert, "Alert");
  await page.getByRole("link", { name: "Close the alert" }).click();
  await heading(page, "Close the alert");
  await send(page, { Outcome: "Child seen" }, "Close the alert", "Alert");
  await page.getByText("Outcome: child-seen").waitFor();
  await accessible(page, "an alert that is closed");
}

run(async (chrome) => {
  const [raises, other] = await Promise.all([person(chrome, "police"), person(chrome, "housing")]);
  const alert = await raiseOneWithErrors(raises);
  await go(raises, alert, "Alert");
  await raises.getByRole("link", { name: "Close the alert" }).click();
  await heading(raises, "Close the alert");
  await send(raises, { Outcome: "Child seen" }, "Close the alert");
  await refused(raises, "no answer from housing, and nobody there was told");

  await step(
    raises,
    alert,
    "Tell what is new",
    { "What happened, and what you ask": `${start.canary} seen at the station` },
    "Alert",
  );
  await answers(other);
  await raises.getByText("A visit this afternoon").waitFor(); // live
  await raises.getByText("all have answered").waitFor();
  await picture(raises, "board");
  await go(raises, "alerts", "Alerts");
  await raises.getByText("all have answered").waitFor();
  await accessible(raises, "the board");
  await closes(raises, alert);

  const taken = await raise(raises, "Taken back");
  await step(raises, taken, "Take the alert back", { Why: "with the grandmother" }, "Alert");
  await raises.getByText("cancelled").first().waitFor();
  const exercise = await raise(raises, "Was an exercise");
  await step(raises, exercise, "It was an exercise", { Why: "the yearly one" }, "Alert");
  await raises.getByText("exercise").first().waitFor();
});
