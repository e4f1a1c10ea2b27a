import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { fieldsBySchema } from '../../src/run/fields-by-schema.ts';

const found = (fields: JsonObject): JsonObject => ({
  fields: { amount: null, vendor: null, ...fields },
  spans: Object.entries(fields).map(([label, text]) => ({ label, text: String(text) })),
});
const object = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
});
const amountOf = (text: string) =>
  fieldsBySchema(found({ amount: text }), object({ amount: { type: 'number' } }))?.['amount'];

describe('fieldsBySchema', () => {
  it('gives each property its field, as text, number or list', () => {
    const schema = object({
      vendor: { type: 'string' },
      amount: { type: ['number', 'null'] },
    });
    expect(fieldsBySchema(found({ vendor: 'Orbit', amount: '$12.50' }), schema)).toEqual({
      vendor: 'Orbit',
      amount: 12.5,
    });
    const lists = object({ vendor: { type: 'array', items: { type: 'string' } } });
    expect(fieldsBySchema(found({ vendor: 'Orbit' }), lists)).toEqual({ vendor: ['Orbit'] });
    expect(fieldsBySchema(found({}), lists)).toEqual({ vendor: [] });
  });

  it.each([
    ['€1,200.50', 1200.5],
    ['1.200,50 EUR', 1200.5],
    ['1,200 dollars', 1200],
    ['12,5', 12.5],
    ['-3', -3],
    ['1,234,567', 1_234_567],
    ['40 EUR.', 40],
  ])('reads %s as a number', (text, number) => {
    expect(amountOf(text)).toBe(number);
  });

  it('is null or leaves out what the text does not have, and says what must not be missing', () => {
    const open = object({ vendor: { type: ['string', 'null'] }, amount: { type: 'number' } });
    expect(fieldsBySchema(found({}), open)).toEqual({ vendor: null });
    const strict = object({ amount: { type: 'number' } }, ['amount']);
    expect(() => fieldsBySchema(found({}), strict)).toThrow('the text has no `amount`');
    expect(() => fieldsBySchema(found({ amount: 'plenty' }), strict)).toThrow('`amount`');
  });

  it('says which fields there are where the schema names none of them', () => {
    const other = object({ colour: { type: 'string' } });
    expect(() => fieldsBySchema(found({}), other)).toThrow('this specialist finds amount, vendor');
  });

  it('leaves its own shape, and a schema without properties, as they are', () => {
    const answer = found({ vendor: 'Orbit' });
    const own = object({ fields: { type: 'object' }, spans: { type: 'array' } });
    expect(fieldsBySchema(answer, own)).toBe(answer);
    expect(fieldsBySchema(answer, { type: 'object' })).toBeUndefined();
    expect(fieldsBySchema({ score: 1 }, own)).toBeUndefined();
  });
});
