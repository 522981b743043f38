// Every number on the pages is the ledger's, in every state of a trade. The ledger is read once before
// and once after a page is drawn: only when both are the same does the page have to be.

import { expect, test } from "./fixtures.mjs";
import { ASSETS, trade } from "./sandbox.mjs";

/** The ledger's account: whose each output is that is not spent, how much, and its state. */
async function books(sandbox) {
  const { outputs } = await sandbox.api("ledger");
  return outputs.map(({ receivers, threshold, asset_id, amount, state }) => ({ receivers, threshold, asset_id, amount, state }));
}

/** Units of 10⁻⁸ in an amount of coins: sums must be exact. */
function units(amount) {
  const [whole, part = ""] = amount.split(".");
  return BigInt(whole) * 10n ** 8n + BigInt(part.padEnd(8, "0"));
}

/** What each holder has of each asset, in units: a person by name, a vault by its threshold and size. */
function purses(outputs, names) {
  const held = {};
  for (const coin of outputs.filter((one) => one.state !== "spent")) {
    const whose = coin.receivers.length === 1 ? names[coin.receivers[0]] : "vault";
    const key = `${whose} ${coin.asset_id}`;
    held[key] = (held[key] ?? 0n) + units(coin.amount);
  }
  return held;
}

const amounts = (rows) => rows.evaluateAll((all) => all.map((row) => ({
  name: row.querySelector("strong")?.textContent.trim() ?? "",
  has: [...row.querySelectorAll("[data-amount]")].map((one) => [one.dataset.assetId, one.dataset.amount]),
})));

/** The same, as the page of everybody's money shows it. */
async function shownPurses(page, sandbox) {
  await page.goto(`${sandbox.url}/page/behind/wallets`);
  const held = {};
  const add = (whose, has) => {
    for (const [asset, amount] of has) held[`${whose} ${asset}`] = (held[`${whose} ${asset}`] ?? 0n) + units(amount);
  };
  for (const { name, has } of await amounts(page.getByRole("table", { name: "Wallets" }).getByRole("row"))) add(name, has);
  for (const { has } of await amounts(page.getByRole("table", { name: "Vaults" }).getByRole("row"))) add("vault", has);
  return held;
}

/** The newest "Trade CODE · STATE · AMOUNT" the bot wrote to a person, and the link of the trade's page. */
async function told(sandbox, who) {
  const inbox = await sandbox.hand(who).inbox();
  const text = (message) => message.text ?? message.card?.description ?? "";
  const lines = inbox.flatMap((message) => [...text(message).matchAll(/^Trade (\w+) · (\w+) · ([\d.]+) USDT$/gm)]);
  const buttons = inbox.flatMap((message) => message.card?.actions ?? []);
  return { state: lines.at(-1)?.[2], stake: lines.at(-1)?.[3], page: buttons.findLast((one) => one.label === "Open trade page")?.action };
}

async function sums(page, link) {
  await page.goto(link);
  const list = page.getByRole("region", { name: "Amounts" }).locator("dl");
  return Object.fromEntries(await list.evaluate((all) => [...all.querySelectorAll("dt")].map((name) => [
    name.textContent.trim(),
    name.parentElement.querySelector("[data-amount]").dataset.amount,
  ])));
}

test("wallets, ledger and the trade's page show what the ledger holds, in every state", async ({ page, sandbox }) => {
  const names = Object.fromEntries((await sandbox.api("people")).map((person) => [person.user_id, person.name]));
  const before = purses(await books(sandbox), names);

  const compare = async () => {
    const { state, stake, page: link } = await told(sandbox, "seller");
    const then = await books(sandbox);
    const shown = await shownPurses(page, sandbox);
    await page.goto(`${sandbox.url}/page/behind/ledger?all=1`);
    const rows = page.getByRole("table", { name: "Outputs" }).locator("tbody tr [data-amount]");
    const listed = await rows.evaluateAll((all) => all.map((one) => `${one.dataset.assetId} ${one.dataset.amount}`));
    const pageSums = link && (await sums(page, link));
    const now = await books(sandbox);
    const again = await told(sandbox, "seller");
    if (JSON.stringify([then, state, stake]) !== JSON.stringify([now, again.state, again.stake])) return "moving";

    const held = purses(now, names);
    expect(shown, `wallets while ${state}`).toEqual(held);
    expect(listed.sort(), `outputs while ${state}`).toEqual(now.map((coin) => `${coin.asset_id} ${coin.amount}`).sort());
    const vault = held[`vault ${ASSETS.USDT}`] ?? 0n;
    const paid = (who) => (held[`${who} ${ASSETS.USDT}`] ?? 0n) - (before[`${who} ${ASSETS.USDT}`] ?? 0n);
    if (["Funded", "Delivered"].includes(state)) {
      expect(units(stake), `the first line while ${state}`).toBe(vault);
      expect(units(pageSums["Locked in the vault"]), `the trade's page while ${state}`).toBe(vault);
    } else {
      expect(vault, `the vault while ${state}`).toBe(0n);
    }
    if (state === "Settled") {
      const { Price: _, ...got } = pageSums;
      expect(Object.values(got).map(units).sort()).toEqual([paid("Bob"), paid("Fees")].sort());
      expect(paid("Alice")).toBe(-(paid("Bob") + paid("Fees")));
    }
    return state;
  };
  const states = { offered: "Proposed", accepted: "AwaitingPayment", paid: "Funded", delivered: "Delivered", settled: "Settled" };
  const between = (step) => expect.poll(compare, { message: step, timeout: 20_000, intervals: [100] }).toBe(states[step]);
  await trade(sandbox, "settled", { price: "33.33333333 USDT", between });
});
