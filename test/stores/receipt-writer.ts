// Child process of the store contract: writes receipts and says each one that was acknowledged.
import { openPostgresStore } from '../../src/adapters/stores/postgres-store.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { HOSTILE_TEXT, sampleEvents, sampleReceipt } from '../contracts/store-samples.ts';

const [kind = '', address = '', name = '', count = ''] = process.argv.slice(2);
const store = await (kind === 'SQLite' ? openSqliteStore(address) : openPostgresStore(address));
const text = { prompt: HOSTILE_TEXT, answer: '', citations: [] };
for (let index = 0; index < Number(count); index += 1) {
  const id = `req_${name}_${index}`;
  await store.doPutReceipt(sampleReceipt(id), sampleEvents(id), text);
  process.stdout.write(`${id}\n`);
}
await store.doClose();
