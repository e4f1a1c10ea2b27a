import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { fitCollection } from '../../src/cli/collection-fit.ts';
import { type Flags, UsageError } from '../../src/cli/command.ts';
import type { FarmClient } from '../../src/core/farm-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-fit-'));
const FIT = {
  ...{ collection: 'law', weight: 0.8, before: 0.8, defaultWeight: 0.8, isChanged: false },
  ...{ reason: 'too few', queries: 0, unknownDocuments: 0, isDryRun: false },
  signals: { judged: 1, opened: 0, answered: 0 },
};

afterEach(() => vi.restoreAllMocks());

/** What `cadre collections fit law` asks the farm for, and what it says. */
async function runFit(flags: Flags) {
  const asked: unknown[] = [];
  const told: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  const client: Pick<FarmClient, 'doSend'> = {
    doSend: async (_method, _path, wish) => {
      asked.push(wish);
      return { fit: FIT, warnings: [{ code: 'indexing', words: '3 of 9 documents can be found' }] };
    },
  };
  const input = {
    ...{ words: [], flags, json: false, signal: new AbortController().signal },
    connect: () => Promise.reject(new Error('the client is given')),
  };
  await fitCollection(input, client as FarmClient, 'law');
  return { asked, text: told.join('') };
}

it('reads files that an editor gave a byte order mark and other line ends', async () => {
  const queries = join(folder, 'queries.jsonl');
  writeFileSync(queries, '\ufeff{"query": "pump", "document": "a.md"}\r\n');
  const judged = [{ query: 'pump', documents: { 'a.md': 1 } }];
  expect((await runFit({ queries })).asked).toMatchObject([{ judged }]);
  writeFileSync(queries, '\ufeff{"_id": "1", "text": "pump"}\r\n');
  const qrels = join(folder, 'qrels.tsv');
  writeFileSync(qrels, '\ufeff1\ta.md\t1\r\n');
  expect((await runFit({ queries, qrels })).asked).toMatchObject([{ judged }]);
});

it('takes no queries for taking back', async () => {
  const flags = { reset: true, queries: join(folder, 'none.jsonl') };
  await expect(runFit(flags)).rejects.toThrow(UsageError);
});

it('tells that the collection is still being indexed', async () => {
  expect((await runFit({})).text).toContain('3 of 9 documents can be found');
});
