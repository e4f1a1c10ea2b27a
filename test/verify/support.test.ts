import { describe, expect, it } from 'vitest';
import { SupportJudge } from '../../src/verify/support.ts';
import { clausesOf } from '../../src/verify/support-clauses.ts';
import { inOrderShare, readCopied } from '../../src/verify/support-copied.ts';
import { fitContradiction, fitExpert, type SupportExample } from '../../src/verify/support-fit.ts';
import { readMeaning } from '../../src/verify/support-meaning.ts';
import { turnAround } from '../../src/verify/support-opposite.ts';
import {
  SHIPPED_SCORER,
  supportProbability,
  supportScorerSchema,
} from '../../src/verify/support-scorer.ts';

const DOCUMENT = [
  'The Halvard 300 pump must be serviced every 1,200 operating hours.',
  'The seal kit has the part number HV-SK-17.',
  'Children under twelve must not touch the pump.',
  'About $ 10, 000 were spent on gardens in 2019.',
];

describe('turnAround', () => {
  it.each([
    ['DUSP4 decreases apoptosis.', 'DUSP4 increases apoptosis.', 'word'],
    ['The pump is not safe.', 'The pump is safe.', 'negation'],
    ['Mice do not sleep.', 'Mice sleep.', 'negation'],
    ['The cat is grey.', 'The cat is not grey.', 'negated'],
    ['Paris sparkles.', 'It is not true that Paris sparkles.', 'said'],
  ])('%s', (claim, text, kind) => expect(turnAround(claim)).toEqual({ text, kind }));
});

describe('clausesOf', () => {
  it('splits statements and leaves no clause with too little to be checked', () => {
    const clauses = clausesOf(
      'The firm was founded in Oslo, which hosts a big fair, and grew quickly.',
    );
    expect(clauses.length).toBeGreaterThan(1);
    expect(clauses.join(' ')).toContain('Oslo');
    expect(clausesOf('')).toEqual(['']);
  });
});

describe('what a claim copied', () => {
  it('counts the longest run in one sentence and the pairs of the best one', () => {
    const copied = readCopied(
      ['a', 'b', 'c', 'd'],
      [
        ['x', 'b', 'c', 'd'],
        ['a', 'b'],
      ],
    );
    expect(copied).toEqual({ longest: 3, pairs: 2 / 3 });
    expect(readCopied([], [['a']])).toEqual({ longest: 0, pairs: 0 });
  });

  it('reads order across gaps', () => {
    expect(inOrderShare(['a', 'b', 'c'], ['a', 'x', 'c'])).toBeCloseTo(2 / 3);
    expect(inOrderShare(['c', 'a'], ['a', 'c'])).toBeCloseTo(1 / 2);
  });
});

describe('readMeaning', () => {
  const axis = (at: number) => Float32Array.from([0, 1, 2], (one) => (one === at ? 1 : 0));

  it('explains a claim that two sentences make up, and sees what speaks for the turned claim', () => {
    const claim = Float32Array.from([Math.SQRT1_2, Math.SQRT1_2, 0]);
    const read = readMeaning({ claim, turned: axis(2), evidence: [axis(0), axis(1), undefined] });
    expect(read.unexplained).toBeCloseTo(0);
    expect(read.best).toBeCloseTo(Math.SQRT1_2);
    expect(read.window).toBeCloseTo(1);
    expect(read.turn).toBeCloseTo(Math.SQRT1_2);
    expect(read.cosines[2]).toBe(0);
  });

  it('has nothing to say without evidence', () => {
    const read = readMeaning({ claim: axis(0), turned: axis(1), evidence: [] });
    expect(read).toMatchObject({ best: 0, window: 0, unexplained: 1, turn: 0 });
  });
});

describe('SupportJudge', () => {
  const judge = new SupportJudge(DOCUMENT);
  const verdictOf = (claim: string) => judge.judgeByWords(claim, 0.5);

  it('says what the evidence makes of a sentence', () => {
    expect(verdictOf('The Halvard 300 pump must be serviced every 1,200 hours.')).toMatchObject({
      verdict: 'supported',
      best: 0,
    });
    expect(verdictOf('The pump must be serviced every 1,300 operating hours.').verdict).toBe(
      'contradicted',
    );
    expect(verdictOf('Children under twelve must touch the pump.').verdict).toBe('contradicted');
    expect(verdictOf('Bananas ripen faster beside apples.').verdict).toBe('not-found');
    expect(verdictOf('Well then!').verdict).toBe('not-checkable');
  });

  it('vetoes an identifier of a family that the source has, and never calls a veto undecided', () => {
    const wrong = verdictOf('The seal kit has the part number HV-SK-18.');
    expect(wrong.check).toMatchObject({ check: 'names', passed: false });
    expect(wrong.isUndecided).toBe(false);
    expect(wrong.score).toBeLessThanOrEqual(0.1);
  });

  it.each([
    ['Anna Berg earns 51000 euros.', false],
    ['Anna Berg earns 51000.', true],
  ])('vetoes a unit that no source names: %s', (claim, holds) => {
    const rows = ['name: Anna Berg; salary: 51000', 'name: Tom Hale; salary: 48000'];
    const { check } = new SupportJudge(rows).judgeByWords(claim, 0.1);
    expect([check.check, check.passed]).toEqual(holds ? ['support', true] : ['numbers', false]);
    const said = [...rows, 'All amounts are in EUR.'];
    expect(new SupportJudge(said).judgeByWords(claim, 0.1).check.check).toBe('support');
    const headed = new SupportJudge(rows, undefined, undefined, undefined, ['Salaries (€)']);
    expect(headed.judgeByWords(claim, 0.1).check.check).toBe('support');
  });

  it('lets a reader add years and degrees', () => {
    const judge = new SupportJudge(['The patient, aged 40, was warmed to 37.']);
    expect(judge.judgeByWords('The patient is 40 years old.', 0.1).check.check).toBe('support');
  });

  it('reads numbers that tokenising tore apart', () => {
    const read = verdictOf('About $10,000 were spent on gardens in 2019.');
    expect(read.check).toMatchObject({ check: 'support', passed: true });
  });

  it('declines without evidence', () => {
    const none = new SupportJudge([]).judgeByWords('The pump is blue.', 0.5);
    expect(none).toMatchObject({ score: 0, best: -1, carriers: [], ranked: [] });
    expect(none.check.passed).toBe(false);
  });

  it('decides by words when the embedder fails', async () => {
    const failing = new SupportJudge(DOCUMENT, () => Promise.reject(new Error('gone')));
    const claim = 'The seal kit has the part number HV-SK-17.';
    expect((await failing.judge(claim, 0.5)).score).toBe(judge.judgeByWords(claim, 0.5).score);
  });
});

describe('fitting a scorer', () => {
  const count = SHIPPED_SCORER.experts[0]?.byMeaning?.weights.length ?? 0;
  const example = (at: number, isSupported: boolean): SupportExample => ({
    values: Array.from({ length: count }, (_, place) =>
      place === 0 ? (isSupported ? 0.6 : 0.4) + ((at * 7) % 10) / 20 : 0,
    ),
    shape: [1, 2, 3, 1, 0, 0, 0, 0.7],
    isSupported,
    isContradicted: false,
    group: at,
  });
  const examples = Array.from({ length: 200 }, (_, at) => example(at, at % 4 === 0));

  it('learns what tells the answers apart, at even odds whatever their shares', () => {
    const expert = fitExpert('own', examples);
    if (expert === undefined) throw new Error('no expert');
    const scorer = supportScorerSchema.parse({ version: 1, source: 'test', experts: [expert] });
    const at = (value: number) => {
      const { values, shape } = example(0, false);
      return supportProbability(scorer, [value, ...values.slice(1)], shape);
    };
    expect(at(0.95)).toBeGreaterThan(0.6);
    expect(at(0.5)).toBeLessThan(0.45);
    const mean = examples.reduce((sum, one) => sum + at(one.values[0] ?? 0), 0) / examples.length;
    expect(mean).toBeGreaterThan(0.35);
  });

  it('refuses too few rows of an answer', () => {
    expect(fitExpert('own', examples.slice(0, 40))).toBeUndefined();
    expect(fitContradiction(examples)).toBeUndefined();
  });
});
