// The trade's own page, which the bot serves and the phone opens from a card.

import { expect, test } from "./fixtures.mjs";
import { inspect, shoot } from "./looks.mjs";
import { open } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

/** Names and amounts of the page's list of amounts. */
const amounts = async (page) => {
  const all = page.getByRole("region", { name: "Amounts" }).locator("[data-amount]");
  return Object.fromEntries(await all.evaluateAll((all) => all.map((one) => [one.previousElementSibling.textContent, one.dataset.amount])));
};

test("opened from a card inside the phone, its pay button puts up the phone's own sheet", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  const alice = await open(page, sandbox, "buyer");
  await alice.tap("Open trade page");
  const inside = alice.sheet("Web page").locator("iframe").contentFrame();
  await expect(inside.getByRole("heading", { level: 1 })).toBeVisible();
  await inside.getByRole("link", { name: "Pay 101 USDT" }).click();
  await alice.confirm("Pay", "Pay", "Paid");
  await alice.reads("Your 101 USDT is locked in the vault");
});

test("it follows the trade by itself, and its numbers are the ledger's", async ({ page, sandbox }) => {
  const before = Number(await sandbox.balance("seller", "USDT"));
  const head = page.getByRole("banner");
  const check = {
    accepted: async () => {
      await page.goto((await sandbox.hand("seller").button("Open trade page")).link);
      await expect(head).toContainText("AwaitingPayment");
      expect(await amounts(page)).toMatchObject({ Price: "100", "On release, to you": "100" });
    },
    paid: async () => {
      await expect(head).toContainText("Funded");
      expect(await amounts(page)).toMatchObject({ "Locked in the vault": await sandbox.locked("USDT") });
    },
    delivered: async () => {
      await expect(head).toContainText("Delivered");
      expect(await amounts(page)).toMatchObject({ "Locked in the vault": await sandbox.locked("USDT") });
    },
    settled: async () => {
      await expect(head).toContainText("Settled");
      const got = String(Number(await sandbox.balance("seller", "USDT")) - before);
      expect(await amounts(page)).toMatchObject({ "Paid to you": got });
      expect(await sandbox.locked("USDT")).toBe("0");
      await inspect(page, "trade-page-settled");
      await shoot(page, "trade-page-settled");
    },
  };
  await trade(sandbox, "settled", { between: (step) => check[step]?.() });
});

test("the recovery kit comes as a file", async ({ page, sandbox }) => {
  await trade(sandbox, "paid");
  await page.goto((await sandbox.hand("buyer").button("Open trade page")).link);
  await page.getByText("recovery kit", { exact: false }).first().click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the kit" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^trade-\w{6}-kit\.txt$/);
});

test("it comes as a file inside the phone too", async ({ page, sandbox }) => {
  await trade(sandbox, "paid");
  const alice = await open(page, sandbox, "buyer");
  await alice.tap("Open trade page");
  const inside = alice.sheet("Web page").locator("iframe").contentFrame();
  await inside.getByText("recovery kit", { exact: false }).first().click();
  const [download] = await Promise.all([page.waitForEvent("download"), inside.getByRole("link", { name: "Download the kit" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^trade-\w{6}-kit\.txt$/);
});
