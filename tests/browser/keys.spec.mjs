// Without a mouse, and without the script.

import { expect, test } from "./fixtures.mjs";
import { open } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

/** Walks with Tab until that is in focus. */
async function walk(page, to) {
  for (let steps = 0; steps < 150; steps += 1) {
    if (await to.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never gets to ${to}`);
}

test.describe("by keyboard alone", () => {
  test("said, tapped, paid; the sheet takes the focus and gives it back", async ({ page, sandbox }) => {
    await trade(sandbox, "accepted");
    const alice = await open(page, sandbox, "buyer");
    const pay = alice.button("Pay 101 USDT");
    await expect(pay).toBeVisible();

    await walk(page, pay);
    await page.keyboard.press("Enter");
    const sheet = alice.sheet("Pay");
    await expect(sheet).toBeVisible();
    await expect(sheet.locator(":focus")).toHaveCount(1);
    await page.keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    await expect(pay).toBeFocused();

    await page.keyboard.press("Enter");
    await expect(sheet.locator(":focus")).toHaveCount(1);
    await walk(page, sheet.getByRole("button", { name: "Pay", exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status")).toContainText("Paid");
    await expect(sheet).toHaveCount(0);
    await alice.reads("Your 101 USDT is locked in the vault");

    await walk(page, alice.composer);
    await page.keyboard.type("status");
    await page.keyboard.press("Enter");
    await expect(alice.composer).toHaveValue("");
    await expect(alice.composer).toBeFocused();
    await alice.reads("status");
  });

  test("half a text and the focus stay where they are while the chat moves on", async ({ page, sandbox }) => {
    await trade(sandbox, "accepted");
    const alice = await open(page, sandbox, "buyer");
    await alice.reads("Next: pay 101 USDT");
    await alice.composer.focus();
    await page.keyboard.type("half a te");
    await sandbox.hand("buyer").pay("Pay 101 USDT");
    await alice.reads("Your 101 USDT is locked in the vault");
    await expect(alice.composer).toHaveValue("half a te");
    await expect(alice.composer).toBeFocused();
    // A phone's own keyboard takes half of the window.
    await page.setViewportSize({ width: 390, height: 500 });
    await expect(alice.messages.getByRole("article").last().getByText(/^\d\d:\d\d$/)).toBeInViewport();
  });
});

test.describe("without the script", () => {
  test.use({ javaScriptEnabled: false });

  /** A click that brings a new page. */
  const turning = (page, click) => Promise.all([page.waitForNavigation(), click()]);

  /** Reloads, as a person would, until the text is there. */
  const reads = (phone, page, text) =>
    expect(async () => {
      await page.reload();
      await expect(phone.message(text)).toBeVisible({ timeout: 300 });
    }).toPass();

  test("hello, a button, a sheet, a payment", async ({ page, sandbox }) => {
    const alice = await open(page, sandbox, "buyer");
    await alice.hi();
    await reads(alice, page, "What would you like to do?");
    await alice.tap("I'm buying");
    await reads(alice, page, "What are you buying?");
    await alice.say("Camera lens");
    await reads(alice, page, "What is the price?");
    await alice.say("100 USDT");
    await reads(alice, page, "Draft: you are buying");
    await alice.share("Bob");
    await reads(alice, page, "Send it to Bob");
    await alice.tap("Send it to Bob");
    await sandbox.hand("seller").tap("Accept");
    await reads(alice, page, "Next: pay 101 USDT");
    await alice.tap("Pay 101 USDT");
    await alice.confirm("Pay", "Pay", "Paid");
    await reads(alice, page, "Your 101 USDT is locked in the vault");
  });
});
