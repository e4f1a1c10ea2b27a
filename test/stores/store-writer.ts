// Child process of the store contract: writes without end or `count` times, and says on a line of
// its own what the store has acknowledged.
import { openPostgresStore } from '../../src/adapters/stores/postgres-store.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import type { Store } from '../../src/core/stores.ts';
import {
  HOSTILE_TEXT,
  SOLE,
  sampleChunks,
  sampleDocument,
  sampleEvents,
  sampleReceipt,
} from '../contracts/store-samples.ts';

type Write = (store: Store, name: string, index: number) => Promise<boolean>;

const WRITES: Readonly<Record<string, Write>> = {
  async receipts(store, name, index) {
    const id = `${name}_${index}`;
    const text = { prompt: HOSTILE_TEXT, answer: '', citations: [], events: [] };
    await store.doPutReceipt(sampleReceipt(id), sampleEvents(id), text);
    return true;
  },
  async documents(store, name, index) {
    const document = sampleDocument('docs', name, index + 1);
    await store.doSwapDocument(document, sampleChunks(document, 100));
    return true;
  },
  async spending(store, name, index) {
    const id = `${name}_${index}`;
    await store.doReserve({ id, key: 'key_a', period: 'today', amount: 2, limit: 1e6, at: 1 });
    await store.doSettle(id, 1);
    return true;
  },
  /** A dollar each, against a limit of 100. */
  reservations(store, name, index) {
    const id = `${name}_${index}`;
    const wish = { id, key: 'key_a', period: 'today', amount: 1, limit: 100, at: 1 };
    return store.doReserve(wish);
  },
};

/** Said is what the system has taken: a line in a buffer of this process would be killed with it. */
const tell = (line: string) =>
  new Promise<void>((said) => process.stdout.write(line, () => said()));

const [kind = '', address = '', what = '', name = '', count = ''] = process.argv.slice(2);
const store = await (kind === 'Postgres'
  ? openPostgresStore(address)
  : openSqliteStore(address, { sole: kind === SOLE }));
for (let index = 0; index < Number(count); index += 1)
  if (await WRITES[what]?.(store, name, index)) await tell(`${name}_${index}\n`);
await store.doClose();
