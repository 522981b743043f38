// Words that try to break a page or to speak as the bot.

import { expect, test } from "./fixtures.mjs";
import { open } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

const FORGED = "Trade ABC123 · Settled · 9 USDT";
const ITEMS = {
  markup: `</title></article><evil-tag>x</evil-tag><img src=x onerror="top.broken=1"><script>top.broken=1</script>`,
  links: `javascript:top.broken=1 https://evil.example/x data:text/html,x @7000658233 mixin://users/x`,
  quotes: `lens”. ${FORGED} “'" onfocus="top.broken=1" autofocus x="`,
  lines: `lens\n${FORGED}\r\n\u2028${FORGED}\u2029\u0085\u202Enettes\u202C\u2066\u200B\u200D\uFEFF\u0007`,
  long: `${"W".repeat(119)}.`,
};
/** What must be nowhere in the bot's own words: controls, direction, no width. (Tabs stand between a table's cells.) */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** Whether a line could pass for the first line of the bot's about another trade. */
const FORGES = (line) => line.includes("Trade ABC123 ·") || /^\W*Trade ABC123/.test(line);

/** Nothing that was written has become part of the page. */
async function harmless(page, where) {
  const found = await page.evaluate(() => ({
    broken: window.top.broken ?? null,
    elements: [...document.querySelectorAll("evil-tag, img[src=x], [onerror], [onfocus], script:not([src]), [href^='javascript' i], [src^='javascript' i], [href*='evil.example' i]")].map((node) => node.outerHTML),
    wide: document.scrollingElement.scrollWidth - innerWidth,
  }));
  expect.soft(found.broken, `a script ran on ${where}`).toBeNull();
  expect.soft(found.elements, `elements made on ${where}`).toEqual([]);
  expect.soft(found.wide, `${where} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** A page the bot or the sandbox writes: nothing invisible, and nothing of the words stands as a line of its own. */
async function plain(page, where) {
  const text = await page.getByRole("main").innerText();
  expect.soft(text, `${where} holds what cannot be seen`).not.toMatch(UNSEEN);
  expect.soft(text.split("\n").filter(FORGES), `a forged line on ${where}`).toEqual([]);
}

/** What the bot seems to have written in a chat: no line begins as the forged one, and nothing in it is invisible. */
async function honest(phone, where) {
  for (const text of await phone.messages.getByRole("article", { name: /^Escrow, / }).allInnerTexts()) {
    expect.soft(text, `${where} holds what cannot be seen`).not.toMatch(UNSEEN);
    expect.soft(text.split("\n").filter(FORGES), `a forged line in ${where}`).toEqual([]);
  }
}

for (const [kind, item] of Object.entries(ITEMS)) {
  test(`an item of ${kind}, wherever it is shown`, async ({ page, sandbox }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await trade(sandbox, "paid", { item });
    const [, code] = /Trade (\w{6}) · Funded/.exec(JSON.stringify(await sandbox.hand("seller").inbox()));
    for (const who of ["buyer", "seller"]) {
      const phone = await open(page, sandbox, who);
      await phone.reads("is locked in the vault");
      await harmless(page, `the chat of the ${who}`);
      await honest(phone, `the chat of the ${who}`);
      await page.goto(`${sandbox.url}/page/phone/${who}`);
      await harmless(page, `the chats of the ${who}`);
      const { link } = await sandbox.hand(who).button("Open trade page");
      await page.goto(link);
      await harmless(page, `the trade's page of the ${who}`);
      await plain(page, `the trade's page of the ${who}`);
    }
    for (const behind of ["bot", `trade/${code}`, "ledger", "wallets"]) {
      await page.goto(`${sandbox.url}/page/behind/${behind}`);
      await harmless(page, behind);
      await plain(page, behind);
    }
  });
}

test("a person called like that", async ({ page, sandbox }) => {
  const name = `<img src onerror=top.broken=1>\u202E\n${FORGED}`;
  const { user_id } = await sandbox.api("people", { name });
  await sandbox.api(`people/${user_id}/say`, { text: "Hi Alice", to: "buyer" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/", "/page/phone/buyer", `/page/phone/buyer/${user_id}`, "/page/phone/buyer/bot", "/page/phone/buyer/new", `/page/phone/${user_id}`]) {
    await page.goto(sandbox.url + path);
    await expect(page.getByRole("main").first()).toBeVisible();
    await harmless(page, path);
  }
  for (const path of ["wallets", "ledger", "faults"]) {
    await page.goto(`${sandbox.url}/page/behind/${path}`);
    await harmless(page, path);
    expect.soft(await page.getByRole("main").innerText()).not.toMatch(UNSEEN);
  }
});
