// Mallory, who is in nobody's trade, with links that are not hers.

import { expect, test } from "./fixtures.mjs";
import { shoot } from "./looks.mjs";
import { Phone } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

const ITEM = "Camera lens 50 mm";

/** What Mallory's phone shows for a link. */
async function follow(page, sandbox, link) {
  await page.goto(`${sandbox.url}/page/phone/stranger/bot?link=${encodeURIComponent(link)}`);
  await expect(page.getByRole("dialog")).toBeVisible();
}

/** Everybody's money, as the ledger counts it: every output, and whether it is spent. */
async function money(sandbox) {
  const { outputs } = await sandbox.api("ledger");
  return JSON.stringify(outputs);
}

test("a pay link of somebody else's: looking moves nothing and tells nothing of the trade", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted", { item: ITEM });
  const { link } = await sandbox.hand("buyer").button("Pay 101 USDT");
  const before = await money(sandbox);
  await follow(page, sandbox, link);
  await expect(page.getByText(ITEM)).toHaveCount(0);
  await expect(page.getByText(/kit/i)).toHaveCount(0);
  expect(await money(sandbox)).toBe(before);
});

test("a pay link of somebody else's, paid all the same: it locks nothing and goes back", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  const buyer = sandbox.hand("buyer");
  const before = await sandbox.balance("stranger", "USDT");
  const { link } = await buyer.button("Pay 101 USDT");
  await follow(page, sandbox, link);
  await page.getByRole("dialog", { name: "Pay" }).getByRole("button", { name: "Pay", exact: true }).click();
  await expect(page.getByRole("status")).toContainText("Paid");
  await buyer.reads("from somebody who is not the buyer. It does not count");
  await buyer.sign("Sign return");
  await expect.poll(() => sandbox.balance("stranger", "USDT")).toBe(before);
  expect(JSON.stringify(await sandbox.hand("seller").inbox())).not.toContain("101 USDT is locked in the vault");
});

test("a signing link of somebody else's: no button, no signature", async ({ page, sandbox }) => {
  await trade(sandbox, "paid");
  const { link } = await sandbox.hand("buyer").button("Sign release");
  const before = await money(sandbox);
  await follow(page, sandbox, link);
  await expect(page.getByRole("dialog", { name: "Not opened" })).toBeVisible();
  await expect(page.getByRole("dialog").getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("dialog").getByRole("textbox")).toHaveCount(0);
  expect(await money(sandbox)).toBe(before);
});

test("an invitation that somebody else has taken: it tells nothing and lets nobody in", async ({ page, sandbox }) => {
  const [buyer, seller] = [sandbox.hand("buyer"), sandbox.hand("seller")];
  await buyer.say("Hi");
  await buyer.tap("I'm buying");
  await buyer.reads("What are you buying?");
  await buyer.say(ITEM);
  await buyer.reads("What is the price?");
  await buyer.say("100 USDT");
  await buyer.tap("Invite the seller");
  await buyer.reads("mixin://send?");
  const [link] = /mixin:\/\/send\?[^\s"\\]+/.exec(JSON.stringify(await buyer.inbox()));
  await seller.api("open", { link, confirm: true });
  await seller.tap("Accept");
  await buyer.tap("Yes, it is Bob");
  await buyer.button("Pay 101 USDT");

  await follow(page, sandbox, link);
  await page.getByRole("dialog", { name: "Send a message" }).getByRole("button", { name: "Send", exact: true }).click();
  const mallory = new Phone(page, "Mallory");
  await mallory.reads("I know no trade of yours with the code");
  await expect(page.getByText(ITEM)).toHaveCount(0);
  await expect(page.getByText(/Alice \(|Bob \(/)).toHaveCount(0);
  await expect(mallory.button("Accept")).toHaveCount(0);
});

test("the address of a trade's page with a letter changed: the same answer as to any nonsense", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted", { item: ITEM });
  const { link } = await sandbox.hand("buyer").button("Open trade page");
  const at = link.lastIndexOf("/") + 1;
  const answer = async (url) => {
    const answer = await fetch(url);
    return { status: answer.status, text: await answer.text() };
  };
  const nonsense = await answer(`${link.slice(0, at)}ABC234-${"x".repeat(20)}`);
  expect(nonsense.status).toBe(404);
  for (let place = at; place < link.length; place += 1) {
    const other = link[place] === "2" ? "3" : "2";
    const changed = link.slice(0, place) + other + link.slice(place + 1);
    expect(await answer(changed), changed).toEqual(nonsense);
    expect((await answer(`${changed}/kit.txt`)).status, `${changed}/kit.txt`).toBe(404);
  }
  await page.goto(`${link.slice(0, -1)}${link.endsWith("2") ? "3" : "2"}`);
  await expect(page.getByText(ITEM)).toHaveCount(0);
  await shoot(page, "trade-page-nowhere");
});
