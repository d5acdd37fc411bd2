// One agency says what it offers, who knows and how it is reached; another finds it, is warned that
// it is full, and refers all the same.

import { accessible, go, heading, house, person, picture, refused, run, send } from "./driver.mjs";

async function offers(page) {
  await go(page, "find", "Directory");
  await page.getByRole("link", { name: "Offer a service" }).click();
  await heading(page, "Offer a service");
  const service = {
    Name: "School nurse",
    "What it is": "Visits at home and at school",
    "Needs it answers": "Sleep, worry",
    "Places in all": "many",
  };
  await send(page, service, "Offer it");
  await refused(page, "Enter a whole number, such as 12");
  await send(page, { "Places in all": "12" }, "Offer it");
  await refused(page, "Say how many of the places are free now");
  await send(page, { "Places free now": "3" }, "Offer it", "Directory");
  await page.getByText("3 free of 12").waitFor();
  await accessible(page, "what we offer");
  await page.getByRole("link", { name: "Change this" }).click();
  await heading(page, "Change a service");
  await send(page, { "Places free now": "0" }, "Save", "Directory");
  await go(page, "knows", "Say who knows");
  await send(page, { Subject: "county lines", Role: "exploitation lead" }, "Say so", "Directory");
  await page.getByText("exploitation lead").waitFor();
  await go(page, "reach", "How we are reached");
  await send(page, { "The number to ring": "01632 960099" }, "Save", "Directory");
}

async function refers(page) {
  await go(page, "find", "Directory");
  await send(page, { "What is needed": "swimming" }, "Search", "Directory");
  await page.getByText("Nobody offers that").waitFor();
  await send(page, { "What is needed": "worry" }, "Search", "Directory");
  await page.getByText("01632 960099").waitFor();
  await page.locator(".govuk-tag", { hasText: "full" }).waitFor();
  await accessible(page, "what is found");
  await picture(page, "directory");
  await page.getByRole("link", { name: "Refer to housing" }).click();
  await heading(page, "Refer a family");
  const referral = {
    Family: { index: 1 },
    "The need, in the family's own words": "Her tummy hurts before school",
    "Did the family agree to the service?": "yes",
    "Was the family told?": "yes",
  };
  await send(page, referral, "Send the referral");
  await refused(page, "has no place free of 12");
  await send(page, { "I know that it is full": true }, "Send the referral", "Referral");
}

run(async (chrome) => {
  const [police, housing] = await Promise.all([
    person(chrome, "police"),
    person(chrome, "housing"),
  ]);
  await offers(housing);
  await house("settle");
  await refers(police);
});
