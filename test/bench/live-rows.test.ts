import { describe, expect, it } from 'vitest';
import { documentRows } from '../../bench/lib/live-documents.ts';
import { extractionRows } from '../../bench/lib/live-extraction.ts';
import { gradeLive } from '../../bench/lib/live-grading.ts';
import { rewritingRows } from '../../bench/lib/live-rewriting.ts';
import type { LiveRow } from '../../bench/lib/live-row.ts';

const made = () => [...extractionRows(84, 'test'), ...rewritingRows(80, 'test'), ...documentRows()];

/** What a model that is right would write. */
function rightAnswer(row: LiveRow): string {
  if (row.metric === 'phrase') return `It is ${(row.gold as readonly string[])[0]}.`;
  return typeof row.gold === 'string' ? row.gold : JSON.stringify(row.gold);
}

describe('rows of the live mix that are made here', () => {
  it('grades the gold answer of every row as right and an empty one as wrong', async () => {
    for (const row of made()) {
      expect(await gradeLive(row, rightAnswer(row)), row.id).toBe(1);
      expect(await gradeLive(row, ''), row.id).toBe(0);
    }
  });

  it('does not grade a rewriting that leaves the text as it was', async () => {
    for (const row of rewritingRows(80, 'test')) {
      const given = row.prompt.split('\n\n').slice(1).join('\n\n');
      expect(await gradeLive(row, given), row.prompt).toBe(0);
    }
  });

  it('counts the right fields of an extraction', async () => {
    const [row] = extractionRows(1, 'test');
    if (row === undefined) throw new Error('no row');
    const gold = row.gold as Record<string, string>;
    const wrong = JSON.stringify({ ...gold, city: 'Nowhere' });
    expect(await gradeLive(row, wrong)).toBe(0.75);
    expect(await gradeLive(row, 'Nowhere')).toBe(0);
  });

  it('holds the facts of each document in its text, and asks nothing twice', () => {
    const prompts = made().map((row) => row.prompt);
    expect(new Set(prompts).size).toBe(prompts.length);
    for (const row of documentRows()) {
      const text = row.prompt.toLowerCase();
      const isThere = (row.gold as readonly string[]).some((phrase) => text.includes(phrase));
      expect(isThere, row.id).toBe(true);
    }
  });

  it('draws other rows for another seed and the same for the same', () => {
    const prompts = (seed: string) => extractionRows(40, seed).map((row) => row.prompt);
    expect(prompts('a')).toEqual(prompts('a'));
    const other = new Set(prompts('b'));
    expect(prompts('a').some((prompt) => other.has(prompt))).toBe(false);
  });
});
