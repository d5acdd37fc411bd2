// What the demo leaves running, by what it prints: the family's feed, an alert that one agency owes
// an answer to, its answer in that agency's own page, and the board that closes.

import { accessible, go, heading, here, person, run, send, step } from "./driver.mjs";

run(async (chrome) => {
  const lead = await person(chrome, "early-help");
  const health = await person(chrome, "health");
  await lead.getByRole("link", { name: "Family at 3" }).click();
  await heading(lead, "Family at 3");
  await lead.getByRole("button", { name: /^Show all \d{3}$/ }).click();
  await accessible(lead, "a year of one family");
  await lead.getByRole("table", { name: "Load by agency" }).getByText("£15,388.33").waitFor();
  await lead.getByText("48 of what came since it began it does not foresee.").waitFor();

  await go(lead, "alerts", "Alerts");
  await lead.getByText("open, 1 silent").waitFor();
  await lead.getByRole("link", { name: "Younger child not at the clinic" }).click();
  await heading(lead, "Alert");
  await go(health, "alerts", "Alerts");
  await health.getByRole("link", { name: "Younger child not at the clinic" }).click();
  await heading(health, "Alert");
  await send(health, { "Your agency's answer": "acting" }, "Send the answer");
  await lead.getByText("all have answered").waitFor(); // live
  await step(lead, here(lead), "Close the alert", { Outcome: "Child seen" }, "Alert");
  await lead.getByText("Outcome: child-seen").waitFor();
});
