import { expect, it } from 'vitest';
import type { LabelledText } from '../../src/base/ngram-classifier.ts';
import { climbLadder } from '../../src/learn/ladder.ts';
import { nearWarnings, noiseWarnings } from '../../src/learn/training-warnings.ts';
import { plainRows } from './row-tables.ts';

const rows = plainRows().map(([text, label]): LabelledText => ({ text, label }));

it('tells near texts under two labels with both labels', () => {
  const told = nearWarnings([
    { text: 'how do I block my card', label: 'block' },
    { text: 'please tell me how do I block my card', label: 'lost' },
    { text: 'nothing of the kind', label: 'lost' },
  ]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^1 nearly the same texts stand under two labels.*\(lost\).*\(block\)/);
});

it('says nothing of texts that are unlike', () => {
  expect(
    nearWarnings([
      { text: 'one thing', label: 'a' },
      { text: 'another', label: 'b' },
    ]),
  ).toEqual([]);
});

it('tells a held-out row with a wrong label, and what it should be', async () => {
  const wrong = rows.map((row, at) => (at === 40 ? { ...row, label: 'loan' } : row));
  const climb = await climbLadder(
    { rows: wrong, source: 'test', seed: 1, cpuMs: () => 0 },
    { onRung: () => undefined },
  );
  const [told] = noiseWarnings(climb, wrong);
  expect(told).toContain(`“${rows[40]?.text}” (loan, probably ${rows[40]?.label})`);
  expect(told).toMatch(/^\d+ of 384 held-out rows/);
}, 60_000);
