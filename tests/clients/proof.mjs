// The chapters, in order: later ones live on what earlier ones left in the network.
import { Network } from './network.mjs';
import { people } from './people.mjs';
import { vault } from './vault.mjs';
import { wallet } from './wallet.mjs';
import { chat } from './chat.mjs';

const [address, data] = process.argv.slice(2);
const network = new Network(address, data);
try {
  for (const chapter of [people, wallet, vault, chat]) {
    console.log(`# ${chapter.name}`);
    await chapter(network);
  }
  console.log(`all ${network.passed} checks passed`);
  process.exit(0);
} catch (error) {
  // A failed check has printed its line; anything else has not.
  if (!error.told) console.error(`FAIL outside of a check\n${error.stack}`);
  process.exit(1);
}
