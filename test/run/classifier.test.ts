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
