import { describe, expect, it } from 'vitest';
import { AnswerGate } from '../../src/verify/answer-gate.ts';
import {
  type AnswerabilitySigns,
  answerProbability,
  checkAnswerability,
} from '../../src/verify/answerability.ts';

const LOW = { reading: 0.3, support: 0.5, share: 0.3, missing: 2 };
const HIGH = { reading: 0.9, support: 0.95, share: 1, missing: 0 };

function unread({ reading: _, ...rest }: Required<AnswerabilitySigns>): AnswerabilitySigns {
  return rest;
}

describe('P(the documents answer the question)', () => {
  it.each([
    ['with a reading', LOW, HIGH],
    ['without one', unread(LOW), unread(HIGH)],
  ] as const)('rises with each sign %s', (_, low: AnswerabilitySigns, high: AnswerabilitySigns) => {
    for (const sign of Object.keys(low) as (keyof AnswerabilitySigns)[])
      expect(answerProbability({ ...low, [sign]: high[sign] }), sign).toBeGreaterThan(
        answerProbability(low),
      );
    expect(answerProbability(high)).toBeGreaterThan(0.8);
    expect(answerProbability(low)).toBeLessThan(0.5);
  });

  it('stays a probability at the ends', () => {
    for (const reading of [0, 1])
      for (const support of [0, 1]) {
        const value = answerProbability({ ...HIGH, reading, support, missing: 1e6 });
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
      }
  });

  it('holds back below the threshold and says what was seen', () => {
    const check = checkAnswerability({ ...LOW, reading: 0.1 }, 0.5);
    expect(check).toMatchObject({ check: 'answerable', passed: false });
    expect(check.detail).toMatch(
      /reader says 0\.10, support 0\.50, 30 % of .* terms, 2 of them nowhere in its documents/,
    );
    expect(checkAnswerability({ ...LOW, reading: 0.1 }, 0).passed).toBe(true);
  });
});

describe('the signs of an answer', () => {
  const gate = (question: string) =>
    new AnswerGate({
      question,
      contexts: [
        'Support takes two days. Silver contract contracts/silver.md',
        'The Silver contract includes 50 accounts. contracts/silver.md',
        'The court of Graz decides about a Gold contract. contracts/terms.md',
      ],
      documents: ['silver', 'silver', 'terms'],
      threshold: 0.6,
    });
  const carried = { support: 0.9, carriers: [0] };

  it('count what the documents that carry it are not about, wherever else it stands', () => {
    const asked = 'How many days does support for a Gold contract take?';
    expect(gate(asked).signs(carried)).toMatchObject({ support: 0.9, missing: 1 });
    const right = 'How many days does support for a Silver contract take?';
    expect(gate(right).signs(carried)).toMatchObject({ share: 1, missing: 0 });
  });

  it('take a term from another found sentence of the same document', () => {
    const signs = gate('How fast is support with 50 accounts?').signs(carried);
    expect(signs.missing).toBe(1);
    expect(signs.share).toBeLessThan(0.5);
  });

  it('are those of the nearest sentence where the spoke declined', () => {
    const asked = gate('Which court decides about a contract?');
    const check = asked.declined('NOT IN DOCUMENTS');
    expect(check).toMatchObject({ check: 'answerable', passed: false });
    const said = asked.check({ text: 'The court of Graz.', support: 0.9, carriers: [2] });
    expect(said.passed).toBe(true);
    expect(check.score).toBeLessThan(said.score);
  });
});
