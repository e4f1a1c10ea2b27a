import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkArithmetic } from '../../src/verify/arithmetic.ts';
import { carriedOut } from '../../src/verify/calculation.ts';
import { expressionValue } from '../../src/verify/expression.ts';
import { toNumber } from '../../src/verify/rational.ts';

function numberOf(text: string): number | undefined {
  const value = expressionValue(text, new Map());
  return value && toNumber(value);
}

describe('expressionValue', () => {
  it.each([
    ['2 + 3 * 4', 14],
    ['-(2 + 3)^2', -25],
    ['2^3^2', 512],
    ['7 // 2 + 7 % 4', 6],
    ['35% * 240', 84],
    ['200 * 15%', 30],
    ['1,250 × 2 ÷ 5', 500],
    ['$0.10 + $0.20', 0.3],
    ['round(7 / 2) + floor(-0.5) + ceil(0.2)', 4],
    ['max(3, 8, 5) - min(4, 2) + abs(-1)', 7],
    ['round(2.345, 2)', 2.35],
  ])('%s', (text, value) => {
    expect(numberOf(text)).toBeCloseTo(value, 12);
  });

  it.each(['1 / 0', '2 +', '(2', 'x + 1', '2 3', '', 'open("/etc/passwd")', '9^9^9', '3 & 4'])(
    'makes nothing of %s',
    (text) => {
      expect(numberOf(text)).toBeUndefined();
    },
  );

  it('agrees with JavaScript on whole numbers', () => {
    const number = fc.integer({ min: 1, max: 999 });
    const sign = fc.constantFrom('+', '-', '*');
    fc.assert(
      fc.property(number, fc.array(fc.tuple(sign, number), { maxLength: 8 }), (first, rest) => {
        const text = [first, ...rest.flat()].join(' ');
        // biome-ignore lint/security/noGlobalEval: digits and operators of this test alone
        expect(numberOf(text)).toBeCloseTo(eval(text) as number, 3);
      }),
    );
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expressionValue(text, new Map());
      }),
    );
  });
});

describe('carriedOut', () => {
  it('tells working and result, each equation true', () => {
    const worked = carriedOut(
      'rolls = 12 * 0.80\nleft = (rolls + 16) * 3/4\n-> She has {left} dollars left.',
    );
    expect(worked?.text).toBe(
      'rolls: 12 * 0.80 = 9.6\nleft: (9.6 + 16) * 3/4 = 19.2\nShe has 19.2 dollars left.',
    );
    expect(checkArithmetic(worked?.text ?? '').passed).toBe(true);
  });

  it('does not believe the result that the model wrote', () => {
    expect(carriedOut('cost = 3 * 1\nleft = 100 - cost\n#### 70')?.text).toMatch(/^#### 97$/m);
    expect(carriedOut('x = 6 * 7 = 41\n-> \\boxed{41}')?.text).toMatch(/^\\boxed\{42\}$/m);
    expect(carriedOut('both = 9 + 22\n-> \\boxed{{both}}')?.text).toMatch(/^\\boxed\{31\}$/m);
  });

  it('reads names of several words, units and fences', () => {
    const program = [
      '```',
      'cost per spoon = $21 / 7 spoons',
      'cost of 5 spoons = 5 * cost per spoon',
      '-> {cost of 5 spoons} dollars',
      '```',
    ].join('\n');
    expect(carriedOut(program)?.text).toMatch(/^15 dollars$/m);
    expect(carriedOut("Ann's coins = 4\nall = Ann's coins * 3")?.text).toMatch(/^Answer: 12$/m);
  });

  it('rounds only what does not end', () => {
    expect(carriedOut('x = 1 / 3')?.result).toBe('0.3333');
    expect(carriedOut('x = -1 / 8')?.result).toBe('-0.125');
    expect(carriedOut('x = 2 / 3 * 3')?.result).toBe('2');
  });

  it.each([
    'The answer is 12.',
    'total = apples + 3\n-> {total}',
    'x = 3\nThen we add four.',
    'x = 3\n-> {y}',
    '-> 12',
    '',
  ])('makes nothing of %j', (program) => {
    expect(carriedOut(program)).toBeUndefined();
  });
});
