// Keystores, tokens, users; what the library calculates and the sandbox answers.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { sdk, same, holds, ROLES } from './network.mjs';
import { kernelAsset } from './safe.mjs';

export const USDT = 'b91e18ff-a9ae-3dc7-8679-e935d9a4b34b';

const types = (part) => createRequire(import.meta.url).resolve(part).replace(/\.js$/, '.d.ts');
const declarations = ['@mixin.dev/mixin-node-sdk', '@mixin.dev/mixin-node-sdk/blaze']
  .map((part) => readFileSync(types(part), 'utf8'))
  .join('\n');

/** The fields the library declares as always there in `name`. */
function declared(name) {
  const found = new RegExp(`interface ${name}(?: extends (\\w+))? \\{([^]*?)\\n\\}`).exec(declarations);
  holds(found, `the library declares ${name}`);
  const own = [...found[2].matchAll(/^ {4}(\w+):/gm)].map(([, field]) => field);
  return [...(found[1] ? declared(found[1]) : []), ...own];
}

// Declared by inheritance from the types of the network before Safe; answers of Safe have `output_id` and
// `receivers_threshold` instead.
const BEFORE_SAFE = { SafeUtxoOutput: ['utxo_id', 'threshold'] };

/** Every field the library's types promise is in the answer. */
export function shaped(name, answer) {
  const missing = declared(name).filter((field) => !(field in answer) && !BEFORE_SAFE[name]?.includes(field));
  same(missing, [], `fields of ${name} that are missing`);
}

async function withToken(network, path, token) {
  const answer = await fetch(network.address + path, { headers: { authorization: `Bearer ${token}` } });
  const { data, error } = await answer.json();
  if (error) throw new sdk.ResponseError(error.code, error.description, error.status, error.extra, '', error);
  return data;
}

export async function people(network) {
  await keystores(network);
  await users(network);
  await assets(network);
  await tokens(network);
  await keys(network);
}

async function keystores(network) {
  await network.check('keystores have the shape the library takes', () => {
    for (const role of ROLES) {
      const keystore = network.keystores[role];
      for (const field of ['app_id', 'session_id']) {
        holds(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(keystore[field]), `${role}: ${field} is a UUID`);
      }
      for (const field of ['server_public_key', 'session_private_key', 'spend_private_key']) {
        holds(/^[0-9a-f]{64}$/.test(keystore[field]), `${role}: ${field} is 32 bytes in hex`);
      }
      same(sdk.sharedEd25519Key(keystore).length, 32, `${role}: key shared with the server`);
    }
    same(new Set(ROLES.map((role) => network.keystores[role].app_id)).size, ROLES.length, 'different ids');
  });

  for (const role of ROLES) {
    await network.check(`${role}: /safe/me and /me with its own token`, async () => {
      const me = await network[role].safe.checkRegisteration();
      same(me.user_id, network[role].id, 'user_id');
      same(me.has_safe, true, 'has_safe');
      same(me.session_id, network.keystores[role].session_id, 'session_id');
      shaped('UserResponse', me);
      same((await network[role].user.profile()).user_id, me.user_id, '/me');
    });
  }
}

async function users(network) {
  const { bot, buyer, seller } = network;
  const numberOf = async (who) => (await who.user.profile()).identity_number;

  await network.check('users: by id, by number, several at once, search', async () => {
    const by_id = await bot.user.fetch(buyer.id);
    shaped('UserResponse', by_id);
    same((await bot.user.fetch(await numberOf(buyer))).user_id, buyer.id, 'by number');
    same((await bot.user.search(await numberOf(seller))).user_id, seller.id, 'search');
    const both = await bot.user.fetchList([buyer.id, seller.id, randomUUID()]);
    same(both.map((user) => user.user_id).sort(), [buyer.id, seller.id].sort(), 'those who exist');
    const app = await buyer.user.fetch(bot.id);
    same(app.app?.app_id, bot.id, 'a bot is seen as an app');
  });
  await network.refused('a user who does not exist', 404, () => bot.user.fetch(randomUUID()));
  await network.refused('search of a number nobody has', 404, () => bot.user.search('1'));

  await network.check('contacts: add, list, remove', async () => {
    await buyer.user.updateRelationships({ user_id: bot.id, action: 'ADD' });
    same((await buyer.user.friends()).map((user) => user.user_id), [bot.id], 'friends');
    await buyer.user.updateRelationships({ user_id: bot.id, action: 'REMOVE' });
    same(await buyer.user.friends(), [], 'friends');
  });
}

async function assets(network) {
  const { bot } = network;

  await network.check('assets: list, one, several; kernel ids as the library hashes', async () => {
    const all = await bot.safe.assets();
    holds(all.length > 1, 'more than one asset');
    for (const asset of all) {
      shaped('SafeAsset', asset);
      same(asset.kernel_asset_id, kernelAsset(asset.asset_id), asset.symbol);
    }
    same((await bot.safe.fetchAsset(USDT)).asset_id, USDT, 'by UUID');
    same((await bot.safe.fetchAsset(kernelAsset(USDT))).asset_id, USDT, 'by kernel id');
    same((await bot.safe.fetchAssets([USDT])).length, 1, 'fetch');
    same((await bot.network.fetchAsset(USDT)).asset_id, USDT, 'network asset');
  });
}

/** The library always makes good tokens, so these are put together with its own `signToken`. */
async function tokens(network) {
  const { bot, stranger } = network;
  const { keystore } = bot;
  const claims = (changes = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const sig = sdk.sha256Hash(Buffer.from('GET/safe/me')).toString('hex');
    const { app_id: uid, session_id: sid } = keystore;
    return { uid, sid, iat: now, exp: now + 60, jti: randomUUID(), sig, scp: 'FULL', ...changes };
  };
  const token = (changes, key = keystore.session_private_key) => sdk.signToken(claims(changes), key);
  const me = (bearer) => () => withToken(network, '/safe/me', bearer);
  const now = Math.floor(Date.now() / 1000);
  await network.check('token: one put together by hand is taken', async () => {
    same((await me(token())()).user_id, bot.id, 'user_id');
    const made = sdk.signAccessToken('GET', '/safe/me', '', randomUUID(), keystore);
    same((await me(made)()).user_id, bot.id, 'user_id');
  });
  await network.refused('token: expired', 401, me(token({ iat: now - 120, exp: now - 60 })));
  await network.refused('token: from the future', 401, me(token({ iat: now + 900, exp: now + 960 })));
  await network.refused('token: sig altered', 401, me(token({ sig: claims().sig.replace(/^../, '00') })));
  await network.refused('token: made for another call', 401, () =>
    withToken(network, '/safe/assets', sdk.signAccessToken('GET', '/safe/me', '', randomUUID(), keystore)));
  await network.refused('token: sig without the query', 401, () =>
    withToken(network, '/safe/outputs?limit=1', sdk.signAccessToken('GET', '/safe/outputs', '', randomUUID(), keystore)));
  await network.refused('token: signed by another key', 401, me(token({}, stranger.keystore.session_private_key)));
  await network.refused("token: somebody else's session", 401, me(token({ sid: stranger.keystore.session_id })));
  await network.refused('token: no UUID as jti', 401, me(token({ jti: 'again' })));
  await network.refused('token: a narrower scope', 403, me(token({ scp: 'PROFILE:READ' })));
  await network.refused('token: not one at all', 401, me('e30.e30.e30'));
  await network.refused('a keystore whose key is none', 401, () =>
    network.enter({ ...keystore, session_private_key: 'ff' }).safe.checkRegisteration());
}

async function keys(network) {
  const { bot, buyer, seller } = network;

  await network.check('/safe/keys: same hint, same keys; sorted receivers, one key each', async () => {
    const hint = randomUUID();
    const receivers = [seller.id, buyer.id, bot.id].sort();
    const ask = (index, who = bot) => who.request({ method: 'POST', url: '/safe/keys', data: [{ receivers, index, hint }] });
    const [first] = await ask(0);
    shaped('GhostKey', first);
    same(first.keys.length, 3, 'keys');
    same((await ask(0))[0], first, 'asked again');
    same((await ask(0, buyer))[0], first, 'asked by another member');
    holds((await ask(1))[0].mask !== first.mask, 'another place, other keys');
    for (const key of [first.mask, ...first.keys]) sdk.edwards25519.newPoint(Buffer.from(key, 'hex'));
  });
  await network.refused('/safe/keys: the same receiver twice', 20150, () =>
    bot.request({ method: 'POST', url: '/safe/keys', data: [{ receivers: [buyer.id, buyer.id], index: 0, hint: randomUUID() }] }));
  await network.refused('/safe/keys: no UUID as hint', 10002, () =>
    bot.request({ method: 'POST', url: '/safe/keys', data: [{ receivers: [buyer.id], index: 0, hint: 'trade 1' }] }));
}
