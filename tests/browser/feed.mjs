// The feed shows what arrives, over a restart of the broker; what has a script in it is text.

import { accessible, go, heading, holds, house, person, picture, run, start } from "./driver.mjs";

const SCRIPT = "<img src=x onerror=document.title='run'><script>document.title='run'</script>";

run(async (chrome) => {
  const page = await person(chrome, "housing");
  await page.getByText("Live: what arrives shows here by itself.").waitFor();
  await house("publish", 1, `first ${SCRIPT}`);
  await page.getByText("first <img").waitFor();
  await house("restart hub");
  await house("publish", 2, "second, after the restart");
  await page.getByText("second, after the restart").waitFor();
  await accessible(page, "the feed");
  await picture(page, "feed");
  const list = page.getByRole("list", { name: "Households" });
  holds((await list.locator("script, img").count()) === 0, "nothing of it is an element");

  await page.getByRole("link", { name: start.name }).click();
  await heading(page, start.name);
  const timeline = page.getByRole("list", { name: "Timeline" });
  await timeline.getByText("first <img").waitFor();
  await page.getByRole("img", { name: "How often each agency" }).waitFor();
  await page.getByRole("table", { name: "Load by agency" }).waitFor();
  await accessible(page, "a household");
  await picture(page, "household");
  await house("publish", 3, "third, while the household is open");
  await timeline.getByText("third, while").waitFor();
  for (const where of [await page.title(), page.url()]) {
    holds(!where.includes(start.name) && !where.includes("family"), `no name in ${where}`);
  }
  await page.getByRole("button", { name: "I have looked at all of this" }).click();
  await timeline.getByText("new", { exact: true }).first().waitFor({ state: "detached" });
  await timeline.getByRole("link", { name: "first <img" }).click();
  await heading(page, "Event");
  await page.getByText("onerror=document.title='run'").first().waitFor();
  holds((await page.title()) === "Notice – Kith", "no script ran");
  await go(page, "front-door", "Front door");
  await accessible(page, "the front door");
});
