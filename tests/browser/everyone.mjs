// Every page at 400% zoom, by keyboard alone, with axe's rules; the print view; late answers.

import {
  accessible,
  go,
  heading,
  here,
  holds,
  logIn,
  person,
  picture,
  refused,
  run,
  send,
  start,
} from "./driver.mjs";

const PAGES = [
  ["feed", "Feed"],
  ["alerts", "Alerts"],
  ["inbox", "To do"],
  ["find", "Directory"],
  ["status", "Status"],
  [`household/${start.family}`, start.name],
  ["snoozes", "Snoozed"],
  ["pots", "Small help"],
  ["log-out", "Log out"],
];
// One way of making them: looked at in a wide window by the tests that use them.
const FORMS = [
  ["alert", "Raise an alert"],
  ["refer", "Refer a family"],
  ["open", "Open a household"],
  ["snooze", "Snooze"],
  ["service", "Offer a service"],
  ["knows", "Say who knows"],
  ["reach", "How we are reached"],
  [`hand-over/${start.family}`, "Hand over the lead"],
  [`member/${start.family}`, "Name a person"],
  [`team/${start.family}`, "Change the team"],
  [`close/${start.family}`, "Close the household"],
  [`reopen/${start.family}`, "Reopen the household"],
  [`assessment/${start.family}`, "Ask for an assessment"],
  [`small-help/${start.family}`, "Ask for small help"],
  [`outcome/${start.family}`, "Add an outcome"],
  [`review/${start.family}`, "Review the plan"],
];

// Tab until what is focused says this.
async function tabTo(page, text) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const one = document.activeElement;
      const ring = getComputedStyle(one);
      return {
        text: one.labels && one.labels[0] ? one.labels[0].textContent : one.textContent,
        shown: ring.outlineStyle !== "none" || ring.boxShadow !== "none",
      };
    });
    if (found.text.trim() === text) {
      holds(found.shown, `the focus on ${text} can be seen`);
      return;
    }
  }
  throw new Error(`${text} cannot be reached by keyboard`);
}

async function byKeyboard(page) {
  await go(page, "feed", "Feed");
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(page, "Skip to main content");
  await page.keyboard.press("Enter");
  holds(await page.evaluate(() => document.activeElement.id === "main"), "the way past the menu");
  await tabTo(page, "Raise an alert");
  await page.keyboard.press("Enter");
  await heading(page, "Raise an alert");
  await tabTo(page, "Family");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "Subject");
  await page.keyboard.type("By keyboard");
  await tabTo(page, "What happened, and what you ask");
  await page.keyboard.type("Typed");
  await tabTo(page, "Raise the alert");
  await page.keyboard.press("Enter");
  await heading(page, "Alert");
}

// Answers of this request wait until what is returned is called and awaited.
async function hold(page, request) {
  const waits = {};
  const released = new Promise((resolve) => {
    waits.release = resolve;
  });
  await page.route(request, async (route) => {
    const response = await route.fetch();
    await released;
    await route.fulfill({ response });
  });
  return async () => {
    const answered = page.waitForResponse(request);
    waits.release();
    await (await answered).finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await page.unroute(request);
  };
}

// An answer that comes late does not take its person away from where they have gone meanwhile.
async function keepsToWhatIsAsked(page) {
  const late = async (what, release) => {
    await go(page, "find", "Directory");
    await release();
    holds(here(page) === "find", `${what}: the address is as it was`);
    await heading(page, "Directory");
  };
  await go(page, "alert", "Raise an alert");
  const sent = await hold(page, "**/api/v1/submit");
  const asked = page.waitForRequest("**/api/v1/submit");
  const values = { Family: start.family, Subject: "Left", "What happened, and what you ask": "–" };
  await send(page, values, "Raise the alert");
  await asked;
  await late("a form", sent);
  const read = await hold(page, "**/api/v1/groups*");
  await page.evaluate(() => {
    location.hash = "#/feed";
  });
  await late("a page", read);
}

// Who is logged out while writing loses nothing: logs in beside it, and sends it.
async function writesOn(page, logOut) {
  await go(page, "knows", "Say who knows");
  await page.getByLabel("Subject").fill("county lines");
  await page.getByLabel("Role").fill("exploitation lead");
  await logOut();
  await page.getByRole("button", { name: "Say so" }).click();
  await refused(page, "what you wrote is still here");
  await logIn(await page.context().newPage(), "police");
  await send(page, {}, "Say so", "Directory");
  await page.getByText("exploitation lead").waitFor();
}

function isNeutral(title, address) {
  holds(/^[A-Z][A-Za-z ]+ – Kith$/.test(title), `the title of ${address} is neutral`);
}

run(async (chrome) => {
  const wide = await person(chrome, "police");
  for (const [address, name] of PAGES) {
    await go(wide, address, name);
    await accessible(wide, address);
    isNeutral(await wide.title(), address);
  }
  await byKeyboard(wide);
  await keepsToWhatIsAsked(wide);
  await go(wide, `household/${start.family}`, start.name);
  await wide.emulateMedia({ media: "print" });
  holds(!(await wide.locator(".kith-header").isVisible()), "no menu in print");
  holds(await wide.getByRole("list", { name: "Timeline" }).isVisible(), "the timeline is in print");
  await picture(wide, "print");

  // 1280 wide at 400% is 320.
  const narrow = await person(chrome, "police", { viewport: { width: 320, height: 256 } });
  for (const [address, name] of [...PAGES, ...FORMS]) {
    await go(narrow, address, name);
    const over = await narrow.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    holds(over <= 0, `${address} is ${over} too wide at 400%`);
    await accessible(narrow, `${address} at 400%`);
    isNeutral(await narrow.title(), address);
  }
  await go(narrow, "feed", "Feed");
  await picture(narrow, "phone");
  await wide.emulateMedia({ media: null });
  await writesOn(wide, async () => {
    await go(narrow, "log-out", "Log out");
    await narrow.getByRole("button", { name: "Log out everywhere" }).click();
    await heading(narrow, "Log in");
    await accessible(narrow, "the log-in");
  });
  await narrow.reload();
  await heading(narrow, "Log in");
});
