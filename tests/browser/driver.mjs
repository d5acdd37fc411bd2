// What every page test stands on: Chromium, a log-in, axe's rules, and the house to ask.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

export const start = JSON.parse(process.env.KITH_PAGE);
const require = createRequire(`${start.tools}/`);
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Asks the house to do something; what it answers.
export async function house(what, ...values) {
  process.stdout.write(`${JSON.stringify({ do: what, with: values })}\n`);
  return JSON.parse((await lines.next()).value);
}

export function holds(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

const complaints = [];
const pages = [];

export async function browser() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

// A browser of its own for one person, logged in.
export async function person(chrome, agency, options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  pages.push(page);
  page.setDefaultTimeout(60000);
  page.on("pageerror", (error) => complaints.push(`${agency}: ${error}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/.test(message.text()))
      complaints.push(`${agency}: ${message.text()}`);
  });
  await logIn(page, agency);
  return page;
}

export async function logIn(page, agency) {
  const login = (start.logins || {})[agency] || { user: "duty", password: start.password };
  await page.goto(start.webs[agency]);
  await page.getByLabel("Name").fill(login.user);
  await page.getByLabel("Password").fill(login.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await heading(page, "Feed");
}

// What is heading the page now: exactly this, for "Alert" also stands in "Raise an alert".
export const heading = (page, name) =>
  page.getByRole("heading", { name, level: 1, exact: true }).waitFor();

// Until what this address shows is there.
export async function go(page, address, name) {
  await page.evaluate((to) => {
    location.hash = to;
  }, `#/${address}`);
  await page.waitForFunction((at) => {
    const main = document.getElementById("main");
    return main.dataset.address === at && !main.hasAttribute("aria-busy");
  }, `#/${address}`);
  await heading(page, name);
}

// Fills in a form by its labels (true: ticks a box), and sends it: until what comes next is there.
export async function send(page, values, button, next) {
  for (const [label, value] of Object.entries(values)) {
    const words = label.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const control = page.getByLabel(new RegExp(`^${words}( \\(optional\\))?$`));
    if (value === true) await control.check();
    else if (await control.evaluate((one) => one.tagName === "SELECT"))
      await control.selectOption(value);
    else await control.fill(value);
  }
  await page.getByRole("button", { name: button, exact: true }).click();
  if (next) await heading(page, next);
}

// What a form says is wrong; the focus is on it, and it keeps the rules too.
export async function refused(page, text) {
  const summary = page.getByRole("alert").filter({ hasText: "There is a problem" });
  await summary.getByText(text).waitFor();
  await accessible(page, `a form that says: ${text}`);
  holds(
    await summary.evaluate((one) => one === document.activeElement),
    `the focus is on what is wrong: ${text}`,
  );
}

// From a notice to one of its steps, by its link.
export async function step(page, address, name, values, kind) {
  await go(page, address, kind);
  await page.getByRole("link", { name, exact: true }).click();
  await heading(page, name);
  await send(page, values, name, kind);
}

export const here = (page) => new URL(page.url()).hash.replace("#/", "");
export const inDays = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);

// No violation of WCAG 2.2 A and AA that axe can see.
export async function accessible(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: "tag", values } }),
    RULES,
  );
  const said = violations.map(
    (one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
  holds(said.length === 0, `${what} is accessible:\n${said.join("\n")}`);
}

export async function picture(page, name) {
  mkdirSync(start.pictures, { recursive: true });
  await page.screenshot({ path: `${start.pictures}/${name}.png`, fullPage: true });
}

// What each page shows when a step has failed.
async function show(page, number) {
  await picture(page, `failed-${number}`).catch(() => {});
  const text = await page.evaluate(() => `${location.hash}\n${document.body.innerText}`);
  console.error(`---- page ${number}: ${text.slice(0, 3000)}`);
}

// Runs the steps; a complaint of any page, or of its policy, fails it.
export async function run(steps) {
  const chrome = await browser();
  try {
    await steps(chrome);
    holds(complaints.length === 0, `no page complained:\n${complaints.join("\n")}`);
  } catch (error) {
    console.error(complaints.join("\n"));
    for (const [number, page] of pages.entries()) await show(page, number + 1);
    throw error;
  } finally {
    await chrome.close();
  }
  process.exit(0);
}
