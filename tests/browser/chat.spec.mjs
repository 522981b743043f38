// A chat as it grows: where it is looked at, and what is told of the rest.

import { expect, test } from "./fixtures.mjs";
import { open } from "./phone.mjs";
import { trade } from "./sandbox.mjs";

test("the end of a chat comes back after what one does, and is told of otherwise", async ({ page, sandbox }) => {
  await trade(sandbox, "accepted");
  const alice = await open(page, sandbox, "buyer");
  const news = page.getByRole("button", { name: "New messages ↓" });
  const atEnd = () => alice.messages.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 40);
  await expect.poll(atEnd).toBe(true);
  await alice.messages.evaluate((box) => { box.scrollTop = 0; });
  await expect(news).toBeHidden();
  await sandbox.hand("seller").say("why");
  await sandbox.hand("buyer").pay("Pay 101 USDT");
  await expect(news).toBeVisible();
  expect(await atEnd()).toBe(false);
  await news.click();
  await expect.poll(atEnd).toBe(true);
  await expect(news).toBeHidden();

  await alice.messages.evaluate((box) => { box.scrollTop = 0; });
  await alice.say("help");
  await expect.poll(atEnd).toBe(true);
  await alice.share("Bob");
  await expect(page.getByRole("group").getByRole("button", { name: "Bob", exact: true })).toBeHidden();
  await expect.poll(atEnd).toBe(true);
});
