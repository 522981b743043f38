// Every page and every sheet: what axe finds, whether a phone's width is enough, and pictures of all of them.

import { expect, test } from "./fixtures.mjs";
import { fits, inspect, shoot } from "./looks.mjs";
import { trade } from "./sandbox.mjs";

/** While a trade waits for money: the phone and its sheets for paying. */
async function unpaid(sandbox) {
  await trade(sandbox, "accepted");
  const buyer = sandbox.hand("buyer");
  const { link: pay } = await buyer.button("Pay 101 USDT");
  const { link: mixpay } = await buyer.button("Pay with any coin (MixPay)");
  const { link: page } = await buyer.button("Open trade page");
  return [
    ["chat-to-pay", "/page/phone/buyer/bot"],
    ["sheet-pay", sheet("buyer", pay)],
    ["sheet-mixpay", sheet("buyer", mixpay)],
    ["checkout", new URL(mixpay).pathname],
    ["sheet-web-page", sheet("buyer", page)],
    ["trade-page-to-pay", page],
    ["sheet-not-opened", sheet("stranger", "mixin://nothing/here")],
  ];
}

/** When it is paid: the sheets one signs on. */
async function paid(sandbox) {
  await trade(sandbox, "paid");
  const people = await sandbox.api("people");
  const id = (role) => people.find((person) => person.role === role).user_id;
  const { link: release } = await sandbox.hand("buyer").button("Sign release");
  const { link: page } = await sandbox.hand("seller").button("Open trade page");
  return [
    ["chat-funded", "/page/phone/seller/bot"],
    ["sheet-sign", sheet("buyer", release)],
    ["sheet-revoke", sheet("buyer", release.replace("action=sign", "action=revoke"))],
    ["sheet-send", sheet("seller", `mixin://send?user=${id("bot")}&text=help`)],
    ["sheet-profile", sheet("seller", `mixin://users/${id("buyer")}`)],
    ["trade-page-funded", page],
  ];
}

/** What a phone shows beside a trade. */
async function phones(sandbox) {
  await sandbox.hand("buyer").say("Do you still have the lens?", "seller");
  return [
    ["desk", "/"],
    ["chats", "/page/phone/buyer"],
    ["chat-empty", "/page/phone/stranger/bot"],
    ["chat-friend", "/page/phone/buyer/seller"],
    ["group-new", "/page/phone/buyer/new"],
    ["wallet", "/page/phone/buyer/wallet"],
    ["nowhere", "/page/nothing"],
  ];
}

/** What lies behind. */
async function behind(sandbox) {
  await trade(sandbox, "paid");
  const [, code] = /Trade (\w{6}) · Funded/.exec(JSON.stringify(await sandbox.hand("buyer").inbox()));
  return [
    ["wallets", "/page/behind/wallets"],
    ["ledger", "/page/behind/ledger"],
    ["bot", "/page/behind/bot"],
    ["trade", `/page/behind/trade/${code}`],
    ["faults", "/page/behind/faults"],
  ];
}

function sheet(who, link) {
  return `/page/phone/${who}/bot?link=${encodeURIComponent(link)}`;
}

for (const places of [unpaid, paid, phones, behind]) {
  test(`${places.name}: axe, widths, fingers`, async ({ page, sandbox }) => {
    for (const [place, path] of await places(sandbox)) {
      await test.step(place, async () => {
        await page.goto(new URL(path, sandbox.url).href);
        await expect(page.getByRole("heading").first()).toBeAttached();
        await inspect(page, place);
        await fits(page, place);
        await shoot(page, place);
      });
    }
  });
}
