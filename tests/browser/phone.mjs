// A phone as a person uses it: found by roles and names alone, the way a screen reader tells them.

import { expect } from "@playwright/test";

/** How much a person had to do. */
export class Effort {
  clicks = 0;
  typed = 0;
}

export class Phone {
  /** `at` is a page or a frame that shows the phone of the person called `name`. */
  constructor(at, name, effort = new Effort()) {
    this.at = at;
    this.name = name;
    this.effort = effort;
  }

  get messages() {
    return this.at.getByRole("log", { name: "Messages" });
  }

  get composer() {
    return this.at.getByRole("textbox", { name: "Message", exact: true });
  }

  /** The newest button of the bot's with that label. */
  button(label) {
    return this.messages.getByRole("button", { name: label, exact: true }).last();
  }

  /** The newest message that holds the text. */
  message(text) {
    return this.messages.getByRole("article").filter({ hasText: text }).last();
  }

  sheet(name) {
    return this.at.getByRole("dialog", { name, exact: true });
  }

  async click(what) {
    await what.click();
    this.effort.clicks += 1;
  }

  /** Goes into a chat from the list of chats. */
  async chat(name) {
    await this.click(this.at.getByRole("list", { name: "Chats" }).getByRole("link", { name }).first());
    await expect(this.at.getByRole("heading", { level: 1, name })).toBeVisible();
  }

  async hi() {
    await this.click(this.at.getByRole("button", { name: "Say Hi", exact: true }));
  }

  async tap(label) {
    await this.click(this.button(label));
  }

  /** Types into the composer and sends it with Enter. */
  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await expect(this.composer).toHaveValue("");
    this.effort.typed += 1;
  }

  /** `within`: milliseconds, where the bot may take its time. */
  async reads(text, within) {
    await expect(this.message(text)).toBeVisible({ timeout: within });
  }

  /** Shares somebody's contact card in this chat. */
  async share(name) {
    await this.click(this.at.getByText("Share a contact", { exact: true }));
    await this.click(this.at.getByRole("group").getByRole("button", { name, exact: true }));
  }

  /** Sends something out of the phone's album in this chat. */
  async attach(name) {
    await this.click(this.at.getByText("Attach a picture or a file", { exact: true }));
    await this.click(this.at.getByRole("group").getByRole("button", { name, exact: true }));
  }

  /** Sends a text of this chat on to somebody. */
  async forward(text, name) {
    const message = this.message(text);
    await this.click(message.getByText("Forward", { exact: true }));
    await this.click(message.getByRole("button", { name, exact: true }));
    await expect(this.at.getByRole("status")).toContainText("Sent");
  }

  /** Taps a button that puts up a sheet, and the sheet's own button. */
  async through(label, sheet, primary, done) {
    await this.tap(label);
    await this.confirm(sheet, primary, done);
  }

  async confirm(sheet, primary, done) {
    await this.click(this.sheet(sheet).getByRole("button", { name: primary, exact: true }));
    await expect(this.at.getByRole("status")).toContainText(done);
    await expect(this.sheet(sheet)).toHaveCount(0);
  }

  async close(sheet) {
    await this.click(this.sheet(sheet).getByRole("link", { name: "Close", exact: true }));
    await expect(this.sheet(sheet)).toHaveCount(0);
  }

  async pay(label) {
    await this.through(label, "Pay", "Pay", "Paid");
  }

  async sign(label) {
    await this.through(label, "Sign", "Sign", "Signed");
  }
}

/** The chat of a person with another, or with the bot, on a page of its own. */
export async function open(page, sandbox, who, chat = "bot") {
  await page.goto(`${sandbox.url}/page/phone/${who}/${chat}`);
  const name = { buyer: "Alice", seller: "Bob", judge: "Judy", stranger: "Mallory" }[who];
  return new Phone(page, name);
}
