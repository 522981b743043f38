// The two pictures of the README, drawn from a trade that is played for them.

import { expect, test } from "./fixtures.mjs";
import { picture } from "./looks.mjs";
import { Phone } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

test("a desk in the middle of a trade, and the sheet that releases the money", async ({ page, sandbox }) => {
  await page.setViewportSize({ width: 1000, height: 1080 });
  await page.goto(`${sandbox.url}/`);
  await trade(sandbox, "delivered", { item: "Camera lens 50 mm, used" });
  for (const name of ["Alice", "Bob"]) {
    const phone = new Phone(page.frameLocator(`iframe[title="${name}'s phone"]`), name);
    await phone.reads(name === "Alice" ? "says it is delivered" : "checks it and signs the release");
  }
  await picture(page, "desk");

  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${sandbox.url}/page/phone/buyer/bot`);
  const alice = new Phone(page, "Alice");
  await alice.tap("Sign release");
  await expect(alice.sheet("Sign")).toBeVisible();
  await picture(page, "phone");
});
