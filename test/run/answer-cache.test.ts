import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import { AnswerCache, type KeptAnswer } from '../../src/run/answer-cache.ts';
import { canonical, requestText } from '../../src/run/request-key.ts';

function answerOf(text: string, at = 0): KeptAnswer {
  const events: CadreEvent[] = [{ type: 'text-delta', choice: 0, text }];
  const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 };
  return { receipt: 'req_1', events, usage, at };
}

describe('kept answers', () => {
  it('never take more bytes than they may, and the least used go first', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 30 }),
      length: fc.integer({ min: 0, max: 8000 }),
      isRead: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = new AnswerCache({ bytes: 80_000, seconds: 60 });
        let last = '';
        for (const { key, length, isRead } of steps) {
          if (isRead) {
            if (cache.find(`k${key}`, 0) !== undefined) last = `k${key}`;
          } else {
            cache.put(`k${key}`, answerOf('x'.repeat(length)));
            const isKept = cache.find(`k${key}`, 0) !== undefined;
            if (isKept) last = `k${key}`;
            else if (last === `k${key}`) last = '';
          }
          expect(cache.bytes).toBeLessThanOrEqual(80_000);
          expect(cache.bytes).toBeGreaterThanOrEqual(0);
          // What was used last is still there.
          if (last !== '') expect(cache.find(last, 0)).toBeDefined();
        }
        for (let key = 0; key <= 30; key += 1) cache.drop(`k${key}`);
        expect([cache.bytes, cache.count]).toEqual([0, 0]);
      }),
    );
  });

  it('grow old', () => {
    const cache = new AnswerCache({ bytes: 1e6, seconds: 60 });
    cache.put('a', answerOf('x', 1000));
    expect(cache.find('a', 61_000)).toBeDefined();
    expect(cache.find('a', 61_001)).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('join pieces of text and leave progress out', () => {
    const cache = new AnswerCache({ bytes: 1e6, seconds: 60 });
    const events: CadreEvent[] = [
      { type: 'model-loading', model: 'm', progress: 0.5 },
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'text-delta', choice: 0, text: 'b' },
      { type: 'text-delta', choice: 1, text: 'c' },
    ];
    cache.put('a', { ...answerOf(''), events });
    expect(cache.find('a', 0)?.events).toEqual([
      { type: 'text-delta', choice: 0, text: 'ab' },
      { type: 'text-delta', choice: 1, text: 'c' },
    ]);
  });
});

describe('the text of a request', () => {
  it('does not depend on the order of fields, and on nothing that is absent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        const text = canonical(JSON.parse(JSON.stringify(value)));
        expect(canonical(JSON.parse(JSON.stringify(turned)))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('knows the dialect only where unknown fields depend on it', () => {
    const request = { model: 'auto', messages: [], sampling: {} };
    expect(requestText({ ...request, dialect: 'anthropic' })).toBe(requestText(request));
    const extra = { top: 1 };
    expect(requestText({ ...request, extra, dialect: 'anthropic' })).not.toBe(
      requestText({ ...request, extra }),
    );
  });
});
