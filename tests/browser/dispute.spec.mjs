// A dispute and a right by time, by clicks on a screen 390 pixels wide; typed is only what a person has to say.

import { expect, test } from "./fixtures.mjs";
import { fits, inspect, shoot } from "./looks.mjs";
import { open } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

test.use({ viewport: { width: 390, height: 844 } });

const PRICE = "100 USDT";
const STORY = "The front glass is cracked; on your picture it is whole.";
const REASON = "It is another lens than the one agreed on.";

/** What the people of a trade have, in 10⁻⁸. */
async function purses(sandbox) {
  const roles = ["buyer", "seller", "judge"];
  const all = roles.map(async (role) => [role, Math.round(Number(await sandbox.balance(role, "USDT")) * 1e8)]);
  return Object.fromEntries(await Promise.all(all));
}

/** Somebody's chat with the bot, looked at by axe, by a ruler and by whoever reads the pictures. */
async function looked(page, name) {
  await inspect(page, name);
  await fits(page, name);
  await shoot(page, name);
}

test("a dispute: bought, delivered, not as agreed, shown, judged, refunded", async ({ page, sandbox }) => {
  test.slow();
  const before = await purses(sandbox);
  let judy = await open(page, sandbox, "judge");
  await judy.hi();
  await judy.reads("What would you like to do?");

  let alice = await open(page, sandbox, "buyer");
  await alice.hi();
  await alice.tap("I'm buying");
  await alice.reads("What are you buying?");
  await alice.say("Camera lens 50 mm");
  await alice.reads("What is the price?");
  await alice.say(PRICE);
  await alice.reads("Next: invite the seller");
  await alice.share("Bob");
  await alice.tap("Send it to Bob");
  let bob = await open(page, sandbox, "seller");
  await bob.tap("Accept");
  alice = await open(page, sandbox, "buyer");
  await alice.pay("Pay 101 USDT");
  await alice.reads("is locked in the vault");
  bob = await open(page, sandbox, "seller");
  await bob.tap("I have delivered");

  alice = await open(page, sandbox, "buyer");
  await alice.reads("says it is delivered");
  await alice.tap("Problem");
  await alice.reads("If you call for a judge");
  await looked(page, "dispute-problem");
  await alice.tap("Not as agreed");
  await alice.reads("send me what shows it");
  await alice.say(STORY);
  await alice.reads("Exhibit 1: a text");
  await alice.attach("Photo");
  await alice.reads("Exhibit 2: a picture");
  await page.getByText("Attach a picture or a file", { exact: true }).click();
  await looked(page, "dispute-evidence");
  await alice.tap("Done");
  await alice.reads("Exhibits of yours: 2");
  await shoot(page, "dispute-done");

  bob = await open(page, sandbox, "seller");
  await bob.reads("Alice (");
  await bob.reads("called for a judge");
  await looked(page, "dispute-told");

  judy = await open(page, sandbox, "judge");
  await judy.reads("A dispute needs a judge, and you are asked");
  await looked(page, "judge-offer");
  await judy.tap("Take it");
  await judy.reads("Next: choose a ruling");
  await looked(page, "judge-case");
  await judy.tap("Evidence");
  await judy.reads("Camera lens 50 mm");
  await judy.tap("Exhibit 1");
  await judy.reads(STORY);
  await judy.tap("Exhibit 2");
  await expect(judy.messages.getByRole("img").last()).toBeVisible();
  await looked(page, "judge-evidence");
  await judy.tap("Refund");
  await judy.reads("write in a line why you rule so");
  await judy.say(REASON);
  await judy.reads(`Reason: “${REASON}”`);
  await looked(page, "judge-sure");
  await judy.tap("Rule so");
  await judy.reads("This is your ruling");
  await expect(judy.message("You ruled: refund.").getByText(REASON)).toHaveText(new RegExp(`^(?!.*${REASON}.*${REASON})`, "s"));
  await shoot(page, "judge-ruled");

  bob = await open(page, sandbox, "seller");
  await bob.reads(`Reason: “${REASON}”`);
  await shoot(page, "dispute-lost");
  alice = await open(page, sandbox, "buyer");
  await alice.reads(`Reason: “${REASON}”`);
  await shoot(page, "dispute-won");
  await alice.sign("Sign refund");
  await alice.reads("Refunded. This is who got what:");
  await looked(page, "dispute-settled");
  bob = await open(page, sandbox, "seller");
  await bob.reads("Refunded. This is who got what:");
  expect(await purses(sandbox)).toEqual(before);
  expect(await sandbox.locked("USDT")).toBe("0");
});

test("the same in Chinese", async ({ page, sandbox }) => {
  test.slow();
  const before = await purses(sandbox);
  let judy = await open(page, sandbox, "judge");
  await judy.say("你好");
  await judy.reads("你想做什么？");

  let alice = await open(page, sandbox, "buyer");
  await alice.say("你好");
  await alice.tap("我要买");
  await alice.reads("你要买什么？");
  await alice.say("相机镜头 50 mm");
  await alice.reads("价格是多少");
  await alice.say(PRICE);
  await alice.share("Bob");
  await alice.tap("发给 Bob");
  let bob = await open(page, sandbox, "seller");
  await bob.tap("Accept");
  alice = await open(page, sandbox, "buyer");
  await alice.pay("支付 101 USDT");
  await alice.reads("已锁进保险库");
  bob = await open(page, sandbox, "seller");
  await bob.tap("I have delivered");

  alice = await open(page, sandbox, "buyer");
  await alice.reads("说已经交付");
  await alice.tap("有问题");
  await alice.reads("如果你请仲裁员");
  await shoot(page, "dispute-problem-zh");
  await alice.tap("与约定不符");
  await alice.reads("能说明情况的文字、图片、文件发给我");
  await alice.say("前镜片有裂纹，图片里是完好的。");
  await alice.reads("证据 1：文字");
  await alice.attach("Photo");
  await alice.reads("证据 2：图片");
  await looked(page, "dispute-evidence-zh");
  await alice.tap("完成");
  await alice.reads("你的证据共 2 件");

  judy = await open(page, sandbox, "judge");
  await judy.reads("有一起争议需要仲裁员");
  await looked(page, "judge-offer-zh");
  await judy.tap("受理");
  await judy.reads("下一步：选择裁决");
  await looked(page, "judge-case-zh");
  await judy.tap("查看证据");
  await judy.tap("证据 1");
  await judy.reads("前镜片有裂纹，图片里是完好的。");
  await judy.tap("证据 2");
  await expect(judy.messages.getByRole("img").last()).toBeVisible();
  await judy.tap("退款");
  await judy.reads("用一行字写出理由");
  await judy.say("不是约定的那支镜头。");
  await judy.reads("理由：“不是约定的那支镜头。”");
  await looked(page, "judge-sure-zh");
  await judy.tap("就这样裁决");
  await judy.reads("这是你的裁决");
  await shoot(page, "judge-ruled-zh");

  bob = await open(page, sandbox, "seller");
  await bob.reads("Reason: “不是约定的那支镜头。”");
  alice = await open(page, sandbox, "buyer");
  await alice.reads("理由：“不是约定的那支镜头。”");
  await shoot(page, "dispute-won-zh");
  await alice.sign("签名退款");
  await alice.reads("已退款");
  await shoot(page, "dispute-settled-zh");
  bob = await open(page, sandbox, "seller");
  await bob.reads("Refunded. This is who got what:");
  expect(await purses(sandbox)).toEqual(before);
  expect(await sandbox.locked("USDT")).toBe("0");
});

/** The network's clock goes on by a button of the page behind the phones. */
async function passes(page, sandbox, step) {
  await page.goto(`${sandbox.url}/page/behind/faults`);
  const clock = page.getByText("On the network it is");
  const before = await clock.innerText();
  await page.getByRole("button", { name: step, exact: true }).click();
  await expect(page.getByRole("status")).toContainText("moved forward");
  await expect(clock).not.toHaveText(before);
}

test("the buyer says nothing for three days: the seller may take the release, and does", async ({ page, sandbox }) => {
  test.slow();
  // The bot looks at the clock every twenty seconds, and gives no right before it has heard and read everything anew.
  const SOON = 60_000;
  const before = await purses(sandbox);
  await trade(sandbox, "delivered");
  await passes(page, sandbox, "+1 day");
  await looked(page, "clock");
  await passes(page, sandbox, "+1 day");
  let alice = await open(page, sandbox, "buyer");
  await alice.reads("Your time to check is running", SOON);
  await shoot(page, "time-running");
  let bob = await open(page, sandbox, "seller");
  await expect(bob.button("Sign release")).toHaveCount(0);
  await passes(page, sandbox, "+1 day");
  alice = await open(page, sandbox, "buyer");
  await alice.reads("Your time to check was up", SOON);
  await shoot(page, "time-up");
  bob = await open(page, sandbox, "seller");
  await bob.reads("you may take the release yourself", SOON);
  await looked(page, "time-given");
  await bob.sign("Sign release");
  await bob.reads("Released. This is who got what:");
  alice = await open(page, sandbox, "buyer");
  await alice.reads("Released. This is who got what:");
  const after = await purses(sandbox);
  expect(after).toEqual({ ...before, buyer: before.buyer - 101e8, seller: before.seller + 100e8 });
});
