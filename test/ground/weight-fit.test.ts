import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import {
  fitBySignals,
  fitWeight,
  type WeightTrial,
  weightsToTry,
} from '../../src/ground/weight-fit.ts';
import { type ShownList, shownTrials } from '../../src/ground/weight-shown.ts';

const defaultWeight = 0.8;
const weights = weightsToTry(defaultWeight);
const options = { weights, defaultWeight, seed: 17 };

/** Queries whose gain over .5 rises to `gain` at `best` and falls with the distance from it, with noise. */
function queries(
  count: number,
  { best, gain, noise = 0.02 }: { best: number; gain: number; noise?: number },
): WeightTrial[] {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => {
    const own = (random() - 0.5) * 2 * noise;
    return {
      found: weights.map((weight) => {
        const share = 1 - Math.abs(weight - best) / Math.abs(best - defaultWeight);
        return 0.5 + gain * share + own * Math.abs(weight - defaultWeight) * 10;
      }),
    };
  });
}

describe('a weight that is fitted', () => {
  it('moves to where clearly more is found, and tells how much', () => {
    const fit = fitWeight(queries(60, { best: 0.9, gain: 0.03 }), options);
    expect(fit).toMatchObject({ weight: 0.9, isChanged: true });
    expect(fit.best?.gain).toBeCloseTo(0.03, 2);
    expect(fit.best?.gainLow).toBeGreaterThan(0);
    expect(fit.best?.overBetterLeg).toBeGreaterThan(0);
  });

  it.each([
    ['few queries, however clear', 9, 0.3, 0, 'too few'],
    ['a gain that queries disagree on', 40, 0.01, 0.2, 'may be chance'],
  ])('stays where it is for %s', (_name, count, gain, noise, reason) => {
    const fit = fitWeight(queries(count, { best: 0.9, gain, noise }), options);
    expect(fit).toMatchObject({ weight: defaultWeight, isChanged: false });
    expect(fit.reason).toContain(reason);
  });

  it('stays where nothing is to be gained', () => {
    const found = weights.map((weight) => 0.5 - Math.abs(weight - defaultWeight) / 10);
    const fit = fitWeight(new Array(200).fill({ found }), options);
    expect(fit).toMatchObject({ isChanged: false, reason: 'no other weight finds more' });
  });

  it('believes a small gain only of many queries', () => {
    const gained = (count: number) =>
      fitWeight(queries(count, { best: 0.9, gain: 0.008, noise: 0.05 }), options).isChanged;
    expect([gained(15), gained(1000)]).toEqual([false, true]);
  });

  it('never prefers a sum to a leg that alone finds more', () => {
    const trials = Array.from({ length: 50 }, () => ({
      found: weights.map((weight) => (weight === 0.9 ? 0.55 : weight === 0 ? 0.9 : 0.5)),
    }));
    expect(fitWeight(trials, options).weight).toBe(0);
  });

  it('goes no further than .1 by what nobody judged', () => {
    const shown = queries(100, { best: 0.4, gain: 0.1 });
    expect(fitBySignals({ judged: [], shown }, options).weight).toBe(0.7);
    const judged = queries(100, { best: 0.4, gain: 0.1 });
    expect(fitBySignals({ judged, shown: [] }, options).weight).toBe(0.4);
  });
});

/** A search whose ten results were ranked by the default weight, and what a reader took of them. */
function searchOf(
  random: () => number,
  takes: (one: { words: number; meaning: number }, place: number) => boolean,
): ShownList {
  const passages = Array.from({ length: 10 }, (_one, at) => ({
    words: 3 * random(),
    meaning: 3 * random(),
    document: `d${at}`,
  })).sort((a, b) => 0.8 * (b.meaning - a.meaning) + 0.2 * (b.words - a.words));
  const taken = passages.filter(takes).map((one) => one.document);
  return { passages, taken, bias: 'place', trust: 1 };
}

describe('what readers opened', () => {
  it.each([1, 0.5])('moves nothing where the place alone decides (1 / place^%d)', (power) => {
    const random = seededRandom(3);
    const lists = Array.from({ length: 600 }, () =>
      searchOf(random, (_one, place) => random() < 0.6 / (place + 1) ** power),
    );
    const shown = shownTrials(lists, weights);
    expect(shown.length).toBeGreaterThan(300);
    expect(fitBySignals({ judged: [], shown }, options).weight).toBe(defaultWeight);
  });

  it('moves towards the words where these decide what is opened of what is seen', () => {
    const random = seededRandom(4);
    const lists = Array.from({ length: 600 }, () =>
      searchOf(random, ({ words }, place) => random() < 1 / Math.sqrt(place + 1) && words > 2.2),
    );
    const shown = shownTrials(lists, weights);
    expect(fitBySignals({ judged: [], shown }, options).weight).toBe(0.7);
  });

  it('is one query where the same was shown, and none where all or nothing was taken', () => {
    const random = seededRandom(6);
    const list = searchOf(random, (_one, place) => place === 3);
    const again = { ...list, taken: [list.passages[5]?.document ?? ''] };
    const all = { ...list, taken: list.passages.map((one) => one.document) };
    expect(shownTrials([list, again, list], weights)).toHaveLength(1);
    expect(shownTrials([{ ...list, taken: [] }, all], weights)).toEqual([]);
  });
});
