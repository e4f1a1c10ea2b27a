import { describe, expect, it } from 'vitest';
import type { ResponseFormat } from '../../src/core/chat.ts';
import type { Classification } from '../../src/core/classification.ts';
import { answerByClassifier } from '../../src/run/classifier-spoke.ts';

const BILLING: Classification = {
  label: 'billing',
  confidence: 0.91234,
  ranked: [{ label: 'billing', probability: 0.91234 }],
  features: 'n-grams',
};
const NOTHING: Classification = { ...BILLING, label: null, confidence: 0.2 };

function answer(classification: Classification, responseFormat?: ResponseFormat): string {
  const events = answerByClassifier(classification, responseFormat ? { responseFormat } : {});
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

const schemaOf = (schema: Extract<ResponseFormat, { type: 'json-schema' }>['schema']) =>
  ({ type: 'json-schema', name: 'x', schema }) as const;

describe('answerByClassifier', () => {
  it('is one text and one end', () => {
    expect(answerByClassifier(BILLING, {}).map((event) => event.type)).toEqual(['text', 'ended']);
  });

  it('says the label, or that none fits', () => {
    expect(answer(BILLING)).toBe('billing');
    expect(answer(NOTHING)).toBe('none of these');
    const endOf = (one: Classification) => answerByClassifier(one, {}).at(-1);
    expect(endOf(NOTHING)).toMatchObject({ isNone: true });
    expect(endOf(BILLING)).not.toHaveProperty('isNone');
    // What finds fields has no labels to fit.
    expect(endOf({ ...NOTHING, answer: {} })).not.toHaveProperty('isNone');
  });

  it('says how probable each label is where log-probabilities are wanted', () => {
    const ranked = [
      { label: 'billing', probability: 0.75 },
      { label: 'delivery', probability: 0.25 },
    ];
    const told = (one: Classification, logprobs?: number, responseFormat?: ResponseFormat) => {
      const [event] = answerByClassifier(one, {
        ...(logprobs === undefined ? {} : { logprobs }),
        ...(responseFormat ? { responseFormat } : {}),
      });
      return event?.type === 'text' ? event.logprobs : undefined;
    };
    const billing = { ...BILLING, confidence: 0.75, ranked };
    expect(told(billing)).toBeUndefined();
    expect(told(billing, 0)).toEqual([{ token: 'billing', logprob: Math.log(0.75) }]);
    expect(told(billing, 5)?.[0]?.top).toEqual([
      { token: 'billing', logprob: Math.log(0.75) },
      { token: 'delivery', logprob: Math.log(0.25) },
    ]);
    expect(told(billing, 1)?.[0]?.top).toHaveLength(1);
    const none = told({ ...NOTHING, confidence: 0.6, ranked }, 3)?.[0];
    expect(none).toMatchObject({ token: 'none of these', logprob: Math.log(0.6) });
    const sum = none?.top?.reduce((total, one) => total + Math.exp(one.logprob), 0);
    expect(sum).toBeCloseTo(1, 9);
    expect(told(billing, 5, { type: 'json' })).toBeUndefined();
    expect(told({ ...billing, answer: {} }, 5)).toBeUndefined();
  });

  it('writes JSON without a schema', () => {
    expect(JSON.parse(answer(BILLING, { type: 'json' }))).toEqual({
      label: 'billing',
      confidence: 0.912,
    });
    expect(JSON.parse(answer(NOTHING, { type: 'json' }))).toEqual({ label: null, confidence: 0.2 });
  });

  it('fills the property that has the labels, and a number with the confidence', () => {
    const schema = {
      type: 'object',
      properties: {
        note: { type: 'string' },
        topic: { type: 'string', enum: ['Billing', 'Delivery', 'Other'] },
        score: { type: 'number' },
      },
    } as const;
    expect(JSON.parse(answer(BILLING, schemaOf(schema)))).toEqual({
      topic: 'Billing',
      score: 0.912,
    });
    expect(JSON.parse(answer(NOTHING, schemaOf(schema)))).toEqual({ topic: 'Other', score: 0.2 });
  });

  it('answers a schema of one string', () => {
    expect(JSON.parse(answer(BILLING, schemaOf({ type: 'string' })))).toBe('billing');
    expect(JSON.parse(answer(NOTHING, schemaOf({ enum: ['billing', null] })))).toBeNull();
  });
});
