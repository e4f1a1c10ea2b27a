import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Classification } from '../../src/core/classification.ts';
import { moderate, moderationWindows } from '../../src/run/moderation.ts';

const OPTIONS = { labels: ['hate', 'safe', 'violence'], safeLabel: 'safe', threshold: 0.6 };

function seen(hate: number, violence: number, isNovel = false): Classification {
  return {
    label: isNovel ? null : 'safe',
    confidence: isNovel ? 0.9 : 0.5,
    ranked: [
      { label: 'hate', probability: hate },
      { label: 'violence', probability: violence },
      { label: 'safe', probability: 1 - hate - violence },
    ],
    features: 'n-grams',
  };
}

describe('moderation', () => {
  it('flags by P(any category), for the likeliest one', () => {
    expect(moderate([seen(0.4, 0.3)], OPTIONS)).toEqual({
      flagged: true,
      scores: { hate: 0.4, violence: 0.3 },
      categories: { hate: true, violence: false },
    });
    expect(moderate([seen(0.3, 0.2)], OPTIONS).flagged).toBe(false);
  });

  it('takes the worst window of a text', () => {
    expect(moderate([seen(0, 0.1), seen(0.7, 0), seen(0.1, 0.65)], OPTIONS)).toMatchObject({
      scores: { hate: 0.7, violence: 0.65 },
      categories: { hate: true, violence: true },
    });
  });

  it('counts a text unlike every example for little, and an empty one for nothing', () => {
    expect(moderate([seen(0.9, 0, true)], OPTIONS).flagged).toBe(false);
    expect(moderate([], OPTIONS)).toEqual({
      flagged: false,
      scores: { hate: 0, violence: 0 },
      categories: { hate: false, violence: false },
    });
  });

  it('reads every word of a text, in pieces of at most 300 characters', () => {
    const word = fc.constantFrom('one', 'two.', 'Three', 'four!', 'x'.repeat(700), '\n');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 200 }), (words) => {
        const windows = moderationWindows(words.join(' '));
        for (const window of windows) expect(window.length).toBeLessThanOrEqual(301);
        expect(windows.join('').replace(/\s/g, '')).toBe(words.join('').replace(/\s/g, ''));
      }),
    );
  });
});
