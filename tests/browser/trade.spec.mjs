// A whole trade, by both payment roads and by an invitation, as two people play it.

import { expect, test } from "./fixtures.mjs";
import { inspect, shoot } from "./looks.mjs";
import { Effort, Phone, open } from "./phone.mjs";
import { ASSETS, trade } from "./sandbox.mjs";

/** Two phones on one desk, whose clicks and fields are counted together. */
function desk(page) {
  const effort = new Effort();
  const phone = (name) => new Phone(page.frameLocator(`iframe[title="${name}'s phone"]`), name, effort);
  return { alice: phone("Alice"), bob: phone("Bob"), effort };
}

/** What the page of everybody's money shows of a person's. */
function shown(page, name, symbol) {
  const row = page.getByRole("table", { name: "Wallets" }).getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
  return row.locator(`[data-asset-id="${ASSETS[symbol]}"]`);
}

test("from hello to the seller's money by clicks: at most 14, and 2 typed fields", async ({ page, sandbox }) => {
  const before = Number(await sandbox.balance("seller", "USDT"));
  await page.goto(`${sandbox.url}/`);
  const { alice, bob, effort } = desk(page);

  await alice.hi();
  await alice.tap("I'm buying");
  await alice.reads("What are you buying?");
  await alice.say("Camera lens 50 mm, used");
  await alice.reads("What is the price?");
  await alice.say("100 USDT");
  await alice.reads("Next: invite the seller");
  await alice.share("Bob");
  await alice.tap("Send it to Bob");

  await bob.tap("Accept");
  await alice.pay("Pay 101 USDT");
  await bob.reads("101 USDT is locked in the vault");
  await shoot(page, "desk-funded");
  await bob.tap("I have delivered");
  await alice.reads("says it is delivered");
  await alice.sign("Sign release");
  await alice.reads("Released. This is who got what:");
  await bob.reads("Released. This is who got what:");
  await shoot(page, "desk-settled");

  await page.getByRole("navigation", { name: "Sandbox" }).getByRole("link", { name: "Wallets" }).click();
  await expect(shown(page, "Bob", "USDT")).toHaveAttribute("data-amount", String(before + 100));
  expect(await sandbox.balance("seller", "USDT")).toBe(String(before + 100));
  console.log(`${effort.clicks} clicks, ${effort.typed} typed fields`);
  expect(effort.clicks, "clicks").toBeLessThanOrEqual(14);
  expect(effort.typed, "typed fields").toBeLessThanOrEqual(2);
});

test("by an invitation that goes from friend to friend", async ({ page, sandbox, context }) => {
  const alice = await open(page, sandbox, "buyer");
  await alice.hi();
  await alice.tap("I'm buying");
  await alice.reads("What are you buying?");
  await alice.say("Camera lens");
  await alice.reads("What is the price?");
  await alice.say("100 USDT");
  await alice.tap("Invite the seller");
  const invitation = alice.message("to buy “Camera lens” safely");
  const [link] = /mixin:\/\/send\S+/.exec(await invitation.innerText());
  await alice.click(invitation.getByText("Forward", { exact: true }));
  await alice.click(invitation.getByRole("button", { name: "Bob", exact: true }));
  await expect(page.getByRole("status")).toContainText("Sent");

  const bob = await open(await context.newPage(), sandbox, "seller", "buyer");
  await bob.click(bob.message("to buy “Camera lens” safely").getByRole("button", { name: link }));
  await expect(bob.sheet("Send a message")).toContainText("Escrow");
  await bob.confirm("Send a message", "Send", "Sent");
  const bots = await open(bob.at, sandbox, "seller");
  await bots.tap("Accept");

  await open(page, sandbox, "buyer");
  await alice.tap("Yes, it is Bob");
  await alice.reads("Next: pay 101 USDT");
  await bots.reads("Deliver nothing before I say that it is locked");
});

test("with MixPay, in another coin", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  const before = Number(await sandbox.balance("seller", "USDT"));
  const alice = await open(page, sandbox, "buyer");
  await alice.tap("Pay with any coin (MixPay)");
  const sheet = alice.sheet("MixPay");
  await expect(sheet).toContainText("101 USDT");
  await alice.click(sheet.getByRole("button", { name: /^Pay [\d.]+ BTC$/ }));
  await expect(sheet).toContainText("Paid");
  await alice.close("MixPay");
  await alice.reads("Your 101 USDT is locked in the vault");
  await alice.sign("Sign release");
  await alice.reads("Released. This is who got what:");
  expect(Number(await sandbox.balance("seller", "USDT"))).toBe(before + 100);
});

test("with MixPay, from another wallet and too little: nothing is locked, and the chat says what happens", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  const alice = await open(page, sandbox, "buyer");
  await alice.tap("Pay with any coin (MixPay)");
  const sheet = alice.sheet("MixPay");
  await sheet.getByText("From another wallet", { exact: true }).click();
  await sheet.getByRole("combobox").selectOption(ASSETS.BTC);
  await sheet.getByRole("textbox", { name: /^Amount sent/ }).fill("0.0005");
  await sheet.getByRole("button", { name: "Send the money" }).click();
  await expect(sheet).toContainText(/Pending: [\d.]+ BTC is missing/);
  await inspect(page, "sheet-mixpay-underpaid");
  await shoot(page, "sheet-mixpay-underpaid");
  await alice.close("MixPay");
  await alice.tap("I have paid");
  await alice.reads("MixPay has received only a part of the payment. It is not locked yet.");
  await expect(alice.button("Pay the rest (MixPay)")).toBeVisible();
  await shoot(page, "chat-underpaid");
  // MixPay waits some minutes for the rest, then gives up.
  await sandbox.clock(1);
  await alice.reads("Paying through MixPay came to nothing: the amount was wrong. Nothing of it is locked.");
  await alice.reads("MixPay returns it to whoever paid");
  expect(JSON.stringify(await sandbox.hand("buyer").inbox())).not.toContain("101 USDT is locked in the vault");
});
