import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import { boundedEvents, eventsToKeep } from '../../src/record/keep.ts';
import { withoutQuotes } from '../../src/record/quotes.ts';
import { SECRET_TEXT, sampleAttempt, sampleCitation, samplePassage } from './samples.ts';

const EVENTS: readonly CadreEvent[] = [
  { type: 'source-found', passage: samplePassage(0.5, [1, 2]) },
  { type: 'text-delta', choice: 0, text: SECRET_TEXT, citations: [sampleCitation(1)] },
  { type: 'tool-call-delta', choice: 0, index: 0, id: 't', name: 'look', arguments: SECRET_TEXT },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: SECRET_TEXT },
  {
    type: 'check-failed',
    result: {
      check: 'names',
      passed: false,
      score: 0,
      detail: `no source names “${SECRET_TEXT}” or “moon”`,
      sentence: SECRET_TEXT,
    },
  },
  { type: 'route-escalated', from: 'a', to: 'b', reason: `it says “${SECRET_TEXT}”` },
  {
    type: 'plan-made',
    steps: [{ id: 's', instruction: SECRET_TEXT, after: [], model: 'auto' }],
  },
  { type: 'step-ended', step: 's', receipt: 'req_2', text: SECRET_TEXT },
  {
    type: 'answer-abstained',
    abstention: { reason: `nothing on '${SECRET_TEXT}'`, nearest: [samplePassage(1, [1])] },
  },
  { type: 'choice-ended', choice: 0, finishReason: 'stop' },
];

/** What the stored receipt says about the same request. */
const TOLD = {
  attempts: [sampleAttempt({ spoke: 'a', outcome: 'escalated', reason: 'it says “…”' })],
  abstention: { reason: 'nothing on …' },
};

describe('events kept for replay', () => {
  it('hold no text without leave, and keep their shape', () => {
    const kept = eventsToKeep(EVENTS, TOLD);
    expect(JSON.stringify(kept)).not.toContain('moon');
    expect(kept.map((event) => event.type)).toEqual([
      'source-found',
      'tool-call-delta',
      'check-failed',
      'route-escalated',
      'plan-made',
      'step-ended',
      'answer-abstained',
      'choice-ended',
    ]);
    expect(kept[0]).toMatchObject({ passage: { score: 0.5, sentences: [{ start: 10 }, {}] } });
    expect(kept[3]).toMatchObject({ from: 'a', to: 'b', reason: 'it says “…”' });
    expect(kept[6]).toMatchObject({ abstention: { reason: 'nothing on …' } });
  });

  it('have no reason that the receipt does not have', () => {
    const kept = eventsToKeep(EVENTS, { attempts: [] });
    expect(kept[3]).toMatchObject({ type: 'route-escalated', reason: '' });
    expect(kept[6]).toMatchObject({ abstention: { reason: '' } });
  });

  it('are bounded, and the end is always there', () => {
    const many = [...Array.from({ length: 20_000 }, () => EVENTS[0]), EVENTS.at(-1)].filter(
      (event) => event !== undefined,
    );
    for (const kept of [boundedEvents(many), eventsToKeep(many, TOLD)]) {
      expect(kept).toHaveLength(5000);
      expect(kept.at(-1)).toEqual(EVENTS.at(-1));
    }
    expect(boundedEvents(EVENTS)).toEqual(EVENTS);
  });
});

describe('withoutQuotes', () => {
  it('leaves words without quotation marks and apostrophes inside words alone', () => {
    expect(withoutQuotes('the answer isn’t JSON, it isn\'t "')).toBe(
      'the answer isn’t JSON, it isn\'t "…',
    );
    expect(withoutQuotes("it doesn't end")).toBe("it doesn't end");
  });

  it('lets nothing of a quoted text through, whatever marks that text has', () => {
    const marks = ['"', '`', '“', '”', '«', '»', '‘', '’', "'", ' ', 'x'];
    const text = fc.array(fc.constantFrom(...marks), { maxLength: 12 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const redacted = withoutQuotes(`names “${before}SECRET${after}” and 2 more`);
        expect(redacted).not.toContain('SECRET');
        expect(redacted.endsWith(' and 2 more')).toBe(true);
      }),
    );
  });
});
