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

export async function browser() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

// A browser of its own for one person, logged in.
export async function person(chrome, agency, options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  page.on("pageerror", (error) => complaints.push(`${agency}: ${error}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/.test(message.text()))
      complaints.push(`${agency}: ${message.text()}`);
  });
  await page.goto(start.webs[agency]);
  await page.getByLabel("Name").fill("duty");
  await page.getByLabel("Password").fill(start.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Feed", level: 1 }).waitFor();
  return page;
}

// What is heading the page now.
export const heading = (page, name) => page.getByRole("heading", { name, level: 1 }).waitFor();

export async function go(page, address, name) {
  await page.evaluate((to) => {
    location.hash = to;
  }, `#/${address}`);
  await heading(page, name);
  await page.waitForFunction(() => !document.querySelector("[aria-busy]"));
}

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

// Runs the steps; a complaint of any page, or of its policy, fails it.
export async function run(steps) {
  const chrome = await browser();
  try {
    await steps(chrome);
    holds(complaints.length === 0, `no page complained:\n${complaints.join("\n")}`);
  } finally {
    await chrome.close();
  }
  process.exit(0);
}
