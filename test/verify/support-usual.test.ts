import { describe, expect, it } from 'vitest';
import { indexSentence } from '../../src/verify/evidence-index.ts';
import { checkPlainNames, KnownNames } from '../../src/verify/names.ts';
import { WORD_FEATURES } from '../../src/verify/support-features.ts';
import { parityAgreement } from '../../src/verify/support-parity.ts';
import {
  SHIPPED_SCORER,
  supportProbability,
  supportScorerSchema,
} from '../../src/verify/support-scorer.ts';
import { ANSWER_LEAN, adaptScorer, LEAST_USUAL } from '../../src/verify/support-usual.ts';

describe('parityAgreement', () => {
  const between = (claim: string, source: string) =>
    Math.sign(parityAgreement(indexSentence(claim), [indexSentence(source)]));

  it.each([
    ['Statins reduce the risk of stroke.', 'Statins lowered stroke in all trials.', 1],
    ['Statins increase the risk of stroke.', 'Statins lowered stroke in all trials.', -1],
    ['Leptin lowers appetite.', 'Mice whose leptin was depleted had a raised appetite.', 1],
    ['Leptin does not lower appetite.', 'Leptin inhibits appetite.', -1],
    ['Leptin lowers appetite.', 'The hall was painted grey.', 0],
  ])('%s – %s', (claim, source, sign) => expect(between(claim, source)).toBe(sign));
});

describe('adaptScorer', () => {
  const shape = [9, 9, 9, 9, 9, 9, 9];
  /** A reading of which all shares of what the evidence has are about `share`. */
  const reading = (share: number, at: number) => ({
    values: WORD_FEATURES.map((name) =>
      name.startsWith('covered') || name === 'inOrder' || name === 'copiedPairs'
        ? share + ((at * 7) % 10) / 100
        : 0,
    ),
    shape,
  });
  const collection = (right: number, wrong: number, count: number, wrongCount = count) => [
    ...Array.from({ length: count }, (_, at) => reading(right, at)),
    ...Array.from({ length: wrongCount }, (_, at) => reading(wrong, at)),
  ];
  const at = (share: number, readings: ReturnType<typeof collection>) =>
    supportProbability(adaptScorer(SHIPPED_SCORER, readings), reading(share, 3).values, shape);

  it('judges by what is usual in the collection, whatever the share of right sentences', () => {
    const copied = collection(0.9, 0.7, 50);
    expect(at(0.9, copied)).toBeGreaterThan(0.5);
    expect(at(0.7, copied)).toBeLessThan(0.5);
    const free = collection(0.5, 0.1, 50);
    expect(at(0.5, free)).toBeGreaterThan(0.5);
    expect(at(0.1, free)).toBeLessThan(0.5);
    const mostlyRight = collection(0.9, 0.7, 90, 30);
    expect(at(0.9, mostlyRight)).toBeGreaterThan(0.5);
    expect(at(0.7, mostlyRight)).toBeLessThan(0.5);
  });

  it('lets the usual sentence of answers pass, and still none that is far below it', () => {
    const answers = collection(0.8, 0.2, 95, 5);
    const judged = (share: number, lean: number) =>
      supportProbability(
        adaptScorer(SHIPPED_SCORER, answers, lean),
        reading(share, 3).values,
        shape,
      );
    expect(judged(0.77, 0)).toBeLessThan(0.5);
    expect(judged(0.77, ANSWER_LEAN)).toBeGreaterThan(0.5);
    expect(judged(0.2, ANSWER_LEAN)).toBeLessThan(0.2);
  });

  it('leaves a scorer as it is for few sentences, and knows one collection at a time', () => {
    const few = collection(0.9, 0.7, LEAST_USUAL / 2 - 1);
    expect(adaptScorer(SHIPPED_SCORER, few)).toBe(SHIPPED_SCORER);
    const once = adaptScorer(SHIPPED_SCORER, collection(0.9, 0.7, 50));
    expect(supportScorerSchema.parse(once).experts.length).toBeGreaterThan(
      SHIPPED_SCORER.experts.length,
    );
    const free = collection(0.5, 0.1, 50);
    expect(adaptScorer(once, free)).toEqual(adaptScorer(SHIPPED_SCORER, free));
  });

  it('keeps to what was taught of a kind that the collection looks like', () => {
    const [kind] = SHIPPED_SCORER.experts;
    if (kind === undefined) throw new Error('no expert');
    const alike = collection(0.9, 0.7, 50).map((one) => ({
      ...one,
      shape: kind.centre.slice(0, shape.length),
    }));
    const { experts } = adaptScorer({ ...SHIPPED_SCORER, experts: [kind] }, alike);
    const weightOf = (name: string) => experts.find((one) => one.name === name)?.weight ?? 0;
    expect(weightOf(`here: ${kind.name}`)).toBeGreaterThan(9 * weightOf('here: plain'));
  });
});

describe('checkPlainNames', () => {
  const passes = (claim: string, source: string) =>
    checkPlainNames(claim, new KnownNames([source])).passed;

  it('knows other ways to write a name', () => {
    expect(passes('Carriers of BRCA fell ill.', 'Carriers of BRCA1 and BRCA2.')).toBe(true);
    expect(passes('They lack SHP-2 there.', 'Mice lack SHP2 in the liver.')).toBe(true);
    expect(passes('It spread by eye vessels (EVs).', 'It spread by vessels.')).toBe(true);
    expect(passes('Most NGOs agreed.', 'A non governmental organisation agreed.')).toBe(true);
    expect(passes('It needs IFN-γ there.', 'It needs interferon there.')).toBe(true);
  });

  it('still refuses what is from nowhere', () => {
    expect(passes('It came by the vessels (XQs).', 'It came by vessels.')).toBe(false);
    expect(passes('The part is HV-SK-18.', 'The part is HV-SK-17.')).toBe(false);
    expect(passes('They met in Oslo.', 'They met in Bergen.')).toBe(false);
  });
});
