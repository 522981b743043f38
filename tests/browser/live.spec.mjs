// What keeps a page as its server would draw it now: it takes no more than its share, and outlives its server's bad days.

import { expect, test } from "./fixtures.mjs";
import { open } from "./phone.mjs";

/** The page is put behind another tab, or before the others again. Headless, every page believes itself seen. */
const seen = (page, yes) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, !yes);

/** What a page fetches to draw itself anew, but for its event stream. */
const refreshes = (url) => url.pathname === "/page/phone/buyer/bot";

test("with many tabs open a tap still works, and a tab that is seen again is up to date", async ({ context, page, sandbox }) => {
  const first = await open(page, sandbox, "buyer");
  await seen(page, false);
  for (let tabs = 0; tabs < 8; tabs += 1) {
    const tab = await context.newPage();
    await open(tab, sandbox, "buyer");
    await seen(tab, false);
  }
  const last = await open(await context.newPage(), sandbox, "buyer");
  await last.hi();
  await last.tap("I'm buying");
  await last.reads("What are you buying?");
  await expect(first.message("What are you buying?")).toHaveCount(0);
  await seen(page, true);
  await first.reads("What are you buying?");
  await sandbox.hand("buyer").say("Camera lens");
  await first.reads("What is the price?");
});

test("a server's bad moment leaves the page as it was, and alive", async ({ page, sandbox, complaints }) => {
  await page.clock.install();
  const alice = await open(page, sandbox, "buyer");
  await alice.hi();
  await alice.reads("What would you like to do?");
  let failed = 0;
  await page.route(refreshes, async (route) => {
    if (route.request().headers().accept !== "text/html") return route.fallback();
    failed += 1;
    await route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Broken</h1>" });
  });
  await sandbox.hand("buyer").tap("I'm buying");
  await expect(page.locator("html[data-silent]")).toHaveCount(1);
  expect(failed).toBeGreaterThan(0);
  await alice.reads("What would you like to do?");
  await page.unroute(refreshes);
  // Nothing changes any more, so nothing but its own second try can bring it up to date.
  await page.clock.fastForward(20_000);
  await alice.reads("What are you buying?");
  await expect(page.locator("html[data-silent]")).toHaveCount(0);
  expect(complaints.splice(0).filter((what) => !what.includes("status of 503"))).toEqual([]);
});

test("a stream that was refused is asked for again", async ({ page, sandbox, complaints }) => {
  await page.clock.install();
  const streams = (route) =>
    route.request().headers().accept === "text/event-stream" ? route.fulfill({ status: 503 }) : route.fallback();
  await page.route(refreshes, streams);
  const alice = await open(page, sandbox, "buyer");
  await expect(page.locator("html[data-silent]")).toHaveCount(1);
  await page.unroute(refreshes);
  await page.clock.fastForward(20_000);
  await expect(page.locator("html[data-silent]")).toHaveCount(0);
  await sandbox.hand("buyer").say("Hi");
  await alice.reads("What would you like to do?");
  expect(complaints.splice(0).filter((what) => !what.includes("status of 503"))).toEqual([]);
});

test("an answer that does not come is told of", async ({ page, sandbox }) => {
  await page.clock.install();
  await page.addInitScript(() => {
    AbortSignal.timeout = (after) => {
      const given = new AbortController();
      setTimeout(() => given.abort(), after);
      return given.signal;
    };
  });
  const alice = await open(page, sandbox, "buyer");
  await expect(page.getByRole("button", { name: "Say Hi" })).toBeVisible();
  let asked;
  const waits = new Promise((found) => (asked = found));
  await page.route(refreshes, (route) => (route.request().headers().accept === "text/html" ? asked() : route.fallback()));
  await sandbox.hand("buyer").say("Hi");
  await waits;
  await page.clock.fastForward(16_000);
  await expect(page.locator("html[data-silent]")).toHaveCount(1);
  await page.unroute(refreshes);
  await page.clock.fastForward(16_000);
  await alice.reads("What would you like to do?");
});
