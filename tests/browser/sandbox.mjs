// A sandbox with its bot, as a process of its own, and the hand behind it (`/sandbox/…`): what the tests set up or
// compare without a page. What a test is about goes through the page.

import { expect } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The assets of the tests, by the ids of the network's table. */
export const ASSETS = {
  USDT: "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b",
  BTC: "c6d0c728-2624-429b-8e0d-d9d19b6592fa",
};

export class Sandbox {
  /** Starts one; `flags` follow `sandbox --port 0 --data <new folder>`. */
  static async start(...flags) {
    const sandbox = new Sandbox();
    sandbox.data = await mkdtemp(join(tmpdir(), "mixin-escrow-"));
    const child = spawn(process.env.PROGRAM, ["sandbox", "--port", "0", "--data", sandbox.data, ...flags]);
    sandbox.child = child;
    sandbox.ended = new Promise((done) => child.once("exit", done));
    sandbox.said = "";
    sandbox.url = await new Promise((found, failed) => {
      const read = (chunk) => {
        sandbox.said += chunk;
        const url = /^open (http:\/\/\S+?)\/ in a browser/m.exec(sandbox.said);
        if (url) found(url[1]);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`the sandbox ended by itself (${code}):\n${sandbox.said}`)));
    });
    return sandbox;
  }

  async stop() {
    if (this.child.exitCode === null) this.child.kill("SIGINT");
    await this.ended;
    await rm(this.data, { recursive: true, force: true });
  }

  async api(path, body) {
    const post = body && { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/sandbox/${path}`, post);
    const value = await answer.json();
    if (!answer.ok) throw new Error(`/sandbox/${path}: ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }

  hand(who) {
    return new Hand(this, who);
  }

  async clock(hours) {
    await this.api("clock", { advance_ms: hours * 3_600_000 });
  }

  /** What vaults hold of an asset. */
  async locked(symbol) {
    const { outputs } = await this.api("ledger");
    const held = outputs.filter((coin) => coin.receivers.length > 1 && coin.state !== "spent" && coin.asset_id === ASSETS[symbol]);
    return String(held.reduce((sum, coin) => sum + Number(coin.amount), 0));
  }

  /** What a person has of an asset, as the ledger counts it. */
  async balance(who, symbol) {
    const { balances } = await this.api(`people/${who}/wallet`);
    return balances.find((one) => one.asset_id === ASSETS[symbol])?.amount ?? "0";
  }
}

/** A person's phone without a page: for what a test only needs to have happened. */
class Hand {
  constructor(sandbox, who) {
    this.sandbox = sandbox;
    this.who = who;
  }

  api(what, body) {
    return this.sandbox.api(`people/${this.who}/${what}`, body);
  }

  inbox() {
    return this.api("inbox?own=1&peek=1");
  }

  say(text, to) {
    return this.api("say", { text, ...(to && { to }) });
  }

  /** The newest button of that label, once it is there: its message and its link. */
  async button(label) {
    let found;
    await expect
      .poll(async () => {
        const all = await this.inbox();
        found = all.flatMap((message) => {
          const buttons = message.buttons ?? message.card?.actions ?? [];
          return buttons.filter((one) => one.label === label).map((one) => ({ message, link: one.action }));
        });
        return found.length;
      }, { message: `${this.who} sees [${label}]`, intervals: [100] })
      .toBeGreaterThan(0);
    return found.at(-1);
  }

  async tap(label) {
    const { message } = await this.button(label);
    return this.api("tap", { message_id: message.message_id, button: label, confirm: true });
  }

  async pay(label, asset) {
    const { link } = await this.button(label);
    return this.api("pay", { link, pin: "123456", ...(asset && { asset }) });
  }

  async sign(label) {
    const { link } = await this.button(label);
    return this.api("sign", { link, pin: "123456" });
  }

  /** Waits until something written to this person holds the text. */
  async reads(text) {
    await expect
      .poll(async () => JSON.stringify(await this.inbox()), { message: `${this.who} reads "${text}"`, intervals: [100] })
      .toContain(text);
  }
}

/** A trade between buyer and seller, up to and including a step: "offered", "accepted", "paid", "delivered", "settled".
 * `between` is called after each step, with its name. */
export async function trade(sandbox, upTo, { item = "Camera lens 50 mm", price = "100 USDT", between } = {}) {
  const [buyer, seller] = [sandbox.hand("buyer"), sandbox.hand("seller")];
  const { user_id } = (await sandbox.api("people")).find((person) => person.role === "seller");
  await buyer.say("Hi");
  await buyer.tap("I'm buying");
  await buyer.reads("What are you buying?");
  await buyer.say(item);
  await buyer.reads("What is the price?");
  await buyer.say(price);
  await buyer.button("Invite the seller");
  await buyer.api("contact", { user_id });
  await buyer.tap("Send it to Bob");
  await seller.button("Accept");
  const steps = [
    ["offered", () => {}],
    ["accepted", async () => { await seller.tap("Accept"); await buyer.button(`Pay ${due(price)}`); }],
    ["paid", async () => { await buyer.pay(`Pay ${due(price)}`); await seller.button("I have delivered"); await buyer.button("Sign release"); }],
    ["delivered", async () => { await seller.tap("I have delivered"); await buyer.reads("says it is delivered"); }],
    ["settled", async () => { await buyer.sign("Sign release"); await buyer.reads("Released."); await seller.reads("Released."); }],
  ];
  for (const [name, step] of steps) {
    await step();
    await between?.(name);
    if (name === upTo) return;
  }
  throw new Error(`no step ${upTo}`);
}

/** Price and the fee of 1 % on top of it. */
export function due(price) {
  const [amount, symbol] = price.split(" ");
  return `${Number((Number(amount) * 1.01).toFixed(8))} ${symbol}`;
}
