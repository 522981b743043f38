// The library pointed at the sandbox, the hand behind the network, and the form of a check.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const require = createRequire(import.meta.url);

// `BlazeKeystoreClient` knows one address, wss://blaze.mixin.one, and takes no other. Its WebSocket class is
// replaced by one that goes to the sandbox instead; everything the loop does with it is the library's own.
let blazeAddress;
const ws = require.resolve('ws', { paths: [require.resolve('@mixin.dev/mixin-node-sdk/blaze')] });
const WebSocket = require(ws);
class Redirected extends WebSocket {
  constructor(address, ...rest) {
    super(address.replace('wss://blaze.mixin.one', blazeAddress), ...rest);
  }
}
require.cache[ws].exports = Redirected;

export const sdk = require('@mixin.dev/mixin-node-sdk');
export const blaze = require('@mixin.dev/mixin-node-sdk/blaze');

export const ROLES = ['bot', 'buyer', 'seller', 'judge', 'stranger', 'fees'];

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is there; `what` names it when it never comes. */
export async function eventually(what, ask, ms = 8000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(50);
  }
}

export function same(got, wanted, what = 'value') {
  if (isDeepStrictEqual(got, wanted)) return;
  throw new Error(`${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

export function holds(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

export class Network {
  constructor(address, data) {
    this.address = address;
    this.blaze = address.replace(/^http/, 'ws');
    blazeAddress = this.blaze;
    this.passed = 0;
    this.keystores = Object.fromEntries(
      ROLES.map((role) => [role, JSON.parse(readFileSync(join(data, `${role}.json`), 'utf8'))]),
    );
    for (const role of ROLES) this[role] = this.enter(this.keystores[role]);
  }

  /** Somebody on the network: keystore, id, spend key, and the library's client. */
  enter(keystore) {
    const api = sdk.MixinApi({ keystore, requestConfig: { baseURL: this.address } });
    return Object.assign(api, { keystore, id: keystore.app_id, spend: keystore.spend_private_key });
  }

  /** A named line. */
  async check(name, body) {
    try {
      const value = await body();
      this.passed += 1;
      console.log(`ok   ${name}`);
      return value;
    } catch (error) {
      console.log(`FAIL ${name}\n     ${error.message}`);
      error.told = true;
      throw error;
    }
  }

  /** A named line for a call that must be refused, with one of these codes of the API. */
  refused(name, codes, call) {
    const wanted = [codes].flat();
    return this.check(`refused: ${name} (${wanted.join(' or ')})`, async () => {
      let answer;
      try {
        answer = await call();
      } catch (error) {
        if (!(error instanceof sdk.ResponseError)) throw error;
        holds(wanted.includes(error.code), `code ${error.code} (${JSON.stringify(error.extra)}) is among ${wanted}`);
        return error;
      }
      throw new Error(`it was accepted: ${JSON.stringify(answer)}`);
    });
  }

  /** The hand behind the network, `/sandbox/…`: what a person does on a phone, and time. */
  async control(method, path, body) {
    const answer = await fetch(`${this.address}/sandbox/${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${method} /sandbox/${path}: ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }

  advance(ms) {
    return this.control('POST', 'clock', { advance_ms: ms });
  }

  /** What the phone of `role` shows of what others sent, oldest first. */
  inbox(role) {
    return this.control('GET', `people/${role}/inbox`);
  }
}
