// One person raises an alert, another answers it, each in a browser of their own; the board closes.

import { accessible, go, heading, holds, person, picture, run, start } from "./driver.mjs";

run(async (chrome) => {
  const [raises, answers] = await Promise.all([
    person(chrome, "police"),
    person(chrome, "housing"),
  ]);
  await go(raises, "alert", "Raise an alert");
  await accessible(raises, "raising an alert");
  await raises.getByRole("button", { name: "Raise the alert" }).click();
  await raises.getByRole("alert").getByText("There is a problem").waitFor();
  await accessible(raises, "a form with errors");
  holds(
    await raises.evaluate(() => document.activeElement.className.includes("error-summary")),
    "the errors have the focus",
  );
  await raises.getByLabel("Family").selectOption(start.family);
  await raises.getByLabel("Subject").fill("Not seen since Monday");
  await raises
    .getByLabel("What happened")
    .fill(`${start.canary} has anyone seen the younger child?`);
  await raises.getByRole("button", { name: "Raise the alert" }).click();
  await heading(raises, "Alert");
  await raises.getByText("no answer yet").waitFor();
  await accessible(raises, "a board with a silent agency");
  await picture(raises, "board-silent");

  await go(answers, "alerts", "Alerts");
  await answers.getByRole("link", { name: "Not seen since Monday" }).click();
  await heading(answers, "Alert");
  await accessible(answers, "an alert to answer");
  await answers.getByLabel("Your agency's answer").selectOption("acting");
  await answers.getByLabel("What you know").fill(`${start.canary} A visit this afternoon`);
  await answers.getByRole("button", { name: "Send the answer" }).click();
  await answers.getByText("We are acting").first().waitFor();

  await raises.getByText("A visit this afternoon").waitFor(); // live
  await raises.getByText("all have answered").waitFor();
  await picture(raises, "board");
  await go(raises, "alerts", "Alerts");
  await raises.getByText("all have answered").waitFor();
  await accessible(raises, "the board");
});
