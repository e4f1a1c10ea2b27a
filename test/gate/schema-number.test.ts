import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { ask, chosen, decide, rejectionOf, STARTER, spoke } from './farm.ts';

const urgency = spoke('urgency', {
  kind: 'classifier',
  modelId: 'classifier:urgency@1',
  labels: [],
  tasks: ['score'],
  secondsPerToken: 0,
  loadSeconds: 0,
  measured: { rate: 0.83, rows: 1200 },
});
const MESSAGE = 'The pump has stopped and water comes in.';
const object = (properties: Record<string, JsonObject>): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
const asking = (schema: JsonObject) =>
  ask(MESSAGE, { responseFormat: { type: 'json-schema', name: 'answer', schema } });
const spokes = [...STARTER, urgency];

describe('a specialist that gives numbers', () => {
  it('is chosen by itself where the schema asks for the number that it is named for', () => {
    const schema = object({ Urgency: { type: 'integer' }, confidence: { type: 'number' } });
    const decision = chosen(asking(schema), { spokes });
    expect(decision.spoke).toBe('urgency');
    expect(decision.chosen.probability).toBeCloseTo(0.83, 6);
  });

  it.each([
    ['another number', object({ price: { type: 'number' } })],
    ['more than the number', object({ urgency: { type: 'number' }, why: { type: 'string' } })],
  ])('is not chosen where the schema asks for %s', (_, schema) => {
    expect(chosen(asking(schema), { spokes }).spoke).not.toBe('urgency');
  });

  it('is not chosen for a text, whatever that says', () => {
    const result = decide(ask(`How great is the urgency? ${MESSAGE}`), { spokes });
    expect(rejectionOf(result, 'urgency')?.reason).toContain('gives a number');
  });

  it.each<[JsonObject, boolean]>([
    [{ type: 'number' }, true],
    [{ enum: [1, 2, 3] }, true],
    [object({ rating: { type: 'integer' } }), true],
    [object({ rating: { type: 'number' }, note: { type: ['string', 'null'] } }), true],
    [object({ rating: { type: 'number' }, note: { type: 'string' } }), false],
    [object({ note: { type: 'string' } }), false],
    [{ type: 'string' }, false],
  ])('answers %j when it is named: %s', (schema, fits) => {
    const result = decide({ ...asking(schema), model: 'urgency' }, { spokes: [urgency] });
    expect(rejectionOf(result, 'urgency')?.code).toBe(fits ? undefined : 'schema');
  });
});
