import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { ask, chosen, decide, general, rejectionOf, STARTER, topics } from './farm.ts';

const LABELS = ['billing', 'shipping', 'returns', 'technical'];
const OWN = { type: 'json-schema', name: 'label', schema: { enum: LABELS } } as const;
const MESSAGE = 'My card was charged twice.';

/** The starter farm with a specialist in the place of its classifier. */
function withRate(rate: number) {
  const measured = { rate, rows: 1500 };
  return STARTER.map((one) => (one.id === topics.id ? { ...topics, measured } : one));
}

describe('a specialist with figures of its own', () => {
  it.each([0.97, 0.72])('stands in the gate by what was measured of it: %s', (rate) => {
    const decision = chosen(ask(MESSAGE, { responseFormat: OWN }), { spokes: withRate(rate) });
    expect(decision.spoke).toBe('topics');
    expect(decision.chosen.probability).toBeCloseTo(rate, 6);
  });

  it('stands beside the model that was asked the same rows by what was measured of that', () => {
    const beside = [{ model: general.modelId, rate: 0.4, rows: 40 }];
    const measured = { rate: 0.55, rows: 1500, beside };
    const spokes = [general, { ...topics, measured }];
    const sorted = chosen(ask(MESSAGE, { responseFormat: OWN }), { spokes });
    expect(sorted.spoke).toBe('topics');
    expect(sorted.runnerUp).toMatchObject({ spoke: 'general', probability: 0.4 });
    expect(sorted.reasons.join('\n')).toContain(
      'right in 0.55 of 1,500 rows, qwen2.5-coder-1.5b-instruct-q4_k_m in 0.40 of 40',
    );
    const other = chosen(MESSAGE, { spokes });
    expect(other.chosen.probability).not.toBe(0.4);
  });

  it('is right as often as measured when it is named, whatever the text looks like', () => {
    const spokes = withRate(0.9).filter((one) => one.id === 'topics');
    const decision = chosen({ ...ask('Write a poem.'), model: 'topics' }, { spokes });
    expect(decision.chosen.probability).toBeCloseTo(0.9, 6);
  });

  it('is worth nothing on what it is not for', () => {
    const decision = chosen('Use topics: write a Python function that returns 1.', {
      spokes: withRate(0.99),
    });
    expect(decision.spoke).not.toBe('topics');
  });

  it.each<[string, JsonObject, boolean]>([
    ['a string', { type: 'string' }, true],
    ['some of its labels', { enum: ['billing', 'other'] }, true],
    [
      'a label and how sure it is',
      {
        type: 'object',
        properties: { topic: { type: 'string' }, sure: { type: 'number' } },
        required: ['topic', 'sure'],
      },
      true,
    ],
    [
      'two texts',
      {
        type: 'object',
        properties: { topic: { type: 'string' }, why: { type: 'string' } },
        required: ['topic', 'why'],
      },
      false,
    ],
    ['numbers', { type: 'object', properties: { age: { type: 'number' } } }, false],
  ])('answers %s when it is named, if a label fits in: %j', (_name, schema, fits) => {
    const spokes = [{ ...topics }];
    const responseFormat = { type: 'json-schema', name: 'answer', schema } as const;
    const result = decide({ ...ask(MESSAGE, { responseFormat }), model: 'topics' }, { spokes });
    expect(rejectionOf(result, 'topics')?.code).toBe(fits ? undefined : 'schema');
  });
});
