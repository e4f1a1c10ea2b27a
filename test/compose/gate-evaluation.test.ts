import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { evaluateGateFiles } from '../../src/compose/gate-evaluation.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-evaluation-'));
const wish = { folds: 5, byTask: false, seed: 1 };

interface Row {
  readonly prompt: string;
  readonly task?: string;
  readonly scores: readonly (number | null)[];
}

function rows(count: number, change: (row: Row, at: number) => Row = (row) => row): string {
  const lines = Array.from({ length: count }, (_, at) =>
    JSON.stringify(change({ prompt: `What comes after ${at}?`, scores: [at % 2, 1] }, at)),
  );
  return lines.join('\n');
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const refusal = (words: RegExp) =>
  expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(words) });

describe('cadre eval gate refuses with what to do', () => {
  it('rows that are to be scored by a gate fitted on them', () => {
    const same = file('same.jsonl', rows(60));
    expect(() => evaluateGateFiles({ ...wish, train: same, test: same })).toThrow(
      refusal(/^0 rows are left to fit on .*not among the rows to score.*give more or other/),
    );
  });

  it.each([
    ['repeated', (row: Row) => ({ ...row, prompt: 'Again?' })],
    ['not graded', (row: Row) => ({ ...row, scores: [null, null] })],
  ])('rows that are all %s', (name, change) => {
    const data = file(`${name}.jsonl`, rows(60, change));
    expect(() => evaluateGateFiles({ ...wish, data })).toThrow(refusal(/^\d rows are left to fit/));
  });

  it('nothing graded to score', () => {
    const train = file('train.jsonl', rows(60));
    const test = file(
      'ungraded.jsonl',
      rows(9, (row) => ({ ...row, scores: [null, null] })),
    );
    expect(() => evaluateGateFiles({ ...wish, train, test })).toThrow(refusal(/row to score/));
  });

  it('whole tasks held out where no task is named', () => {
    const data = file('tasks.jsonl', rows(60));
    expect(() => evaluateGateFiles({ ...wish, data, byTask: true })).toThrow(
      refusal(/each line names its `task`/),
    );
  });

  it('a file in UTF-16', () => {
    const data = file('utf16.jsonl', Buffer.from(`\ufeff${rows(60)}`, 'utf16le'));
    expect(() => evaluateGateFiles({ ...wish, data })).toThrow(refusal(/iconv -f UTF-16/));
  });
});

it('reads a byte order mark, also of a gzipped file', () => {
  const plain = file('bom.jsonl', `\ufeff${rows(60)}`);
  const packed = file('bom.jsonl.gz', gzipSync(`\ufeff${rows(60)}`));
  for (const data of [plain, packed])
    expect(evaluateGateFiles({ ...wish, data }).evaluation.rows).toBe(60);
});
