// Every page at 400% zoom, by keyboard alone, with axe's rules; the print view.

import { accessible, go, heading, holds, person, picture, run, start } from "./driver.mjs";

const PAGES = [
  ["feed", "Feed"],
  ["alerts", "Alerts"],
  ["inbox", "To do"],
  ["find", "Directory"],
  ["status", "Status"],
  ["alert", "Raise an alert"],
  ["refer", "Refer a family"],
  [`household/${start.family}`, start.name],
  [`hand-over/${start.family}`, "Hand over the lead"],
  ["log-out", "Log out"],
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

run(async (chrome) => {
  const wide = await person(chrome, "police");
  for (const [address, name] of PAGES) {
    await go(wide, address, name);
    await accessible(wide, address);
    holds(
      /^[A-Z][A-Za-z ]+ – Kith$/.test(await wide.title()),
      `the title of ${address} is neutral`,
    );
  }
  await byKeyboard(wide);
  await go(wide, `household/${start.family}`, start.name);
  await wide.emulateMedia({ media: "print" });
  holds(!(await wide.locator(".kith-header").isVisible()), "no menu in print");
  holds(await wide.getByRole("list", { name: "Timeline" }).isVisible(), "the timeline is in print");
  await picture(wide, "print");

  // 1280 wide at 400% is 320.
  const narrow = await person(chrome, "police", { viewport: { width: 320, height: 256 } });
  for (const [address, name] of PAGES) {
    await go(narrow, address, name);
    const over = await narrow.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    holds(over <= 0, `${address} is ${over} too wide at 400%`);
    await accessible(narrow, `${address} at 400%`);
  }
  await go(narrow, "feed", "Feed");
  await picture(narrow, "phone");
  await go(narrow, "log-out", "Log out");
  await narrow.getByRole("button", { name: "Log out everywhere" }).click();
  await heading(narrow, "Log in");
  await accessible(narrow, "the log-in");
  await wide.reload();
  await heading(wide, "Log in");
});
