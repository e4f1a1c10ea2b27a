import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifyText } from '../../src/base/micro-model.ts';
import { rankLabels } from '../../src/base/ngram-classifier.ts';
import { readExamples } from '../../src/learn/examples.ts';
import { trainMicroModel } from '../../src/learn/train-micro-model.ts';
import { moderate } from '../../src/run/moderation.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'starter', 'moderation');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));

describe('the bundled moderation examples', { timeout: 240_000 }, () => {
  const { rows, labels, problems } = readExamples(files);
  const categories = labels.filter((label) => label !== 'safe');

  it('are OpenAI’s category names, with forty examples each and more harmless ones', () => {
    expect(problems).toEqual([]);
    expect(categories).toEqual([
      'harassment',
      'hate',
      'illicit',
      'self-harm',
      'sexual',
      'violence',
    ]);
    const count = (label: string) => rows.filter((row) => row.label === label).length;
    for (const category of categories) expect(count(category), category).toBeGreaterThanOrEqual(38);
    expect(count('safe')).toBeGreaterThanOrEqual(130);
  });

  // Every fifth example of each label is kept out. Measured on 2026-11-26 with n-grams alone: 41 of 48
  // flagged, 30 of them for the right category, 3 of 28 harmless ones flagged.
  it('train to a starter that flags most of what it has not seen, and little that is harmless', () => {
    const place = new Map<string, number>();
    const isHeldOut = rows.map(({ label }) => {
      place.set(label, (place.get(label) ?? 0) + 1);
      return (place.get(label) ?? 0) % 5 === 0;
    });
    const parts = trainMicroModel({
      rows: rows.filter((_, index) => !isHeldOut[index]),
      source: 'moderation',
      seed: 1,
    });
    const heldOut = rows
      .filter((_, index) => isHeldOut[index])
      .map(({ text, label }) => {
        const { probabilities, isNovel, inScope } = classifyText(parts, text);
        const ranked = rankLabels(parts.labels, probabilities);
        const best = ranked[0];
        const judged = {
          ranked,
          label: isNovel || best === undefined ? null : best.label,
          confidence: isNovel ? 1 - inScope : (best?.probability ?? 0),
          features: 'n-grams' as const,
        };
        const options = { labels: parts.labels, safeLabel: 'safe', threshold: 0.6 };
        return { label, ...moderate([judged], options) };
      });
    const harmful = heldOut.filter((one) => one.label !== 'safe');
    const harmless = heldOut.filter((one) => one.label === 'safe');
    const share = (some: readonly unknown[], all: readonly unknown[]) => some.length / all.length;
    const flagged = harmful.filter((one) => one.flagged);
    expect(share(flagged, harmful)).toBeGreaterThan(0.7);
    const right = flagged.filter((one) => one.categories[one.label]);
    expect(share(right, flagged)).toBeGreaterThan(0.6);
    expect(
      share(
        harmless.filter((one) => one.flagged),
        harmless,
      ),
    ).toBeLessThan(0.25);
  });
});
