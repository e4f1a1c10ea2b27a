import { describe, expect, it } from 'vitest';
import { SupportJudge } from '../../src/verify/support.ts';
import { SWAPS } from './swapped-facts.ts';

const THRESHOLD = 0.5;

function shareOf(list: 'faithful' | 'swapped', isRight: (passed: boolean) => boolean): number {
  const outcomes = SWAPS.flatMap(({ evidence, [list]: claims }) => {
    const judge = new SupportJudge(evidence);
    return claims.map((claim) => isRight(judge.judgeByWords(claim, THRESHOLD).check.passed));
  });
  return outcomes.filter((right) => right).length / outcomes.length;
}

describe('facts of two things', () => {
  it('are refused when exchanged, at least 85 of 100', () =>
    expect(shareOf('swapped', (passed) => !passed)).toBeGreaterThanOrEqual(0.85));

  it('are kept in other words, at least 90 of 100', () =>
    expect(shareOf('faithful', (passed) => passed)).toBeGreaterThanOrEqual(0.9));

  const WARD = [
    'Adults take 20 mg of ibuprofen twice a day.',
    'Children take 5 mg once a day.',
    'Visits to ward two end at 20:00.',
    'Visits to ward three end at 18:00.',
    'Dr. Weber leads radiology.',
    'Dr. Lang leads the laboratory.',
    'Doctors sign the discharge letter.',
    'Nurses file the discharge letter.',
    'The ward has 40 beds.',
  ];

  it.each([
    ['Children take 20 mg of ibuprofen once a day.', 'contradicted'],
    ['Visits to ward three end at 20:00.', 'contradicted'],
    ['Dr. Weber leads the laboratory.', 'contradicted'],
    ['Nurses sign the discharge letter.', 'contradicted'],
    ['Adults take 40 mg of ibuprofen twice a day.', 'contradicted'],
    ['Children take 5 mg of ibuprofen once a day.', 'supported'],
    ['The discharge letter is signed by doctors.', 'supported'],
    ['Visits to ward three end at 6 pm.', 'supported'],
  ])('%s – %s', (claim, verdict) =>
    expect(new SupportJudge(WARD).judgeByWords(claim, THRESHOLD)).toMatchObject({ verdict }),
  );

  it('tells what the evidence says instead', () =>
    expect(
      new SupportJudge(WARD).judgeByWords('Dr. Weber leads the laboratory.', 0.5).check,
    ).toMatchObject({ passed: false, detail: expect.stringContaining('“radiology”') }));
});
