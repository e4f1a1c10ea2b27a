import { expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Store } from '../../src/core/stores.ts';
import { eventsToKeep } from '../../src/record/keep.ts';
import { ReceiptBuilder } from '../../src/record/receipt-builder.ts';
import { sampleAttempt, sampleCall, sampleCitation, samplePassage } from '../record/samples.ts';
import type { OpenStores } from './store-contract.ts';

const AT = 1000;
/** One word per place where words come from; `moon` stands in the samples' sentences and headings. */
const WORDS = ['zprompt', 'zanswer', 'zargument', 'zsentence', 'zvendor', 'zstep', 'zplan', 'moon'];
const ERROR = { code: 'upstream_failed', message: 'cloud answered 500: zvendor' } as const;
const CHECK = {
  check: 'names',
  passed: false,
  score: 0,
  detail: 'no source names “zanswer”',
  sentence: 'zsentence',
} as const;

const EVENTS: readonly CadreEvent[] = [
  { type: 'request-accepted', id: 'req_1', at: AT, model: 'auto', depth: 1 },
  { type: 'source-found', passage: samplePassage(0.5, [1]) },
  {
    type: 'plan-made',
    steps: [{ id: '1', instruction: 'zplan', after: [], model: 'auto' }],
  },
  { type: 'step-ended', step: '1', receipt: 'req_2', text: 'zstep' },
  { type: 'text-delta', choice: 0, text: 'zanswer', citations: [sampleCitation(1)] },
  { type: 'tool-call-delta', choice: 0, index: 0, id: 't', name: 'look', arguments: 'zargument' },
  { type: 'check-failed', result: CHECK },
  { type: 'route-escalated', from: 'far', to: 'chat', reason: ERROR.message },
  {
    type: 'answer-abstained',
    abstention: { reason: CHECK.detail, nearest: [samplePassage(1, [1])] },
  },
];

/** Stores one request as the pipeline does, and returns what the caller saw of it. */
async function put(store: Store, keepsText: boolean) {
  const builder = new ReceiptBuilder({ call: sampleCall(keepsText), at: AT });
  for (const event of EVENTS) builder.observe(event, 1);
  builder.addAttempt(
    sampleAttempt({ spoke: 'far', outcome: 'failed', code: ERROR.code, reason: ERROR.message }),
  );
  builder.addAttempt(sampleAttempt({ outcome: 'abstained', reason: CHECK.detail }));
  const receipt = builder.build({
    outcome: 'failed',
    totalMs: 1,
    featureHashes: [],
    cost: { total: 0, reference: 0, referenceName: 'reference' },
    energy: { joules: 0, tier: 'modelled' },
    error: ERROR,
  });
  const text = builder.keptText('zprompt', EVENTS, ERROR);
  await store.doPutReceipt(receipt, eventsToKeep(EVENTS, receipt), text);
  return receipt;
}

export function describeText(stores: OpenStores): void {
  it('has no word of a caller who keeps no text in any row', async () => {
    const store = await stores.open();
    const receipt = await put(store, false);
    const rows = await stores.place.readRows();
    expect(rows).toContain('req_1');
    for (const word of WORDS) expect(rows, word).not.toContain(word);
    expect(await store.doGetReceipt('req_1')).toEqual(receipt);
    expect(await store.doGetText('req_1')).toBeUndefined();
  });

  it('gives receipt and events with their words while the text is kept', async () => {
    const store = await stores.open();
    await put(store, true);
    const rows = await stores.place.readRows();
    for (const word of WORDS) expect(rows, word).toContain(word);
    expect(await store.doGetEvents('req_1')).toEqual(EVENTS);
    expect(await store.doGetReceipt('req_1')).toMatchObject({
      id: 'req_1',
      checks: [CHECK],
      attempts: [{ reason: ERROR.message }, { reason: CHECK.detail }],
      abstention: { reason: CHECK.detail },
      error: ERROR,
    });
    expect(JSON.stringify(await store.doListReceipts({ limit: 9 }))).not.toMatch(/z[a-z]{3}|moon/);
  });

  it('has no word left in any row after the text’s own time, and the receipt all the same', async () => {
    const store = await stores.open();
    const receipt = await put(store, true);
    expect(await store.doPurge({ receipts: 0, text: AT })).toBe(0);
    expect(await store.doPurge({ receipts: 0, text: AT + 1 })).toBe(1);
    const rows = await stores.place.readRows();
    expect(rows).toContain('req_1');
    for (const word of WORDS) expect(rows, word).not.toContain(word);
    expect(await store.doGetText('req_1')).toBeUndefined();
    expect(await store.doGetReceipt('req_1')).toEqual(receipt);
    expect(await store.doGetEvents('req_1')).toEqual(eventsToKeep(EVENTS, receipt));
  });
}
