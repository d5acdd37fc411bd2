// The feed of one family and the board of one alert, as the lead practitioner sees them.

import { accessible, go, heading, person, run, start } from "../tests/browser/driver.mjs";

const SIZE = { width: 1000, height: 900 };
const [agency] = Object.keys(start.webs);

async function feed(page) {
  await page.getByRole("list", { name: "Households" }).getByRole("link").first().click();
  await heading(page, "Family at 3");
  await accessible(page, "the family's feed");
  // As to somebody who had looked at all of it: else each entry of the year is new.
  await page.getByRole("button", { name: "I have looked at all of this" }).click();
  await page.getByText("new", { exact: true }).first().waitFor({ state: "detached" });
  return SIZE.height;
}

// Down to the end of the newest alert.
async function board(page) {
  await go(page, "alerts", "Alerts");
  await accessible(page, "the board");
  const box = await page.locator(".kith-alert").first().boundingBox();
  return Math.ceil(box.y + box.height);
}

run(async (chrome) => {
  const page = await person(chrome, agency, { viewport: SIZE });
  const height = await { feed, board }[start.picture](page);
  await page.screenshot({
    path: `${start.pictures}/${start.picture}.png`,
    fullPage: true,
    clip: { x: 0, y: 0, width: SIZE.width, height },
  });
});
