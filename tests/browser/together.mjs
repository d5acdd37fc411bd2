// Two agencies around one family: an assessment to which both add, one plan, a fare out of a pot,
// and a decision that they disagree about until it is settled.

import {
  accessible,
  go,
  heading,
  here,
  house,
  inDays,
  person,
  picture,
  refused,
  run,
  send,
  start,
  step,
} from "./driver.mjs";

const household = `household/${start.family}`;

async function assess(police, housing) {
  await go(police, `assessment/${start.family}`, "Ask for an assessment");
  const asking = { Kind: "Early help", "Why it is asked for": `${start.canary} no picture` };
  await send(police, { ...asking, "Due by": inDays(30) }, "Ask for it", "Assessment");
  const asked = here(police);
  await house("settle");
  const part = {
    "What your agency knows": `${start.canary} The wall is thin`,
    Section: "Housing",
    "What the family says, in their own words": "We cannot sleep",
  };
  await step(housing, asked, "Add your agency's part", part, "Assessment");
  await housing.getByRole("table", { name: "What each agency contributed" }).waitFor();
  await accessible(housing, "an assessment with a part");

  await go(housing, `assessment/${start.family}`, "Ask for an assessment");
  await send(housing, asking, "Ask for it");
  await refused(housing, "if it does not serve, ask with “go on all the same”");
  await send(
    housing,
    { "The one that exists does not serve: I say why above": true },
    "Ask for it",
    "Assessment",
  );
  await house("settle");
  await step(
    police,
    asked,
    "Complete the assessment",
    {
      "What it comes to": "Nights",
      "What the family says to it, in their own words": "We want to sleep through",
    },
    "Assessment",
  );
  await police.getByText("completed").first().waitFor();
}

async function plan(police) {
  await go(police, household, start.name);
  await police.getByRole("link", { name: "Add an outcome" }).click();
  await heading(police, "Add an outcome");
  const outcome = {
    "What is to be reached": "Everybody in bed by ten",
    "Who sees to it": "housing",
    "By when": inDays(90),
    "Events that it foresees": "call-out",
  };
  await send(police, { ...outcome, "By when": "2020-01-01" }, "Add it to the plan");
  await refused(police, "the day it is to be reached by is over");
  await send(police, outcome, "Add it to the plan", start.name);
  await police.getByRole("link", { name: "Everybody in bed by ten" }).click();
  await heading(police, "How an outcome goes on");
  await send(police, { "How it stands": "met" }, "Save");
  await refused(police, "Met is by the family's own yes");
  await send(police, { "Yes, the family says that it is met": true }, "Save", start.name);
  await police.getByRole("list", { name: "What is to be reached" }).getByText("met").waitFor();
  await police.getByRole("link", { name: "Review the plan" }).click();
  await heading(police, "Review the plan");
  await send(
    police,
    {
      "When it is looked at again": inDays(42),
      "What the family says, in their own words": "It is better at night",
    },
    "Save the review",
    start.name,
  );
  await police.getByText("It is better at night").waitFor();
  await accessible(police, "a household with a plan");
  await picture(police, "plan");
}

async function help(police, housing) {
  await go(police, `small-help/${start.family}`, "Ask for small help");
  await send(police, { "What for": "A bus pass", Pounds: "18,5" }, "Ask for it");
  await refused(police, "Enter pounds, such as 18.50");
  await send(police, { Pounds: "999" }, "Ask for it");
  await refused(police, "one request to the pot joined-up is at most £200.00");
  await send(police, { Pounds: "18.50" }, "Ask for it", "Small help");
  const asked = here(police);
  await house("settle");
  await go(housing, "pots", "Small help");
  await housing.getByRole("link", { name: "A bus pass" }).click();
  await step(housing, asked, "Approve", { Pounds: "17.00" }, "Small help");
  await house("settle");
  await step(police, asked, "Say what it cost", { Pounds: "16.20" }, "Small help");
  await accessible(police, "small help that was spent");
  await house("settle");
  await go(housing, "pots", "Small help");
  await housing.getByRole("cell", { name: "£483.80" }).waitFor();
  await accessible(housing, "the pots");
}

async function disagree(police, housing) {
  await go(police, `refer/${start.family}`, "Refer a family");
  await send(
    police,
    {
      Agency: "housing",
      "The need, in the family's own words": "We cannot get them to bed",
      "What is asked for": "parenting",
      "Did the family agree to the service?": "yes",
      "Was the family told?": "yes",
    },
    "Send the referral",
    "Referral",
  );
  const referral = here(police);
  await house("settle");
  const declined = {
    Reason: "Out of area",
    "What happens now, or what the other agency can do": "–",
  };
  await step(housing, referral, "Decline", declined, "Referral");
  await house("settle");
  await go(police, referral, "Referral");
  await police.getByRole("link", { name: "declined" }).click();
  await heading(police, "Answer to a referral");
  await police.getByRole("link", { name: "Disagree" }).click();
  await heading(police, "Disagree");
  await send(police, { "Why you disagree": `${start.canary} Nobody else can` }, "Disagree");
  await heading(police, "Answer to a referral");
  await house("settle");
  await go(housing, "inbox", "To do");
  await housing
    .getByRole("link", { name: /disagree/i })
    .first()
    .click();
  await heading(housing, "Disagreement");
  const raised = here(housing);
  await step(
    housing,
    raised,
    "Answer the disagreement",
    { "What you answer": "On Thursday" },
    "Disagreement",
  );
  await house("settle");
  await step(
    police,
    raised,
    "Settle the disagreement",
    { "What was agreed": "One visit" },
    "Disagreement",
  );
  await police.getByText("resolved").first().waitFor();
  await accessible(police, "a disagreement that is settled");
}

run(async (chrome) => {
  const [police, housing] = await Promise.all([
    person(chrome, "police"),
    person(chrome, "housing"),
  ]);
  await assess(police, housing);
  await plan(police);
  await help(police, housing);
  await disagree(police, housing);
});
