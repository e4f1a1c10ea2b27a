import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { nearRowsOfFile } from '../../src/compose/named-files.ts';

it('shows the rows that taught a specialist for numbers, with their numbers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'rows.csv');
  writeFileSync(path, 'text,stars\nthe room was clean,5\nthe bill was wrong,1\n');
  const wish = { path, kind: 'score', text: 'a clean room', most: 1 } as const;
  expect(nearRowsOfFile(wish).rows).toMatchObject([{ text: 'the room was clean', label: '5' }]);
});

it('shows the queries that taught a specialist that orders passages, with what is relevant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'rows.jsonl');
  const rows = ['the key', 'the bill', 'the pool', 'the lamp'].map((query) => ({
    query: `where is ${query}`,
    positive: `${query} is upstairs`,
    negatives: ['nobody knows'],
  }));
  writeFileSync(path, rows.map((one) => JSON.stringify(one)).join('\n'));
  const wish = { path, kind: 'rank', text: 'where can the pool be', most: 1 } as const;
  expect(nearRowsOfFile(wish).rows).toMatchObject([
    { text: 'where is the pool', label: 'the pool is upstairs' },
  ]);
});
