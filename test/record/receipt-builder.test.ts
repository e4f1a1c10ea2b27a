import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import { ReceiptBuilder, type ReceiptEnding } from '../../src/record/receipt-builder.ts';
import {
  SECRET_TEXT,
  sampleAttempt,
  sampleCall,
  sampleCitation,
  samplePassage,
} from './samples.ts';

const ENDING: ReceiptEnding = {
  outcome: 'answered',
  totalMs: 300,
  featureHashes: [1],
  cost: { total: 0, reference: 0, referenceName: 'reference' },
  energy: { joules: 1, tier: 'modelled' },
};
const CHECK = {
  check: 'support',
  passed: false,
  score: 0.2,
  detail: `nearest is “${SECRET_TEXT}” of 3`,
  sentence: SECRET_TEXT,
} as const;

function fold(events: readonly CadreEvent[], keepsText = false): ReceiptBuilder {
  const builder = new ReceiptBuilder({ call: sampleCall(keepsText), at: 77 });
  events.forEach((event, index) => void builder.observe(event, index * 10));
  return builder;
}

describe('ReceiptBuilder', () => {
  it('has the request, the caller and the ending', () => {
    const receipt = fold([]).build({
      ...ENDING,
      outcome: 'failed',
      confidence: 0.5,
      error: { code: 'no_spoke', message: 'none is configured' },
    });
    expect(receipt).toMatchObject({
      id: 'req_1',
      parent: 'req_0',
      depth: 1,
      at: 77,
      requestedModel: 'auto',
      key: 'key_1',
      outcome: 'failed',
      confidence: 0.5,
      error: { code: 'no_spoke', message: 'none is configured' },
      featureHashes: [1],
      ledger: null,
      usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
    });
    expect(Object.values(receipt)).not.toContain(undefined);
  });

  it('marks the sentences that the answer cites, each place once with its best score', () => {
    const receipt = fold([
      { type: 'source-found', passage: samplePassage(0.4, [1, 2]) },
      { type: 'source-found', passage: samplePassage(0.9, [2, 3]) },
      { type: 'text-delta', choice: 0, text: 'yes', citations: [sampleCitation(2)] },
      { type: 'source-found', passage: samplePassage(0.1, [2]) },
      { type: 'text-delta', choice: 0, text: '.', citations: [sampleCitation(9)] },
    ]).build(ENDING);
    expect(receipt.sources.map((one) => [one.line, one.score, one.cited])).toEqual([
      [1, 0.4, false],
      [2, 0.9, true],
      [3, 0.9, false],
      [9, 0, true],
    ]);
  });

  it('takes the time of the first released byte, whatever kind it is', () => {
    const text: CadreEvent = { type: 'text-delta', choice: 0, text: 'a' };
    const empty: CadreEvent = { type: 'text-delta', choice: 0, text: '' };
    const tool: CadreEvent = { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{' };
    expect(fold([empty, text, text]).build(ENDING).firstTokenMs).toBe(10);
    expect(fold([empty, empty, tool, text]).build(ENDING).firstTokenMs).toBe(20);
    expect(fold([empty]).build(ENDING)).not.toHaveProperty('firstTokenMs');
  });

  it('sums thought only where an attempt tells it apart', () => {
    const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 9 };
    const builder = fold([]);
    builder.addAttempt(sampleAttempt({ outcome: 'escalated', usage }));
    expect(builder.usage).not.toHaveProperty('reasoningTokens');
    builder.addAttempt(sampleAttempt({ usage: { ...usage, reasoningTokens: 4 } }));
    expect(builder.usage).toMatchObject({ completionTokens: 18, reasoningTokens: 4 });
  });

  it('sums attempts, stages and children', () => {
    const builder = fold([{ type: 'step-started', step: 's', receipt: 'req_2' }]);
    builder.addAttempt(sampleAttempt({ outcome: 'escalated' }));
    builder.addAttempt(sampleAttempt({ spoke: 'far', destination: 'cloud' }));
    builder.addStage('run', 5);
    builder.addStage('load', -3);
    builder.addStage('run', 7);
    builder.addChild('req_2');
    builder.addChild('req_3');
    const receipt = builder.build(ENDING);
    expect(receipt.usage).toEqual({ promptTokens: 200, cachedTokens: 40, completionTokens: 20 });
    expect(receipt.stages).toEqual([
      { stage: 'run', ms: 12 },
      { stage: 'load', ms: 0 },
    ]);
    expect(receipt.children).toEqual(['req_2', 'req_3']);
    expect(receipt.attempts.map((one) => one.outcome)).toEqual(['escalated', 'released']);
  });

  it('charges remote attempts only, at their spoke’s price', () => {
    const builder = fold([]);
    builder.addAttempt(sampleAttempt());
    builder.addAttempt(sampleAttempt({ spoke: 'far', destination: 'cloud' }));
    builder.addAttempt(sampleAttempt({ spoke: 'free', destination: 'cloud' }));
    const price = { input: 1000, output: 10_000 };
    expect(
      builder.spent([{ id: 'chat', price }, { id: 'far', price }, { id: 'free' }]),
    ).toBeCloseTo(0.2, 12);
  });

  it('keeps no text of request, answer, check or document without leave', () => {
    const builder = fold([
      { type: 'source-found', passage: samplePassage(0.4, [1]) },
      { type: 'text-delta', choice: 0, text: SECRET_TEXT, citations: [sampleCitation(1)] },
      { type: 'check-failed', result: CHECK },
      {
        type: 'answer-abstained',
        abstention: { reason: `no "${SECRET_TEXT}"`, nearest: [samplePassage(1, [1])] },
      },
    ]);
    builder.addAttempt(sampleAttempt({ reason: `declines: “${SECRET_TEXT}”` }));
    const receipt = builder.build(ENDING);
    expect(JSON.stringify(receipt)).not.toContain('moon');
    expect(receipt.checks[0]).toMatchObject({ detail: 'nearest is “…” of 3', passed: false });
    expect(receipt.abstention).toEqual({ reason: 'no "…"' });
  });

  it.each([true, false])('puts no words into the receipt (text is kept: %s)', (keepsText) => {
    const builder = fold([{ type: 'check-failed', result: CHECK }], keepsText);
    builder.addAttempt(sampleAttempt({ outcome: 'escalated', reason: CHECK.detail }));
    expect(JSON.stringify(builder.build(ENDING))).not.toContain('moon');
  });

  it('hands checks whole, events and the first choice’s text to who keeps text', () => {
    const events: readonly CadreEvent[] = [
      { type: 'check-failed', result: CHECK },
      { type: 'text-delta', choice: 0, text: 'yes', citations: [sampleCitation(1)] },
      { type: 'text-delta', choice: 1, text: 'no' },
      { type: 'text-delta', choice: 0, text: '.' },
      { type: 'choice-ended', choice: 1, finishReason: 'length' },
      { type: 'choice-ended', choice: 0, finishReason: 'stop' },
    ];
    const builder = fold(events, true);
    const attempt = sampleAttempt({ outcome: 'failed', code: 'internal', reason: SECRET_TEXT });
    builder.addAttempt(attempt);
    expect(builder.build(ENDING).finishReason).toBe('stop');
    const error = { code: 'internal', message: SECRET_TEXT } as const;
    expect(builder.keptText('ask', events, error)).toEqual({
      prompt: 'ask',
      answer: 'yes.',
      citations: [sampleCitation(1)],
      events,
      checks: [CHECK],
      attempts: [attempt],
      error,
    });
  });

  it('hands nothing to who keeps none', () => {
    expect(fold([]).keptText('ask', [])).toBeUndefined();
  });
});
