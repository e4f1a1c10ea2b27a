import { describe, expect, it } from 'vitest';
import { readText, SHAPE_NAMES } from '../../src/base/text-reading.ts';

function shapeOf(text: string): Record<string, number> {
  const { shape } = readText(text);
  return Object.fromEntries(SHAPE_NAMES.map((name, at) => [name, shape[at] ?? Number.NaN]));
}

describe('readText', () => {
  it('counts what can be seen', () => {
    const shape = shapeOf('What is 3.5 + 20?\nA. 23\nB. 23.5\nC. none of these');
    expect(shape['lines']).toBeCloseTo(Math.log1p(4));
    expect(shape['numbers']).toBeCloseTo(Math.log1p(4));
    expect(shape['decimal numbers']).toBeCloseTo(Math.log1p(2));
    expect(shape['answer options']).toBeCloseTo(3 / 5);
    expect(shape['options that are numbers']).toBeCloseTo(2 / 3);
    expect(shape['question form']).toBe(1);
    expect(shape['negations']).toBeCloseTo(Math.log1p(1));
    expect(shape['largest number']).toBeCloseTo(Math.log1p(23) / 10);
  });

  it('reads Chinese by characters and knows its marks', () => {
    const shape = shapeOf('小明有三个苹果，他没有吃。还剩几个？');
    expect(shape['words']).toBeCloseTo(Math.log1p(15));
    expect(shape['sentences']).toBeCloseTo(Math.log1p(2));
    expect(shape['question marks']).toBeCloseTo(Math.log1p(1));
    expect(shape['negations']).toBeCloseTo(Math.log1p(1));
    expect(shape['script without spaces']).toBeGreaterThan(0.7);
  });

  it('has the same features whatever the case, and nearly the same after a typo', () => {
    const set = (text: string) => new Set(readText(text).indices);
    const text = 'Explain the difference between photosynthesis and respiration in plants';
    expect(set(text.toUpperCase())).toEqual(set(text));
    const typed = set(text.replace('respiration', 'respirtaion'));
    const kept = [...set(text)].filter((index) => typed.has(index)).length;
    expect(kept / set(text).size).toBeGreaterThan(0.8);
  });

  it('forgets one text before it reads the next', () => {
    const alone = readText('red apples');
    readText('red red red cars and boats');
    expect(readText('red apples')).toEqual(alone);
  });

  it('bears empty text, lone surrogates and numbers beyond all bounds', () => {
    for (const text of ['', '\ud800', `${'9'.repeat(400)}`, '\n\n\n', 'a. b. c.']) {
      const { shape, indices } = readText(text);
      expect([...shape].every(Number.isFinite)).toBe(true);
      expect(new Set(indices).size).toBe(indices.length);
    }
  });
});
