import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readMicroModel } from '../../src/base/micro-model.ts';
import type { LabelledText } from '../../src/base/ngram-classifier.ts';
import { seededRandom } from '../../src/base/random.ts';
import { keepRows } from '../../src/learn/kept-rows.ts';
import { makeIntents } from '../../src/learn/make-intents.ts';

const hash = (text: string) => createHash('sha256').update(text).digest().readUInt32BE();
const LABELS = ['sun', 'rain', 'snow', 'wind'];

/** Texts of made-up words, of which half belong to the label. */
function rowsOf(seed: number, count: number): LabelledText[] {
  const random = seededRandom(seed);
  const word = (label: number) => `${LABELS[label]}${'aeiou'[Math.floor(random() * 5)]}x`;
  return Array.from({ length: count }, (_, at) => {
    const label = at % LABELS.length;
    const words = Array.from({ length: 5 }, () =>
      random() < 0.5 ? word(label) : word(Math.floor(random() * LABELS.length)),
    );
    return { text: `${words.join(' ')} ${at}a${seed}`, label: LABELS[label] ?? '' };
  });
}

async function make(
  rows: readonly LabelledText[],
  incumbent?: { readonly bytes: Uint8Array; readonly taught: ReadonlySet<string> },
  cpuMs = () => 0,
) {
  const { taught, kept } = keepRows(rows, hash);
  const { bytes, report } = await makeIntents({
    curated: { rows: taught, labels: LABELS.toSorted(), leftOut: [], warnings: [] },
    kept,
    seed: 1,
    source: 'test',
    cpuMs,
    onRung: () => undefined,
    ...(incumbent === undefined
      ? {}
      : {
          incumbent: {
            version: 1,
            model: readMicroModel(incumbent.bytes),
            knows: (text) => incumbent.taught.has(text),
            bytes: incumbent.bytes.length,
            attempt: 2,
          },
        }),
  });
  return { bytes, report, taught: new Set(taught.map((row) => row.text)) };
}

describe('compareIntents', () => {
  it('compares versions on rows that neither was taught, though both learnt from one file', async () => {
    const rows = rowsOf(1, 2400);
    const random = seededRandom(4);
    // A person who calls most of the sun rain.
    const spoilt = rows.map((row) =>
      row.label === 'sun' && random() < 0.8 ? { ...row, label: 'rain' } : row,
    );
    const first = await make(spoilt);
    const second = await make(rows, first);
    const { comparison, evaluationRows, measuredOn } = second.report;
    expect(measuredOn).toBe('held-out');
    expect(evaluationRows).toBeGreaterThan(400);
    // The split is by the words of a row, whatever its label.
    expect(comparison?.rows).toBe(evaluationRows);
    expect(comparison).toMatchObject({ verdict: 'better', passes: true, version: 1 });
    expect(comparison?.reasons).toContainEqual(
      expect.stringContaining('attempt 2 beside version 1'),
    );
    expect(comparison?.slices).toBeGreaterThanOrEqual(LABELS.length + 3);
    const back = await make(spoilt, second);
    expect(back.report.comparison).toMatchObject({ passes: false });
  }, 120_000);

  it('times both on the same rows, whatever the day', async () => {
    const rows = rowsOf(1, 2400);
    const first = await make(rows);
    let clock = 0;
    const { comparison } = (await make(rows, first, () => (clock += 3))).report;
    // Each reading of this clock takes as long: what is timed alike is as fast.
    expect(comparison?.timeRatio).toBe(1);
    expect(comparison?.risk).toBeCloseTo(0.1 / 6, 12);
  }, 120_000);
});
