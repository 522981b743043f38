// Building and signing with the library's own functions, and nothing else.
import { sdk, eventually, holds } from './network.mjs';

const { edwards25519 } = sdk;

/** Kernel asset ids are SHA3-256 of the UUID. */
export const kernelAsset = (asset) => sdk.newHash(Buffer.from(asset)).toString('hex');

/** MD5 of the text as a UUID: with an empty first name the library's pair function does exactly that. */
export const objectId = (text) => sdk.uniqueConversationID('', text);

export const hashOf = (tx) => sdk.blake3Hash(Buffer.from(sdk.encodeSafeTransaction(tx), 'hex')).toString('hex');

/** Position among the members in ascending order. */
export const placeOf = (members, id) => [...members].sort().indexOf(id);

/** A payment of `outputs` to `recipients`: `[members, threshold, amount]` each, with keys from the network. */
export async function build(who, trace, coins, recipients, memo = '') {
  const rs = recipients.map(([members, threshold, amount]) =>
    sdk.buildSafeTransactionRecipient([...members].sort(), threshold, amount),
  );
  const keys = await who.utxo.ghostKey(rs, trace, who.spend);
  return sdk.buildSafeTransaction(coins, rs, keys, Buffer.from(memo));
}

/** A deep copy, to be changed. */
export function copy(tx) {
  return {
    ...tx,
    inputs: tx.inputs.map((input) => ({ ...input })),
    outputs: tx.outputs.map((output) => ({ ...output, keys: [...output.keys] })),
    references: [...tx.references],
  };
}

/** The one signature of a raw with one input, signed once. */
export const signatureIn = (raw) => raw.slice(-128);

/** The scalar that opens an output: view plus spend key. */
export function opening(view, spend) {
  const half = sdk.sha512Hash(Buffer.from(spend, 'hex')).subarray(0, 32);
  const sum = edwards25519.scalar.add(
    edwards25519.setCanonicalBytes(Buffer.from(view, 'hex')),
    edwards25519.setBytesWithClamping(half),
  );
  return Buffer.from(edwards25519.scalar.toBytes(sum));
}

export const publicOf = (scalar) => edwards25519.publicFromPrivate(scalar).toString('hex');

/** What somebody (or a group) can spend, in units of 10⁻⁸. The library's own text may say `2e-8`. */
export const balance = async (who, query) => sdk.parseUnits(await who.utxo.safeAssetBalance(query), 8).toNumber();

/** Waits for the unspent outputs of a group: at least `count`, oldest first. */
export async function unspent(who, { asset, members, threshold, count = 1 }) {
  const query = { asset, state: 'unspent', members, threshold };
  return eventually(`${count} unspent outputs`, async () => {
    const coins = await who.utxo.safeOutputs(query);
    return coins.length >= count && coins;
  });
}

/** Waits until a transaction is final. */
export async function spent(who, id) {
  return eventually(`transaction ${id} spent`, async () => {
    try {
      const transaction = await who.utxo.fetchTransaction(id);
      holds(['signed', 'spent'].includes(transaction.state), `state ${transaction.state}`);
      return transaction.state === 'spent' && transaction;
    } catch (error) {
      if (error.code === 404) return undefined;
      throw error;
    }
  });
}
