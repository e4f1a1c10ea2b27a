import { describe, expect, it } from 'vitest';
import type { SupportJudgement } from '../../src/core/evidence.ts';
import { JUDGEMENT_ALTERNATIVES, readJudgement } from '../../src/run/support-question.ts';
import { SupportJudge } from '../../src/verify/support.ts';
import { SHIPPED_SCORER, type SupportScorer } from '../../src/verify/support-scorer.ts';
import { SentenceSupport } from '../../src/verify/undecided.ts';

const EVIDENCE = [
  'The seal kit has the part number HV-SK-17.',
  'Children under twelve must not touch the pump.',
  'The pump weighs 84 kg without its base plate.',
  'The pump is painted grey.',
];
const CLAIM = 'The pump weighs about as much as a grown man.';

/** Undecided about everything: P is .5 whatever is read. */
const COIN: SupportScorer = {
  version: 1,
  source: 'this test',
  experts: SHIPPED_SCORER.experts.slice(0, 1).map(({ byMeaning: _, ...expert }) => ({
    ...expert,
    byWords: { offset: 0, weights: expert.byWords.weights.map(() => 0) },
  })),
};

const says = (supported: number, contradicted = 0): SupportJudgement => ({
  supported,
  contradicted,
  notStated: 1 - supported - contradicted,
});

function open(answer: SupportJudgement | undefined, most = 4) {
  const asked: { readonly sentence: string; readonly nearest: readonly string[] }[] = [];
  const look = async (sentence: string, nearest: readonly string[]) => {
    asked.push({ sentence, nearest });
    return answer;
  };
  const judge = new SupportJudge(EVIDENCE, undefined, COIN);
  return { asked, support: new SentenceSupport(judge, EVIDENCE, { secondLook: { look, most } }) };
}

describe('SentenceSupport', () => {
  it('shows a model the three nearest sentences and weighs in what it says', async () => {
    const { asked, support } = open(says(0.98));
    const yes = await support.judge(CLAIM, 0.5);
    expect(yes).toMatchObject({ verdict: 'supported', check: { passed: true, sentence: CLAIM } });
    expect(yes.score).toBeGreaterThan(0.55);
    expect(asked).toEqual([{ sentence: CLAIM, nearest: expect.any(Array) }]);
    expect(asked[0]?.nearest).toHaveLength(3);
    expect(asked[0]?.nearest[0]).toBe(EVIDENCE[yes.best]);
  });

  it('does not let the model alone decide, however sure it is', async () => {
    const { support } = open(says(1));
    const { score } = await support.judge(CLAIM, 0.5);
    expect(score).toBeLessThan(0.99);
    const none = await open(says(0)).support.judge(CLAIM, 0.5);
    expect(none.score).toBeGreaterThan(0.01);
  });

  it('tells contradicted from not found by the model', async () => {
    const against = await open(says(0.02, 0.9)).support.judge(CLAIM, 0.5);
    expect(against).toMatchObject({ verdict: 'contradicted', check: { passed: false } });
    expect((await open(says(0.02)).support.judge(CLAIM, 0.5)).verdict).toBe('not-found');
  });

  it('never asks where a veto decided, and keeps to the bound', async () => {
    const { asked, support } = open(says(1), 1);
    const veto = await support.judge('Children under twelve must touch the pump.', 0.5);
    expect(veto.verdict).toBe('contradicted');
    expect((await support.judge('The seal kit has the number HV-SK-18.', 0.5)).check.passed).toBe(
      false,
    );
    expect(asked).toEqual([]);
    await support.judge(CLAIM, 0.5);
    expect((await support.judge('The pump is heavy.', 0.5)).score).toBeCloseTo(0.5);
    expect(asked).toHaveLength(1);
  });

  it('leaves the scorer’s word where the model gave none', async () => {
    const { support } = open(undefined);
    expect((await support.judge(CLAIM, 0.6)).check.detail).not.toContain('model');
  });
});

describe('readJudgement', () => {
  const first = (...top: (readonly [token: string, share: number])[]) => [
    {
      token: top[0]?.[0] ?? '',
      logprob: 0,
      top: top.map(([token, share]) => ({ token, logprob: Math.log(share) })),
    },
  ];

  it('counts a token for the word that it begins', () => {
    const read = readJudgement(first([' Supp', 0.5], ['contr', 0.2], ['not', 0.2], ['The', 0.1]));
    expect(read?.supported).toBeCloseTo(0.5 / 0.9);
    expect(read?.contradicted).toBeCloseTo(0.2 / 0.9);
    expect(read?.notStated).toBeCloseTo(0.2 / 0.9);
    expect(JUDGEMENT_ALTERNATIVES).toBeGreaterThanOrEqual(3);
  });

  it('is silent where none of the words is there', () => {
    expect(readJudgement(first(['Well', 0.9], ['', 0.1]))).toBeUndefined();
    expect(readJudgement([])).toBeUndefined();
  });
});
