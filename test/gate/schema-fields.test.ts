import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { ask, chosen, decide, rejectionOf, STARTER, spoke } from './farm.ts';

const orders = spoke('orders', {
  kind: 'classifier',
  modelId: 'classifier:orders@1',
  labels: ['date', 'person', 'place'],
  tasks: ['extract'],
  measured: { rate: 0.9, rows: 500 },
  secondsPerToken: 0,
  secondsPerPromptToken: 0.00001,
});
const spokes = [...STARTER, orders];
const TEXT = 'The parcel of Omar is late since Monday, when will it come?';

function asking(text: string, ...fields: readonly string[]) {
  const properties = Object.fromEntries(fields.map((name) => [name, { type: 'string' }]));
  const schema: JsonObject = { type: 'object', properties };
  return ask(text, { responseFormat: { type: 'json-schema', name: 'answer', schema } });
}

describe('a specialist for fields', () => {
  it('is chosen by its measured rate where a schema has fields of it and no others', () => {
    const decision = chosen(asking(TEXT, 'date', 'person'), { spokes });
    expect(decision.spoke).toBe('orders');
    expect(decision.chosen.probability).toBeCloseTo(0.9, 6);
    expect(decision.reasons.join('\n')).toContain('what `orders` was made for');
  });

  it('is no choice where the schema has other fields, too, or none', () => {
    for (const request of [asking(TEXT, 'date', 'price'), ask(TEXT)])
      expect(rejectionOf(decide(request, { spokes }), 'orders')).toBeDefined();
  });

  it.each(['Invent a character for a fantasy novel.', 'Make up a customer.'])(
    'is no choice where they are to be made up: %s',
    (text) => {
      const result = decide(asking(text, 'date', 'person'), { spokes });
      expect(rejectionOf(result, 'orders')).toBeDefined();
    },
  );

  it('may be asked for one field where the request looks like that alone', () => {
    const decision = chosen(asking('Ruth comes on Friday.', 'date'), { spokes });
    const own = decision.candidates.find((one) => one.spoke === 'orders');
    expect(own?.probability).toBeGreaterThan(0.3);
    const poem = decide(asking('Write a poem about love.', 'date'), { spokes });
    expect(rejectionOf(poem, 'orders')).toBeDefined();
  });
});
