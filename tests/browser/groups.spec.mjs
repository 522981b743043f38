// A trade that begins in a group, by clicks only, on a screen 390 pixels wide.

import { expect, test } from "./fixtures.mjs";
import { fits, inspect, shoot } from "./looks.mjs";
import { open } from "./phone.mjs";

test.use({ viewport: { width: 390, height: 844 } });

const GROUP = "Flea market";

/** Bob makes a group with everybody in it. */
async function gathers(page, sandbox) {
  await page.goto(`${sandbox.url}/page/phone/seller`);
  await page.getByRole("link", { name: "New group" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(GROUP);
  for (const name of [/^Alice/, /^Mallory/, /bot$/]) await page.getByRole("checkbox", { name }).check();
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(page.getByRole("heading", { level: 1, name: GROUP })).toBeVisible();
}

/** Somebody's phone with the group on it, from their list of chats. */
async function inGroup(page, sandbox, who) {
  const phone = await open(page, sandbox, who, "");
  await phone.chat(GROUP);
  return phone;
}

test("a group trade by clicks only: offered by mention, taken by a button, all that binds in private", async ({ page, sandbox }) => {
  const before = { buyer: Number(await sandbox.balance("buyer", "USDT")), seller: Number(await sandbox.balance("seller", "USDT")) };
  await gathers(page, sandbox);
  let bob = await inGroup(page, sandbox, "seller");
  await bob.reads("Here I read only what begins with");
  await bob.say("sell camera lens 100 USDT");
  await bob.reads("wants to sell: “camera lens”, 100 USDT");
  bob = await open(page, sandbox, "seller");
  await bob.tap("Invite the buyer");
  await bob.reads("Proposed");

  const mallory = await inGroup(page, sandbox, "stranger");
  await mallory.reads("Anybody here may take it");
  await inspect(page, "a group");
  await fits(page, "a group");
  await shoot(page, "group-offer");
  await mallory.tap("Withdraw the offer");
  await mallory.reads("That is for Bob");

  let alice = await inGroup(page, sandbox, "buyer");
  await alice.tap("See the offer");
  await alice.reads("Alice (");
  await expect(alice.message("is looking at the offer")).toBeVisible();
  await expect(alice.button("Accept")).toHaveCount(0);
  alice = await open(page, sandbox, "buyer");
  await alice.tap("Accept");
  await alice.reads("You agreed");
  bob = await open(page, sandbox, "seller");
  await bob.tap("Yes, it is Alice");
  alice = await open(page, sandbox, "buyer");
  await alice.pay("Pay 101 USDT");
  await alice.reads("is locked in the vault");

  alice = await inGroup(page, sandbox, "buyer");
  await alice.reads("The money is locked in the vault of three");
  await expect(alice.messages.getByText("mixin.one")).toHaveCount(0);
  bob = await open(page, sandbox, "seller");
  await bob.tap("I have delivered");
  alice = await open(page, sandbox, "buyer");
  await alice.sign("Sign release");
  await alice.reads("Released.");
  alice = await inGroup(page, sandbox, "buyer");
  await alice.reads("Done: the money is paid out");
  await shoot(page, "group-done");
  expect(Number(await sandbox.balance("buyer", "USDT"))).toBe(before.buyer - 101);
  expect(Number(await sandbox.balance("seller", "USDT"))).toBe(before.seller + 100);
});

test("a trade's room in Chinese: made by a button, opened by another", async ({ page, sandbox }) => {
  const [buyer, seller] = [sandbox.hand("buyer"), sandbox.hand("seller")];
  const { user_id } = (await sandbox.api("people")).find((person) => person.role === "seller");
  await buyer.say("购买 相机镜头 100 USDT");
  await buyer.button("邀请卖家");
  await buyer.api("contact", { user_id });
  await buyer.tap("发给 Bob");
  await seller.tap("Accept");
  const alice = await open(page, sandbox, "buyer");
  await alice.say("为什么");
  await alice.tap("建交易专用群");
  await alice.reads("专用群建好了");
  await alice.tap("打开专用群");
  await expect(page.getByRole("heading", { level: 1, name: /^Trade / })).toBeVisible();
  await alice.reads("这是这笔交易的专用群");
  await alice.reads("我从不在群里要钱");
  await fits(page, "a room");
  await shoot(page, "group-room-zh");
});
