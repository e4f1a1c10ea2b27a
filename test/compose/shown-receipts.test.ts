import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { composeReceipts } from '../../src/compose/shown-receipts.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { DocumentEdition } from '../../src/core/evidence.ts';
import type { KeptText } from '../../src/core/stores.ts';
import { receiptOf } from '../server/scripted-farm.ts';

const READER = { key: 'a', principals: ['public'] };
const EDITION: DocumentEdition = { collection: 'law', documentId: 'd1', documentVersion: 2 };
const SAID: CadreEvent = { type: 'text-delta', choice: 0, text: 'The fine is 40 euros.' };

/** A question on the side, which quotes what its parent found and has no sources of its own. */
async function openAside(versions: ReadonlyMap<string, number>) {
  const folder = mkdtempSync(join(tmpdir(), 'receipts-'));
  const store = await openSqliteStore(join(folder, 'state.db'));
  onTestFinished(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true });
  });
  const receipt = { ...receiptOf('req_aside', 'a'), parent: 'req_1', standsOn: [EDITION] };
  const check = { check: 'support', passed: false, score: 0, detail: 'not in “The fine is 40”' };
  const text: KeptText = {
    prompt: 'Does it say so? The fine is 40 euros.',
    answer: 'yes',
    citations: [],
    events: [SAID],
    checks: [check as never],
  };
  await store.doPutReceipt(receipt, [], text);
  return composeReceipts(store, { versions: async () => versions });
}

describe('receipts as they are shown', () => {
  it('keep the words of a question on the side while the document stands or has only changed', async () => {
    for (const version of [2, 3]) {
      const receipts = await openAside(new Map([['d1', version]]));
      expect(await receipts.receipt('req_aside', READER)).not.toHaveProperty('isWithheld');
      expect(await receipts.events('req_aside', READER)).toEqual([SAID]);
    }
  });

  it('withhold them once it is gone or closed, from readers and not from the store', async () => {
    const receipts = await openAside(new Map());
    const shown = await receipts.receipt('req_aside', READER);
    expect(shown?.isWithheld).toBe(true);
    expect(JSON.stringify(shown)).not.toContain('40');
    expect(await receipts.events('req_aside', READER)).toEqual([]);
    expect(JSON.stringify(await receipts.receipt('req_aside'))).toContain('40');
  });
});
