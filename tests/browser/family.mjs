// One agency's work with a family from the front door to the closing: what nobody knew is linked to
// a household that is opened for it, people and team are named, the lead is handed over with what
// to read first, something is snoozed, a task ends, and the household is closed and opened again.

import {
  accessible,
  go,
  heading,
  here,
  holds,
  house,
  person,
  picture,
  refused,
  run,
  send,
  start,
} from "./driver.mjs";

const NAME = `${start.canary} Family at 9`;

// The id of the household that is opened.
async function opens(page) {
  await go(page, "feed", "Feed");
  await page.getByRole("link", { name: "Open a household" }).click();
  await heading(page, "Open a household");
  const values = { "What the team calls the family": NAME, "Why it is opened": "call-outs" };
  await send(page, values, "Open it", NAME);
  return here(page).split("/")[1];
}

async function linksWhatWaited(page) {
  await go(page, "front-door", "Front door");
  await page.getByRole("link", { name: /event 1/ }).click();
  await heading(page, "Event");
  await page.getByRole("link", { name: "Link a record that it is about to a household" }).click();
  await heading(page, "Link a record");
  await send(page, { Family: { label: NAME }, "What you compared": "address" }, "Link it", NAME);
  await page.getByRole("list", { name: "Timeline" }).getByText("event 1").waitFor();
}

async function names(page, family) {
  await go(page, `household/${family}`, NAME);
  await page.getByText("More", { exact: true }).click();
  await page.getByRole("link", { name: "Name a person" }).click();
  await heading(page, "Name a person");
  const person = { Name: "Aunt", "Role in the family": "kin" };
  await send(
    page,
    { ...person, "Kin, or a trusted person, beyond the address": true },
    "Add the person",
    NAME,
  );
  await page.getByRole("list", { name: "People" }).getByText("kin · beyond the address").waitFor();
  await go(page, `team/${family}`, "Change the team");
  await send(page, { housing: true }, "Save", NAME);
  await page.getByRole("list", { name: "Team" }).getByText("housing").waitFor();
}

async function leads(page, family) {
  const to = (agency) => ({ Agency: agency, Role: "family worker" });
  await go(page, `hand-over/${family}`, "Hand over the lead");
  await send(page, to("police"), "Hand over", NAME);
  await go(page, `hand-over/${family}`, "Hand over the lead");
  await send(page, to("housing"), "Hand over");
  await refused(page, "Enter: what your successor is to read before all else");
  await send(
    page,
    { "What your successor is to read before all else": "The plan of March", Why: "closer" },
    "Hand over",
    NAME,
  );
  await page.getByText("family worker, housing").waitFor();
  await page.getByText("The plan of March").waitFor();
}

// The successor reads first, and says so.
async function readsFirst(page) {
  await house("settle");
  await go(page, "inbox", "To do");
  await page.getByRole("link", { name: "Done: read first" }).click();
  await heading(page, "End a task");
  await send(page, {}, "It is done");
  await refused(page, "Enter: what was done");
  await send(page, { "What was done": "read" }, "It is done", "To do");
  await page.getByRole("link", { name: "Done: front door" }).click();
  await heading(page, "End a task");
  await send(page, { "What was done": "police opened a household" }, "It is done", "To do");
  await page.getByText("Nothing waits for a person here.").waitFor();
  await accessible(page, "nothing to do");
}

async function snoozes(page, family) {
  await go(page, "snooze", "Snooze");
  await send(page, { Why: "the visit is tonight" }, "Snooze it");
  await refused(page, "this would hide the whole feed");
  await send(page, { Family: family, What: "event", Why: "tonight" }, "Snooze it", "Snoozed");
  await house("publish", 2);
  await page.reload();
  await page.getByText("1 hidden").waitFor();
  await accessible(page, "what is snoozed");
  await page.getByRole("button", { name: "End this snooze now" }).click();
  await page.getByText("Nothing is snoozed.").waitFor();
}

async function closes(page, family) {
  await go(page, `refer/${family}`, "Refer a family");
  const values = {
    Agency: "housing",
    "The need, in the family's own words": "Sleep",
    "What is asked for": "sleep clinic",
    "Did the family agree to the service?": "yes",
    "Was the family told?": "yes",
  };
  await send(page, values, "Send the referral", "Referral");
  const referral = here(page);
  const ends = {
    Outcome: "Goals reached",
    "Does the family say that the need is met?": "not-asked",
    "Why the family was not asked": "they moved",
  };
  await go(page, `close/${family}`, "Close the household");
  await send(page, ends, "Close it");
  await refused(page, "a closure would hide what is open");
  await go(page, referral, "Referral");
  await page.getByRole("link", { name: "Take the referral back" }).click();
  await heading(page, "Take the referral back");
  await send(page, { Reason: "family moved" }, "Take the referral back", "Referral");
  await go(page, `close/${family}`, "Close the household");
  await send(page, ends, "Close it", NAME);
  await page.locator(".govuk-tag", { hasText: "closed" }).first().waitFor();
  await accessible(page, "a household that is closed");
  await picture(page, "closed");
  await go(page, `reopen/${family}`, "Reopen the household");
  await send(page, { "Why the work begins again": "call-outs again" }, "Reopen it", NAME);
  holds((await page.getByText("Outcome: goals-reached").count()) === 0, "it is open again");
}

run(async (chrome) => {
  const [police, housing] = await Promise.all([
    person(chrome, "police"),
    person(chrome, "housing"),
  ]);
  await house("publish", 1);
  const family = await opens(police);
  await linksWhatWaited(police);
  await names(police, family);
  await snoozes(police, family);
  await leads(police, family);
  await readsFirst(housing);
  await closes(police, family);
});
