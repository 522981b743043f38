// One owner's transfers, as the library's examples do them; and registration of a Safe.
import { randomUUID } from 'node:crypto';
import { sdk, same, holds, eventually } from './network.mjs';
import { balance, build, copy, hashOf, objectId, opening, publicOf, spent, unspent } from './safe.mjs';
import { shaped, USDT } from './people.mjs';

/** The library's transfer: choose outputs, keys, build, verify, sign, send. */
async function transfer(who, to, amount, memo, trace = randomUUID()) {
  const coins = await unspent(who, { asset: USDT });
  const pay = sdk.buildSafeTransactionRecipient([to.id], 1, amount);
  const { utxos, change } = sdk.getUnspentOutputsForRecipients(coins, [pay]);
  const recipients = [[[to.id], 1, amount]];
  if (change.isPositive() && !change.isZero()) recipients.push([[who.id], 1, change.toString()]);
  const tx = await build(who, trace, utxos, recipients, memo);
  const [verified] = await who.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(tx), request_id: trace }]);
  const raw = sdk.signSafeTransaction(tx, verified.views, who.spend);
  return { trace, tx, utxos, verified, raw, send: () => who.utxo.sendTransactions([{ raw, request_id: trace }]) };
}

export async function wallet(network) {
  const coins = await outputs(network);
  await paying(network);
  await mistakes(network, coins);
  await registering(network);
}

async function outputs(network) {
  const { buyer } = network;
  await network.control('POST', 'people/buyer/mint', { asset_id: USDT, amount: '1000.5' });
  await network.control('POST', 'people/buyer/mint', { asset_id: USDT, amount: '0.00000003' });

  return network.check('own outputs: shape, output ids, balance', async () => {
    const coins = await unspent(buyer, { asset: USDT, count: 2 });
    for (const coin of coins) {
      shaped('SafeUtxoOutput', coin);
      same(coin.output_id, objectId(`${coin.transaction_hash}:${coin.output_index}`), 'output id');
      same(coin.receivers_hash, sdk.hashMembers([buyer.id]), 'receivers hash');
    }
    same(await balance(buyer, { asset: USDT }), 1000_50000003, 'balance');
    same((await buyer.utxo.safeOutputs({ asset: USDT, limit: 1 })).length, 1, 'limit');
    const [, second] = coins;
    same((await buyer.utxo.safeOutputs({ asset: USDT, offset: second.sequence }))[0].output_id, second.output_id, 'offset');
    const ids = coins.map((coin) => coin.output_id);
    same((await buyer.utxo.fetchSafeOutputs({ user_id: buyer.id, ids })).map((coin) => coin.output_id), ids, 'fetch');
    return coins;
  });
}

async function paying(network) {
  const { buyer, seller } = network;

  const paid = await network.check('transfer: two inputs, a payment and change, verified', async () => {
    const made = await transfer(buyer, seller, '1000.50000001', 'for the bike');
    shaped('SequencerTransactionRequest', made.verified);
    same(made.utxos.length, 2, 'inputs');
    same(made.verified.state, 'unspent', 'state');
    same(made.verified.transaction_hash, hashOf(made.tx), 'hash');
    same(made.verified.raw_transaction, sdk.encodeSafeTransaction(made.tx), 'raw');
    made.utxos.forEach((coin, i) =>
      same(publicOf(opening(made.verified.views[i], buyer.spend)), coin.keys[0], `view ${i} and the spend key open the output`));
    return made;
  });
  const again = (raw) => () => buyer.utxo.sendTransactions([{ raw, request_id: paid.trace }]);
  const { views } = paid.verified;
  await network.refused('transfer: unsigned', 10002, again(sdk.encodeSafeTransaction(paid.tx)));
  await network.refused('transfer: signed with another spend key', 10002, again(sdk.signSafeTransaction(paid.tx, views, seller.spend)));
  await network.refused('transfer: signed at a wrong index', 10002, again(sdk.signSafeTransaction(paid.tx, views, buyer.spend, 1)));
  await network.refused('transfer: views in the wrong order', 10002, again(sdk.signSafeTransaction(paid.tx, [...views].reverse(), buyer.spend)));
  await network.refused('transfer: sent by somebody else', 20125, () =>
    seller.utxo.sendTransactions([{ raw: paid.raw, request_id: paid.trace }]));
  const tampered = copy(paid.tx);
  tampered.outputs[0].amount = '1000.50000002';
  tampered.outputs[1].amount = '0.00000001';
  await network.refused('transfer: another split under the same trace', 10002, again(sdk.signSafeTransaction(tampered, views, buyer.spend)));

  await network.refused('transfer: another split under the signatures for the right one', 10002, () => {
    const unsigned = sdk.encodeSafeTransaction(paid.tx).slice(0, -4);
    return again(sdk.encodeSafeTransaction(tampered).slice(0, -4) + paid.raw.slice(unsigned.length))();
  });

  await network.check('transfer: sent, spent, and on the other side', async () => {
    const [sent] = await paid.send();
    same(sent.raw_transaction, paid.raw, 'raw');
    await spent(buyer, paid.trace);
    same((await spent(seller, sent.transaction_hash)).request_id, paid.trace, 'by hash');
    const [coin] = await unspent(seller, { asset: USDT });
    same([coin.amount, coin.transaction_hash, coin.output_index], ['1000.50000001', sent.transaction_hash, 0], 'received');
    same(Buffer.from(coin.extra, 'hex').toString(), 'for the bike', 'memo');
    same(coin.senders, [buyer.id], 'senders');
    same(coin.request_id, paid.trace, 'trace');
    same(await balance(buyer, { asset: USDT }), 2, 'change');
  });
  await network.check('transfer: sent twice is sent once', async () => {
    const [sent] = await paid.send();
    same(sent.transaction_hash, hashOf(paid.tx), 'hash');
    same(await balance(seller, { asset: USDT }), 1000_50000001, 'balance');
  });
  await network.check('snapshots: a line on either side', async () => {
    const [out] = await buyer.safe.fetchSafeSnapshots({ opponent: seller.id });
    same([out.amount, out.transaction_hash, out.opponent_id], ['-1000.50000001', hashOf(paid.tx), seller.id], 'payer');
    const [into] = await seller.safe.fetchSafeSnapshots({ asset: USDT });
    same([into.amount, into.opponent_id], ['1000.50000001', buyer.id], 'receiver');
    same((await seller.safe.fetchSafeSnapshot(into.snapshot_id)).snapshot_id, into.snapshot_id, 'one');
  });
}

/** What nobody can send; `coins` are spent. */
async function mistakes(network, coins) {
  const { buyer, seller, stranger } = network;

  await network.refused('transfer: of outputs spent already', 10106, async () => {
    const trace = randomUUID();
    const tx = await build(buyer, trace, coins, [[[seller.id], 1, '1000.50000003']]);
    return buyer.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(tx), request_id: trace }]);
  });
  await network.refused("transfer: of somebody else's output", 403, async () => {
    const trace = randomUUID();
    const theirs = await unspent(seller, { asset: USDT });
    const tx = await build(stranger, trace, theirs, [[[stranger.id], 1, '1000.50000001']]);
    return stranger.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(tx), request_id: trace }]);
  });
  for (const [name, amount] of [['one unit made of nothing', '0.00000003'], ['one unit lost', '0.00000001']]) {
    await network.refused(`transfer: ${name}`, 10002, async () => {
      const trace = randomUUID();
      const tx = await build(buyer, trace, await unspent(buyer, { asset: USDT }), [[[seller.id], 1, amount]]);
      return buyer.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(tx), request_id: trace }]);
    });
  }
  await network.refused('transfer: keys made for another place', 20150, async () => {
    const trace = randomUUID();
    const tx = await build(buyer, trace, await unspent(buyer, { asset: USDT }), [[[seller.id], 1, '0.00000001'], [[buyer.id], 1, '0.00000001']]);
    tx.outputs.reverse();
    return buyer.utxo.verifyTransaction([{ raw: sdk.encodeSafeTransaction(tx), request_id: trace }]);
  });
}

async function registering(network) {
  const { seller } = network;

  await network.check('Safe: somebody without one cannot be paid, registers, and is paid', async () => {
    const { keystore } = await network.control('POST', 'people', { name: 'Newcomer', has_safe: false });
    const newcomer = network.enter(keystore);
    same((await newcomer.safe.checkRegisteration()).has_safe, false, 'before');
    let code;
    await transfer(seller, newcomer, '1', '').catch((error) => { code = error.code; });
    same(code, 10404, 'code while unregistered');
    const me = await newcomer.safe.register(newcomer.id, newcomer.spend, Buffer.from(newcomer.spend, 'hex'));
    same(me.has_safe, true, 'after');
    const { trace, send } = await transfer(seller, newcomer, '1', '');
    await send();
    await spent(newcomer, trace);
    const back = await transfer(newcomer, seller, '1', '');
    await back.send();
    await eventually('back again', async () => (await balance(newcomer, { asset: USDT })) === 0);
    holds(await spent(seller, back.trace), 'spent');
  });
}
