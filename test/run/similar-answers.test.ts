import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { textPart } from '../../src/core/chat.ts';
import { AnswerCache, type KeptAnswer } from '../../src/run/answer-cache.ts';
import { SimilarIndex } from '../../src/run/similar-index.ts';
import { figuresOf, questionOf } from '../../src/run/similar-questions.ts';
import { fitThreshold, type JudgedPair } from '../../src/run/similarity-threshold.ts';

/** Pairs of a world where P(same | similarity) is known. */
function draw(count: number, seed: number): JudgedPair[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const similarity = 0.5 + random() / 2;
    return { similarity, same: random() < chanceOf(similarity), agrees: true };
  });
}

/** Above .9 all but one in 500 mean the same, below it fewer and fewer. */
function chanceOf(similarity: number): number {
  return similarity >= 0.9 ? 0.998 : Math.max(0, similarity - 0.2);
}

/** The true share of false hits at or above a threshold. */
function truth(threshold: number): number {
  let sum = 0;
  const steps = 2000;
  for (let at = 0; at < steps; at += 1)
    sum += 1 - chanceOf(threshold + ((1 - threshold) * (at + 0.5)) / steps);
  return sum / steps;
}

describe('a fitted threshold', () => {
  it('keeps its promise on new questions, at least as often as it says', () => {
    let broken = 0;
    let foundCount = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const { found } = fitThreshold(draw(3000, seed), { bound: 0.02, confidence: 0.9 });
      if (found === undefined) continue;
      foundCount += 1;
      if (truth(found.threshold) > 0.02) broken += 1;
    }
    expect(foundCount).toBeGreaterThan(20);
    expect(broken / 40).toBeLessThanOrEqual(0.1);
  });

  it('is not found where data are too few or too bad to show anything', () => {
    const perfect = draw(6000, 1).filter((pair) => pair.similarity > 0.95 && pair.same);
    expect(
      fitThreshold(perfect.slice(0, 100), { bound: 0.01, confidence: 0.95 }).found,
    ).toBeUndefined();
    expect(fitThreshold([], { bound: 0.01, confidence: 0.95 })).toEqual({ best: 1 });
    const wrong = perfect.map((pair) => ({ ...pair, same: false }));
    expect(fitThreshold(wrong, { bound: 0.5, confidence: 0.95 }).found).toBeUndefined();
    // Figures that differ keep a pair apart whatever its vectors say.
    const apart = wrong.map((pair) => ({ ...pair, agrees: false }));
    expect(
      fitThreshold([...perfect, ...apart], { bound: 0.05, confidence: 0.9 }).found,
    ).toBeDefined();
  });
});

describe('figures', () => {
  it.each([
    ['Give 12 mg of it', 'Give 21 mg of it', false],
    ['What is 2+3?', 'What is 3+2?', true],
    ['May I enter?', 'May I not enter?', false],
    ['It is open', "It isn't open", false],
    ['On 2026-11-23 at 10:30', 'At 10:30 on 2026-11-23', true],
    ['Who approves a trip?', 'By whom is a trip approved?', true],
  ])('of “%s” and “%s”', (a, b, agree) => {
    expect(figuresOf(a) === figuresOf(b)).toBe(agree);
  });
});

describe('similar questions', () => {
  const unit = (angle: number) => Float32Array.of(Math.cos(angle), Math.sin(angle));

  it('are found within one scope, the nearest first, and never below the threshold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (angles, asked) => {
          const index = new SimilarIndex({ bytes: 1e6 });
          for (const [at, angle] of angles.entries())
            index.add('scope', { text: 'who?', vector: unit(angle) }, `k${at}`);
          const question = { text: 'who?', vector: unit(asked) };
          const nearest = Math.max(...angles.map((angle) => Math.cos(angle - asked)));
          const found = index.find('scope', question, 0.9);
          if (nearest >= 0.9 + 1e-6) expect(found?.similarity).toBeCloseTo(nearest, 5);
          if (nearest < 0.9 - 1e-6) expect(found).toBeUndefined();
          expect(index.find('other scope', question, 0.1)).toBeUndefined();
          expect(index.find('scope', { ...question, text: 'who 2?' }, 0.1)).toBeUndefined();
        },
      ),
    );
  });

  it('take no more than their bytes: the oldest are forgotten, in whichever scope', () => {
    const index = new SimilarIndex({ bytes: 20_000 });
    const question = { text: 'who?', vector: new Float32Array(384).fill(1 / Math.sqrt(384)) };
    for (let at = 0; at < 200; at += 1) {
      index.add(`scope ${at % 50}`, question, `k${at}`);
      expect(index.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(index.find('scope 49', question, 0.9)?.key).toBe('k199');
    expect(index.find('scope 0', question, 0.9)).toBeUndefined();
    for (let at = 0; at < 200; at += 1) index.forget(`k${at}`);
    expect(index.bytes).toBe(0);
  });

  it('go with the answers that were kept for them', () => {
    const dropped: string[] = [];
    const cache = new AnswerCache({ bytes: 8000, seconds: 1 }, (key) => dropped.push(key));
    const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 };
    const kept = (length: number): KeptAnswer => ({
      receipt: 'r',
      usage,
      at: 0,
      events: [{ type: 'text-delta', choice: 0, text: 'x'.repeat(length) }],
    });
    expect(cache.put('large', kept(1000))).toBe(false);
    for (let at = 0; at < 20; at += 1) expect(cache.put(`k${at}`, kept(1))).toBe(true);
    expect(dropped).toEqual(Array.from({ length: 20 - cache.count }, (_, at) => `k${at}`));
    expect(cache.find('k19', 1001)).toBeUndefined();
    expect(dropped.at(-1)).toBe('k19');
  });

  it('are one question at the end; what came before counts in full', () => {
    const ask = (...texts: string[]) =>
      questionOf({
        model: 'small',
        messages: texts.map((text) => ({ role: 'user', content: textPart(text) })),
        sampling: {},
      });
    expect(ask('a', 'b')?.question).toBe('b');
    expect(ask('a', 'b')?.rest).toBe(ask('a', 'c')?.rest);
    expect(ask('a', 'b')?.rest).not.toBe(ask('x', 'b')?.rest);
    expect(ask('a', ' ')).toBeUndefined();
    expect(ask('x'.repeat(1001))).toBeUndefined();
  });
});
