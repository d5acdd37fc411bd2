// A referral in one screen, accepted by the other agency; the lead handed over; what is shielded
// is marked, and its text is nowhere.

import { accessible, go, heading, holds, person, picture, run, start } from "./driver.mjs";

async function refers(page) {
  await go(page, `refer/${start.family}`, "Refer a family");
  await page.getByLabel("Agency").selectOption("housing");
  await page
    .getByLabel("The need, in the family's own words")
    .fill(`${start.canary} We cannot get them to bed`);
  await page.getByLabel("What is asked for").fill("parenting");
  await page.getByLabel("Did the family agree").fill("yes");
  await page.getByLabel("Was the family told").fill("yes");
  await page.getByRole("button", { name: "Send the referral" }).click();
  await heading(page, "Referral");
  await accessible(page, "a referral");
}

async function accepts(page) {
  await go(page, `household/${start.family}`, start.name);
  await page
    .getByRole("list", { name: "Timeline" })
    .getByRole("link", { name: /parenting/i })
    .click();
  await heading(page, "Referral");
  await page.getByRole("link", { name: "Accept", exact: true }).click();
  await heading(page, "Accept");
  await accessible(page, "accepting a referral");
  await page.getByLabel("What happens now").fill("First visit on Tuesday");
  await page.getByRole("button", { name: "Accept" }).click();
  await heading(page, "Referral");
  await page.getByText("First visit on Tuesday").first().waitFor();
  await accessible(page, "a referral that was accepted");
}

async function handsOver(page) {
  await go(page, `hand-over/${start.family}`, "Hand over the lead");
  await page.getByLabel("Agency").selectOption("housing");
  await page.getByLabel("Role").fill("family worker");
  await page.getByRole("button", { name: "Hand over" }).click();
  await heading(page, start.name);
  await page.getByText("family worker, housing").waitFor();
}

async function marksWhatIsShielded(page) {
  await go(page, `household/${start.family}`, start.name);
  const timeline = page.getByRole("list", { name: "Timeline" });
  await timeline.locator(".govuk-tag", { hasText: "shielded" }).waitFor();
  await accessible(page, "a household with something shielded");
  await picture(page, "shielded");
  const text = await page.locator("main").textContent();
  holds(!text.includes("a shielded text"), "its text is nowhere");
  holds((await page.title()) === "Household – Kith", "the title is neutral");
}

run(async (chrome) => {
  const [police, housing] = await Promise.all([
    person(chrome, "police"),
    person(chrome, "housing"),
  ]);
  await refers(police);
  await accepts(housing);
  await handsOver(police);
  await marksWhatIsShielded(housing);
});
