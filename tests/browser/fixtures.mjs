// What every test begins with: a sandbox of its own with its bot, and a page that tells on itself. A page may never
// ask for anything elsewhere, break its own security policy, throw, or put up a dialog of the browser's.

import { test as base, expect } from "@playwright/test";
import { Sandbox } from "./sandbox.mjs";

export { expect };

export const test = base.extend({
  flags: [["--with-bot"], { option: true }],

  sandbox: async ({ flags }, use, info) => {
    const sandbox = await Sandbox.start(...flags);
    await use(sandbox);
    await sandbox.stop();
    if (info.status !== info.expectedStatus) await info.attach("sandbox", { body: sandbox.said });
  },

  /** What the browser complained of so far. */
  complaints: async ({ context, sandbox }, use) => {
    const complaints = [];
    context.on("console", (message) => {
      // A refused form and a page that is not there answer with a status that Chromium prints too.
      const refused = /Failed to load resource: the server responded with a status of 4/.test(message.text());
      if (["error", "warning"].includes(message.type()) && !refused) complaints.push(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => complaints.push(`script: ${error.error()}`));
    context.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      const own = protocol === "data:" || hostname === "127.0.0.1";
      if (!own) complaints.push(`request: ${request.url()}`);
    });
    await use(complaints);
    expect(complaints).toEqual([]);
  },

  page: async ({ page, complaints }, use) => {
    void complaints;
    await use(page);
  },
});
