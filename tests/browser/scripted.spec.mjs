// `sandbox --scripted`: a trade plays itself while the page is only watched.

import { expect, test } from "./fixtures.mjs";
import { Phone } from "./phone.mjs";

test.use({ flags: [["--scripted", "--pace", "400"], { option: true }] });

test("the desk shows a trade from hello to payout without a touch", async ({ page, sandbox }) => {
  await page.goto(`${sandbox.url}/`);
  const alice = new Phone(page.frameLocator(`iframe[title="Alice's phone"]`), "Alice");
  const bob = new Phone(page.frameLocator(`iframe[title="Bob's phone"]`), "Bob");
  await alice.reads("Draft: you are buying");
  await bob.reads("101 USDT is locked in the vault");
  await alice.reads("Released. This is who got what:");
  await bob.reads("Released. This is who got what:");
});
