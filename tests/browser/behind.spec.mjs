// What lies behind the phones: money, the bot's own account, faults and the clock.

import { expect, test } from "./fixtures.mjs";
import { open } from "./phone.mjs";
import { ASSETS, trade } from "./sandbox.mjs";

const way = (page, name) => page.getByRole("navigation", { name: "Sandbox" }).getByRole("link", { name, exact: true });
const table = (page, name) => page.getByRole("table", { name });

/** Amounts that elements within a place show, in 10⁻⁸: asset → amounts, smallest first. */
async function shown(within) {
  const all = await within.locator("[data-amount]").evaluateAll((all) => all.map(({ dataset }) => [dataset.assetId, dataset.amount]));
  return grouped(all);
}

function grouped(pairs) {
  const found = {};
  for (const [asset, amount] of pairs) (found[asset] ??= []).push(Math.round(Number(amount) * 1e8));
  for (const amounts of Object.values(found)) amounts.sort((one, other) => one - other);
  return found;
}

test("three hours pass, and a trade nobody paid has expired", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  await page.goto(`${sandbox.url}/`);
  await way(page, "Faults and clock").click();
  const clock = page.getByText("On the network it is");
  for (let hour = 0; hour < 3; hour += 1) {
    const before = await clock.innerText();
    await page.getByRole("button", { name: "+1 hour" }).click();
    await expect(page.getByRole("status")).toContainText("moved forward");
    await expect(clock).not.toHaveText(before);
  }
  const alice = await open(page, sandbox, "buyer");
  await alice.reads("The full amount was not paid in time");
});

test("calls fail, answers are lost, the live connection breaks; the money is locked all the same", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  await page.goto(`${sandbox.url}/page/behind/faults`);
  const set = page.getByRole("list", { name: "Set now" });
  await page.getByRole("textbox", { name: /^Only paths that begin with/ }).fill("/safe/");
  await page.getByRole("textbox", { name: "How many calls" }).fill("3");
  await page.getByRole("button", { name: "Lose the answer" }).click();
  await expect(set).toContainText("the answer is lost");
  await page.getByRole("button", { name: "Fail with 500" }).click();
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  await expect(page.getByRole("status")).toContainText("every live connection");

  const alice = await open(page, sandbox, "buyer");
  await alice.pay("Pay 101 USDT");
  await alice.reads("Your 101 USDT is locked in the vault");
  await page.goto(`${sandbox.url}/page/behind/faults`);
  await expect(set).toContainText("No fault is waiting.");
});

test("one unit taken away is seen at once", async ({ page, sandbox }) => {
  await trade(sandbox, "paid");
  await page.goto(`${sandbox.url}/page/behind/ledger`);
  const verdict = table(page, "Where the money is");
  await expect(verdict).toContainText("yes, to the last unit");
  await expect(verdict).not.toContainText("missing");
  await way(page, "Faults and clock").click();
  await page.getByRole("combobox", { name: "One unit less in" }).selectOption({ label: "the newest output of a vault of Alice's" });
  await page.getByRole("button", { name: "Take one unit away" }).click();
  await way(page, "Ledger").click();
  await expect(verdict).toContainText("0.00000001 missing");
});

test("the pages' numbers are the ledger's, at every step of a trade", async ({ page, sandbox }) => {
  const check = async (step) => {
    const { outputs } = await sandbox.api("ledger");
    const coins = outputs.map((coin) => [coin.asset_id, coin.amount]);
    const free = outputs.filter((coin) => coin.state !== "spent");
    await page.goto(`${sandbox.url}/page/behind/ledger`);
    expect(await shown(table(page, /^Outputs/)), `outputs, ${step}`).toEqual(grouped(coins));

    await page.goto(`${sandbox.url}/page/behind/wallets`);
    const total = (found) => Object.fromEntries(Object.entries(found).map(([asset, all]) => [asset, all.reduce((a, b) => a + b)]));
    const [wallets, vaults] = [await shown(table(page, "Wallets")), await shown(page.getByRole("main"))];
    const own = free.filter((coin) => coin.receivers.length === 1).map((coin) => [coin.asset_id, coin.amount]);
    expect(total(wallets), `wallets, ${step}`).toEqual(total(grouped(own)));
    expect(total(vaults), `wallets and vaults, ${step}`).toEqual(total(grouped(free.map((coin) => [coin.asset_id, coin.amount]))));
  };
  await trade(sandbox, "settled", { between: check });
});

test("the bot's account of a trade: state, history, plans", async ({ page, sandbox }) => {
  await trade(sandbox, "settled");
  await page.goto(`${sandbox.url}/page/behind/bot`);
  const trades = table(page, /^Trades/);
  await expect(trades).toContainText("Settled");
  await trades.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/^Trade \w{6}$/);
  await expect(page.getByRole("heading", { name: "Timeline" })).toBeVisible();
  await expect(table(page, "Plans")).toContainText("co-signed");
});

test("test money is given, and shown on the phone", async ({ page, sandbox }) => {
  const before = Number(await sandbox.balance("buyer", "BTC"));
  await page.goto(`${sandbox.url}/page/behind/wallets`);
  await page.getByRole("combobox", { name: "Person" }).selectOption("Alice");
  await page.getByRole("combobox", { name: "Asset" }).selectOption(ASSETS.BTC);
  await page.getByRole("textbox", { name: "Amount" }).fill("0.5");
  await page.getByRole("button", { name: "Give" }).click();
  await expect(page.getByRole("status")).toContainText("Test money given");
  expect(Number(await sandbox.balance("buyer", "BTC"))).toBeCloseTo(before + 0.5, 8);
  await page.goto(`${sandbox.url}/page/phone/buyer/wallet`);
  await expect(page.locator(`[data-asset="BTC"][data-amount]`).first()).toHaveAttribute("data-amount", String(before + 0.5));
});
