// A vault of three, two of whom must sign: paid by link, spent by two, and everything that must not spend it.
import { randomUUID } from 'node:crypto';
import { sdk, same, eventually } from './network.mjs';
import { balance, build, copy, hashOf, kernelAsset, objectId, opening, placeOf, publicOf, signatureIn, spent, unspent } from './safe.mjs';
import { shaped, USDT } from './people.mjs';

const PIN = '123456';

export async function vault(network) {
  const v = await open(network);
  for (const part of [paying, creating, reading, forging, signingOnce, completing, revoking, signingLast, withoutTheBot]) {
    await part(v);
  }
}

/** Everybody, the vault's members, and what is done with it again and again. The parts add what they leave behind. */
async function open(network) {
  const { bot, buyer, seller, judge, stranger, fees } = network;
  const members = [buyer.id, seller.id, bot.id].sort();
  const group = { asset: USDT, members, threshold: 2 };
  await network.control('POST', 'people/buyer/mint', { asset_id: USDT, amount: '500' });

  /** Pays the vault by link, on the buyer's phone; the new output. */
  async function deposit(amount, memo) {
    const trace = randomUUID();
    const link = sdk.buildMixinOneSafePaymentUri({ uuidMembers: members, threshold: 2, asset: USDT, amount, memo, trace });
    await network.control('POST', 'people/buyer/pay', { link, pin: PIN });
    const find = async () => (await unspent(bot, group)).find((coin) => coin.request_id === trace);
    return eventually('the deposit', find);
  }

  const release = (trace, coins, price, fee) =>
    build(bot, trace, coins, [[[seller.id], 1, price], [[fees.id], 1, fee]], 'release');
  const create = (who, request_id, tx) => who.multisig.createSafeMultisigs([{ request_id, raw: sdk.encodeSafeTransaction(tx) }]);
  const sign = (who, request, tx, { views = request.views, spend = who.spend, place = placeOf(members, who.id) } = {}) =>
    who.multisig.signSafeMultisigs(request.request_id, sdk.signSafeTransaction(tx, views, spend, place));
  const read = (who, id) => who.multisig.fetchSafeMultisigs(id);
  const owns = (who) => balance(who, { asset: USDT });
  const held = () => balance(bot, group);

  const everybody = { network, bot, buyer, seller, judge, stranger, fees, members, group };
  return { ...everybody, id: randomUUID(), deposit, release, create, sign, read, owns, held };
}

/** The link, the deposit, and who sees it. */
async function paying(v) {
  const { network, bot, buyer, seller, stranger, members, group, deposit, held } = v;

  await network.check('MIX address: the link, the address and the group are one', () => {
    const address = sdk.buildMixAddress({ version: 2, uuidMembers: members, xinMembers: [], threshold: 2 });
    const link = sdk.buildMixinOneSafePaymentUri({ mixAddress: address, asset: USDT, amount: '1', trace: randomUUID() });
    return network.control('POST', 'people/buyer/open', { link }).then((sheet) => {
      same(sheet.receivers.map((user) => user.user_id), members, 'members on the sheet');
      same([sheet.threshold, sheet.asset_id, sheet.amount], [2, USDT, '1'], 'threshold, asset, amount');
    });
  });

  v.coin = await network.check('deposit by link: the output of the group, seen by all members', async () => {
    const coin = await deposit('100', 'trade 42');
    shaped('SafeUtxoOutput', coin);
    same([coin.amount, coin.state, coin.receivers, coin.receivers_threshold], ['100', 'unspent', members, 2], 'output');
    same(coin.receivers_hash, sdk.hashMembers(members), 'members hash');
    same(coin.senders_hash, sdk.hashMembers([buyer.id]), 'senders hash');
    same(coin.output_id, objectId(`${coin.transaction_hash}:${coin.output_index}`), 'output id');
    same(coin.asset, kernelAsset(USDT), 'kernel asset');
    same(Buffer.from(coin.extra, 'hex').toString(), 'trade 42', 'memo');
    for (const member of [buyer, seller]) same((await unspent(member, group))[0].output_id, coin.output_id, 'member');
    same(await held(), 100_00000000, 'balance');
    return coin;
  });
  await network.check('foreign group: a stranger sees nothing of it', async () => {
    same(await stranger.utxo.safeOutputs(group), [], 'outputs');
    same(await stranger.utxo.fetchSafeOutputs({ user_id: stranger.id, ids: [v.coin.output_id] }), [], 'fetch');
  });
  await network.check('another threshold is another group', async () => {
    same(await bot.utxo.safeOutputs({ ...group, threshold: 1 }), [], '1-of-3');
  });
}

/** What cannot be created, beside what can. */
async function creating(v) {
  const { network, bot, buyer, stranger, release, create, coin, id } = v;

  const tx = await release(id, [coin], '99', '1');
  v.tx = tx;
  await network.refused('create: by a stranger, of a foreign output', 403, () => create(stranger, randomUUID(), tx));
  await network.refused("create: the stranger's own payment out of the vault", 403, async () => {
    const trace = randomUUID();
    return create(stranger, trace, await build(stranger, trace, [coin], [[[stranger.id], 1, '100']]));
  });
  await network.refused('the vault as if one alone owned it', 403, async () => {
    const trace = randomUUID();
    const mine = await build(buyer, trace, [coin], [[[buyer.id], 1, '100']]);
    return buyer.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(mine), request_id: trace }]);
  });
  for (const [name, amount] of [['one unit more than there is', '99.00000001'], ['one unit less', '98.99999999']]) {
    await network.refused(`create: ${name}`, 10002, () => {
      const wrong = copy(tx);
      wrong.outputs[0].amount = amount;
      return create(bot, randomUUID(), wrong);
    });
  }
  await network.refused('create: an output that does not exist', 10106, () => {
    const wrong = copy(tx);
    wrong.inputs[0].hash = '11'.repeat(32);
    return create(bot, randomUUID(), wrong);
  });
  await network.refused('create: another asset', 10002, () => create(bot, randomUUID(), { ...copy(tx), asset: '22'.repeat(32) }));
  await network.refused('create: outputs in another order than their keys', 20150, () => {
    const wrong = copy(tx);
    wrong.outputs.reverse();
    return create(bot, randomUUID(), wrong);
  });
  await network.refused('create: not hex', 10002, () => bot.multisig.createSafeMultisigs([{ request_id: randomUUID(), raw: 'raw' }]));
  await network.refused('create: a byte too many', 10002, () =>
    bot.multisig.createSafeMultisigs([{ request_id: randomUUID(), raw: `${sdk.encodeSafeTransaction(tx)}00` }]));
}

/** The request, as each member and an outsider read it. */
async function reading(v) {
  const { network, bot, buyer, seller, stranger, fees, members, create, read, coin, tx, id } = v;

  v.request = await network.check('create: the request as the library reads it', async () => {
    const [request] = await create(bot, id, tx);
    shaped('SafeMultisigsResponse', request);
    same(request.transaction_hash, hashOf(tx), 'hash');
    same(request.raw_transaction, sdk.encodeSafeTransaction(tx), 'raw');
    same([request.senders, request.senders_threshold, request.signers], [members, 2, []], 'senders');
    same(request.senders_hash, sdk.hashMembers(members), 'senders hash');
    same(request.amount, '99', 'amount');
    same(request.receivers.map((receiver) => receiver.members), [[seller.id], [fees.id]], 'receivers in output order');
    same(request.receivers[0].members_hash, sdk.hashMembers([seller.id]), 'receivers hash');
    same(request.views.length, 1, 'views');
    const decoded = sdk.decodeSafeTransaction(request.raw_transaction);
    same(decoded.extra.toString(), 'release', 'memo in the raw');
    same(decoded.outputs.map((output) => output.amount), ['99', '1'], 'amounts in the raw');
    return request;
  });
  await network.check('create: again under the same id is the same request', async () => {
    same((await create(bot, id, tx))[0], v.request, 'request');
  });
  await network.check("views: each member's own, opening the key at the member's sorted place", async () => {
    for (const member of [bot, buyer, seller]) {
      const { views } = await read(member, id);
      same(publicOf(opening(views[0], member.spend)), coin.keys[placeOf(members, member.id)], 'key');
    }
  });
  await network.check('read: by request id and by hash; an outsider gets no views', async () => {
    same((await read(bot, v.request.transaction_hash)).request_id, id, 'by hash');
    same((await read(stranger, id)).views ?? [], [], 'views of an outsider');
  });
  await network.refused('read: a request that is not there', 404, () => read(bot, randomUUID()));
}

/** Signatures that do not count. */
async function forging(v) {
  const { network, bot, buyer, stranger, members, sign, tx, request, id } = v;

  await network.refused('sign: with a wrong spend key', 10002, () => sign(bot, request, tx, { spend: stranger.spend }));
  await network.refused('sign: at the place of another member', 10002, () =>
    sign(bot, request, tx, { place: placeOf(members, buyer.id) }));
  await network.refused('sign: at a place nobody has', 10002, () => sign(bot, request, tx, { place: 3 }));
  await network.refused('sign: by a stranger', 403, () => sign(stranger, request, tx, { place: 0 }));
  await network.refused("sign: the bot's signature posted by the buyer", 10002, () =>
    buyer.multisig.signSafeMultisigs(id, sdk.signSafeTransaction(tx, request.views, bot.spend, placeOf(members, bot.id))));
  await network.refused('sign: no signature in the raw', 10002, () => bot.multisig.signSafeMultisigs(id, sdk.encodeSafeTransaction(tx)));
  const tampered = copy(tx);
  v.tampered = tampered;
  [tampered.outputs[0].amount, tampered.outputs[1].amount] = ['98.99999999', '1.00000001'];
  await network.refused('sign: tampered raw, one unit moved to the fee', 10002, () => sign(bot, request, tampered));
  await network.refused('sign: tampered raw, another memo', 10002, () => sign(bot, request, { ...copy(tx), extra: Buffer.from('refund!') }));
  await network.refused('sign: a signature for another raw put on this one', 10002, () => {
    const other = sdk.signSafeTransaction({ ...copy(tx), extra: Buffer.from('refund!') }, request.views, bot.spend, placeOf(members, bot.id));
    return bot.multisig.signSafeMultisigs(id, sdk.encodeSafeTransaction(tx, [{ [placeOf(members, bot.id)]: signatureIn(other) }]));
  });
}

/** One signature reserves, and never spends. */
async function signingOnce(v) {
  const { network, bot, seller, fees, members, create, sign, read, owns, group, coin, tx, request, tampered, id } = v;

  const place = placeOf(members, bot.id);
  v.botRaw = sdk.signSafeTransaction(tx, request.views, bot.spend, place);
  await network.refused('sign: tampered raw under the signature for the right one', 10002, () =>
    bot.multisig.signSafeMultisigs(id, sdk.encodeSafeTransaction(tampered, [{ [place]: signatureIn(v.botRaw) }])));
  await network.check('sign: by the bot; the signature verifies and the output is reserved', async () => {
    const signed = await bot.multisig.signSafeMultisigs(id, v.botRaw);
    same(signed.signers, [bot.id], 'signers');
    same(signed.raw_transaction, v.botRaw, 'raw with the signature');
    const [reserved] = await bot.utxo.safeOutputs({ ...group, state: 'signed' });
    same([reserved.output_id, reserved.signed_by, reserved.signers], [coin.output_id, hashOf(tx), [bot.id]], 'output');
  });
  await network.check('one signature only never spends, however often and however long', async () => {
    same((await sign(bot, request, tx)).signers, [bot.id], 'signed again');
    await network.advance(30_000);
    same((await read(bot, id)).signers, [bot.id], 'signers');
    const [still] = await bot.utxo.safeOutputs(group);
    same(still.state, 'signed', 'state');
    same(await owns(fees), 0, 'fees');
  });
  await network.refused('one signature only: no transaction is known', 404, () => bot.utxo.fetchTransaction(id));
  await network.refused('one signature only: sent by the single-owner way', 404, () =>
    bot.utxo.sendTransactions([{ raw: v.botRaw, request_id: id }]));
  await network.refused('reserved: another payment of the same output', 10105, async () => {
    const trace = randomUUID();
    return create(seller, trace, await build(seller, trace, [coin], [[[seller.id], 1, '100']]));
  });
}

/** The buyer completes; the money is where it should be, once. */
async function completing(v) {
  const { network, bot, buyer, seller, judge, fees, members, release, create, sign, read, owns, group, coin, tx, request, botRaw, id } = v;

  const before = await owns(seller);
  await network.check('the buyer completes it from the raw the network shows: spent', async () => {
    const seen = await read(buyer, id);
    const theirs = sdk.decodeSafeTransaction(seen.raw_transaction);
    same(hashOf(theirs), hashOf(tx), 'what the buyer reads is what the bot built');
    const done = await sign(buyer, seen, theirs);
    same([...done.signers].sort(), [bot.id, buyer.id].sort(), 'signers');
    const final = await spent(buyer, id);
    same([final.state, final.transaction_hash], ['spent', hashOf(tx)], 'transaction');
    const buyerRaw = sdk.signSafeTransaction(tx, seen.views, buyer.spend, placeOf(members, buyer.id));
    const both = { [placeOf(members, bot.id)]: signatureIn(botRaw), [placeOf(members, buyer.id)]: signatureIn(buyerRaw) };
    same(final.raw_transaction, sdk.encodeSafeTransaction(tx, [both]), 'raw with both, as the library encodes it');
    const [gone] = await bot.utxo.safeOutputs({ ...group, state: 'spent' });
    same([gone.output_id, gone.signed_by], [coin.output_id, hashOf(tx)], 'input');
  });
  await network.check('the seller has the right amount, the house its fee', async () => {
    const received = await eventually('the output', async () =>
      (await seller.utxo.safeOutputs({ asset: USDT, state: 'unspent' })).find((out) => out.transaction_hash === hashOf(tx)));
    same([received.amount, received.output_index, received.receivers], ['99', 0, [seller.id]], 'output');
    same([received.senders, received.senders_threshold], [members, 2], 'senders');
    same((await owns(seller)) - before, 99_00000000, 'balance');
    same(await owns(fees), 1_00000000, 'fee');
  });
  await network.check('complete: signing once more changes nothing', async () => {
    same((await sign(seller, request, tx)).signers.length, 2, 'signers');
  });
  await network.refused('complete: unlock comes too late', 403, () => bot.multisig.unlockSafeMultisigs(id));
  await network.refused('complete: the same output again', 10106, async () => {
    const trace = randomUUID();
    return create(bot, trace, await release(trace, [coin], '98', '2'));
  });
  await network.check('the output is spendable by the seller alone', async () => {
    const trace = randomUUID();
    const coins = (await unspent(seller, { asset: USDT })).filter((out) => out.transaction_hash === hashOf(tx));
    const on = await build(seller, trace, coins, [[[judge.id], 1, '99']]);
    const [verified] = await seller.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(on), request_id: trace }]);
    await seller.utxo.sendTransactions([{ raw: sdk.signSafeTransaction(on, verified.views, seller.spend), request_id: trace }]);
    await spent(seller, trace);
    same(await owns(judge), 99_00000000, 'balance');
  });
}

/** Two inputs, signed once, revoked. */
async function revoking(v) {
  const { network, bot, buyer, stranger, group, deposit, create, sign, read } = v;

  v.coins = await network.check('two deposits', async () => [await deposit('40', 'a'), await deposit('2.5', 'b')]);
  const first = randomUUID();
  v.refund = await build(bot, first, v.coins, [[[buyer.id], 1, '42.5']], 'refund');
  const revoked = await network.check('unlock: one signature, then revoked by another member', async () => {
    await create(bot, first, v.refund);
    await sign(buyer, await read(buyer, first), v.refund);
    await bot.multisig.unlockSafeMultisigs(first);
    const request = await read(bot, first);
    same([request.revoked_by, request.signers], [bot.id, []], 'revoked');
    const free = await bot.utxo.safeOutputs({ ...group, state: 'unspent' });
    same(free.map((out) => out.output_id), v.coins.map((out) => out.output_id), 'outputs are free again');
    return request;
  });
  const viewsOf = async (who) => {
    const other = randomUUID();
    await create(who, other, v.refund);
    return (await read(who, other)).views;
  };
  await network.refused('revoked: sign', 403, async () => sign(bot, revoked, v.refund, { views: await viewsOf(bot) }));
  await network.refused('revoked: unlock', 403, () => bot.multisig.unlockSafeMultisigs(first));
  await network.refused('unlock: by a stranger', 403, async () => {
    const other = randomUUID();
    await create(bot, other, v.refund);
    return stranger.multisig.unlockSafeMultisigs(other);
  });
  await network.check('revoked: creating under the same id shows it revoked', async () => {
    same((await create(bot, first, v.refund))[0].revoked_by, bot.id, 'revoked_by');
  });
}

/** The same raw under a new id: a person first, the bot last. */
async function signingLast(v) {
  const { network, bot, buyer, members, create, sign, read, owns, held, refund } = v;
  const second = randomUUID();
  const place = placeOf(members, bot.id);

  await network.check('the same raw under a new id: the buyer first', async () => {
    const [again] = await create(bot, second, refund);
    same(again.transaction_hash, hashOf(refund), 'hash');
    const seen = await read(buyer, second);
    const signed = await sign(buyer, seen, sdk.decodeSafeTransaction(seen.raw_transaction));
    same(signed.signers, [buyer.id], 'signers');
  });
  await network.refused('two inputs: a signature on one of them only', 10002, async () => {
    const { views } = await read(bot, second);
    const raw = sdk.signSafeTransaction(refund, views, bot.spend, place);
    const last = { [place]: signatureIn(raw) };
    return bot.multisig.signSafeMultisigs(second, sdk.encodeSafeTransaction(refund, [{}, last]));
  });
  await network.refused('two inputs: signatures exchanged', 10002, async () => {
    const { views } = await read(bot, second);
    return sign(bot, { request_id: second }, refund, { views: [...views].reverse() });
  });
  await network.check('the bot last: spent, refunded', async () => {
    const was = await owns(buyer);
    const done = await sign(bot, await read(bot, second), refund);
    same(done.signers, [buyer.id, bot.id], 'signers in order of arrival');
    await spent(bot, second);
    same(await eventually('the refund', async () => (await owns(buyer)) - was), 42_50000000, 'refund');
    same(await held(), 0, 'what is left in the vault');
  });
}

/** Any two of three: without the bot, and with a phone. */
async function withoutTheBot(v) {
  const { network, bot, buyer, seller, deposit, create, sign, read } = v;

  await network.check('members only, without the bot: two of three can also be buyer and seller', async () => {
    const vaulted = await deposit('7', 'c');
    const trace = randomUUID();
    const own = await build(seller, trace, [vaulted], [[[seller.id], 1, '7']]);
    await create(seller, trace, own);
    await sign(seller, await read(seller, trace), own);
    await sign(buyer, await read(buyer, trace), own);
    await spent(seller, trace);
    // The link in a chat does the same on a phone.
    const more = await deposit('8', 'd');
    const linked = randomUUID();
    const back = await build(bot, linked, [more], [[[buyer.id], 1, '8']]);
    await create(bot, linked, back);
    await sign(bot, await read(bot, linked), back);
    const link = `https://mixin.one/multisigs/${linked}?action=sign`;
    await network.control('POST', 'people/buyer/sign', { link, pin: PIN });
    await spent(bot, linked);
  });
}
