import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkArithmetic, findEquations } from '../../src/verify/arithmetic.ts';

describe('checkArithmetic', () => {
  it.each([
    '3 × 4 = 12',
    '2 + 3 * 4 = 14',
    '(2 + 3) * 4 = 20',
    '1,200 / 4 = 300 km/h',
    '60 km/h × 2 h = 120 km',
    '$5 × 3 = $15',
    '5 apples + 3 apples = 8 apples, so she has 8.',
    '20% of 50 = 10',
    '5 / 20 = 25%',
    '5 / 20 × 100 = 25%',
    '2 / 3 = 0.67',
    '2 / 3 = 0.66',
    '10 / 3 ≈ 3.3',
    '3 times 4 is 12.',
    '17 plus 5 equals 22',
    '2 + 3 = 5 × 4 = 20',
    '<<48/2=24>>',
    '\\( 6 \\times 7 = 42 \\)',
    '**8 - 3 = 5**',
    '5² = 25',
    '2^10 = 1024',
    '1/2 hour = 30 minutes',
    '1) 5 + 3 = 8',
    '- 2 + 3 = 5'.slice(2),
    '123456789 × 987654321 = 121932631112635269',
    '0.1 + 0.2 = 0.3',
    '10 - -4 = 14',
    '48 / 2 = 24 clips in May and 48 + 24 = 72 clips in all',
  ])('finds that %j holds', (text) => {
    const equations = findEquations(text);
    expect(equations.length).toBeGreaterThan(0);
    expect(checkArithmetic(text)).toMatchObject({ passed: true, score: 0.95 });
  });

  it.each([
    '3 × 4 = 13',
    '17 + 5 = 23',
    '1,200 / 4 = 400',
    '20% of 50 = 20',
    '2 / 3 = 0.76',
    '5 apples + 3 apples = 9 apples',
    '3 times 4 is 13.',
    '7 × 8 = 54, then 54 + 1 = 55',
    '0.1 + 0.2 = 0.4',
    '123456789 × 987654321 = 121932631112635268',
  ])('finds that %j does not hold', (text) => {
    expect(checkArithmetic(text).passed).toBe(false);
  });

  it.each([
    'x = 5',
    'y + 2 + 3 = 7',
    '2x + 3 = 7',
    '6s + 9 = 3 * (s + 9)',
    '2S + 30 = 110, so S = 40',
    'const total = 5;',
    'It is 5 km away.',
    'On 2024-03-05 the shop opens.',
    '1 / 0 = 5',
    'f(3) = 4',
    'There are 3 of 4 left.',
    '',
  ])('leaves %j alone', (text) => {
    expect(checkArithmetic(text)).toMatchObject({ passed: true, score: 0.5 });
  });

  it('agrees with whole-number arithmetic whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99_999 }),
        fc.integer({ min: 0, max: 99_999 }),
        fc.constantFrom('+', '-', '*'),
        fc.integer({ min: 1, max: 9 }),
        (a, b, operator, off) => {
          const result = operator === '+' ? a + b : operator === '-' ? a - b : a * b;
          expect(checkArithmetic(`${a} ${operator} ${b} = ${result}`).passed).toBe(true);
          expect(checkArithmetic(`${a} ${operator} ${b} = ${result + off}`).passed).toBe(false);
        },
      ),
    );
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'12+-*/=()^% x.,is ≈') }), (text) => {
        expect(checkArithmetic(text).score).toBeLessThanOrEqual(1);
      }),
    );
    expect(checkArithmetic('9^9^9^9^9 = 1').passed).toBe(true);
    expect(checkArithmetic(`${'('.repeat(10_000)}1 = 1`).passed).toBe(true);
    expect(checkArithmetic('1+'.repeat(100_000)).passed).toBe(true);
  });
});
