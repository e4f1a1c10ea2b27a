import { describe, expect, it } from 'vitest';
import { gradeBySchema } from '../../src/run/grade-by-schema.ts';

const GRADE = { value: 3.72, nearest: 4 };
const object = (properties: object, required = Object.keys(properties)) =>
  ({ type: 'object', properties, required }) as never;

describe('gradeBySchema', () => {
  it.each([
    [{ type: 'number' }, 3.72],
    [{ type: 'integer' }, 4],
    [{ enum: [1, 3, 5] }, 3],
    [{ type: 'object' }, { score: 3.72, confidence: 0.8 }],
    [object({ stars: { type: 'integer', minimum: 1, maximum: 5 } }), { stars: 4 }],
    [
      object({ confidence: { type: 'number' }, rating: { type: 'number' } }),
      { confidence: 0.8, rating: 3.72 },
    ],
    [
      object({ score: { type: 'number' }, why: { type: ['string', 'null'] } }),
      { score: 3.72, why: null },
    ],
    [object({ score: { type: 'number' }, why: { type: 'string' } }, ['score']), { score: 3.72 }],
  ])('answers %j', (schema, answer) => {
    expect(gradeBySchema(GRADE, 0.8, schema)).toEqual(answer);
  });

  it.each([
    [object({ score: { type: 'number' }, why: { type: 'string' } }), /asks for `why`/],
    [object({ name: { type: 'string' } }), /no place for a number/],
    [object({ score: { type: 'number', maximum: 1 } }), /its number is 3.72/],
  ])('refuses %j', (schema, words) => {
    expect(() => gradeBySchema(GRADE, 0.8, schema)).toThrow(words);
  });
});
