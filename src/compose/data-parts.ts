import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wilsonInterval } from '../base/statistics.ts';
import type { DedupReport, SplitReport } from '../core/data-work.ts';
import { CadreError } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import { lineOf } from '../learn/curated-rows.ts';
import {
  SIDES,
  type Split,
  type SplitBy,
  type SplitInput,
  splitRows,
} from '../learn/data-split.ts';
import { findNearRows, NEAR } from '../learn/near-rows.ts';
import { detectableGap } from '../learn/version-comparison.ts';
import { type DataWish, finish, type OpenedTable, openTable, rowsAgain } from './data-table.ts';
import { RowWriter, writing } from './row-writer.ts';

export interface DedupWish extends DataWish {
  readonly out: string;
  /** Overlap from which rows are near-duplicates, 0.5 … 1. */
  readonly near: number;
}

export interface SplitWish extends DataWish {
  readonly out: string;
  readonly share: number;
  readonly seed: number;
  readonly by: SplitBy;
  /** Of the groups or times. */
  readonly column?: string;
  /** Of times: a date from which rows are the test part. */
  readonly cut?: string;
}

/** Rows of one cluster share this much of their shingles with its first one. */
const CLUSTER = 0.35;
/** Accuracy for which the detectable gap is told. */
const ACCURACY = 0.9;
const SAMPLE = 80;

/** Keeps one of each group of like rows of a label, and lists the others with their reason. */
export async function dedupData(wish: DedupWish): Promise<DedupReport> {
  const opened = await openTable(wish);
  refuseCut(wish.file, opened);
  const { table, header, stream } = opened;
  const near = await nearOf(wish, opened, wish.near);
  const kept = new RowWriter(wish.out, header);
  const dropped = new RowWriter(`${wish.out}.dropped.jsonl`);
  let [same, nearly, broken] = [0, 0, 0];
  return writing([kept, dropped], async () => {
    for await (const { row, place } of rowsAgain(opened, wish)) {
      const leader = near.leaders[place];
      if (leader === place) {
        kept.add(row.raw);
        continue;
      }
      const similarity = Number((near.similarities[place] ?? 0).toFixed(3));
      if (leader === undefined) broken += 1;
      else if (similarity === 1) same += 1;
      else nearly += 1;
      dropped.add(
        JSON.stringify({
          line: row.line,
          reason: row.problem ?? (similarity === 1 ? 'the same text' : 'nearly the same text'),
          ...(leader === undefined ? {} : { keptLine: table.lineOf(leader), similarity }),
          label: row.label,
          text: row.text,
          ...(leader === undefined ? {} : { keptText: table.textOf(leader) }),
        }),
      );
    }
    return {
      file: wish.file,
      hash: stream.hash,
      near: wish.near,
      read: table.read,
      kept: kept.end(),
      dropped: dropped.end(),
      same,
      nearly,
      broken,
      contradictions: near.conflictCount,
      notes: opened.notes,
    };
  });
}

/** Writes train, test and what is in neither, with `split.json` beside them. */
export async function splitData(wish: SplitWish): Promise<SplitReport> {
  const opened = await openTable(wish, wish.column);
  refuseCut(wish.file, opened);
  const { table, stream, header } = opened;
  if (wish.column !== undefined && opened.withoutColumn === table.length)
    throw new CadreError('invalid_request', `${wish.file} has no column “${wish.column}”`, {
      param: 'column',
    });
  const near = await nearOf(wish, opened, NEAR);
  const { by, share, seed } = wish;
  const way = { ...(await wayOf(wish, opened)), ...cutFrom(wish) };
  const split = splitRows({ table, near, by, share, seed, ...way });
  try {
    mkdirSync(wish.out, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileTrouble(error, wish.out) ?? error;
  }
  const ending = header === undefined ? 'jsonl' : header.includes('\t') ? 'tsv' : 'csv';
  const writers = SIDES.map((side) => new RowWriter(join(wish.out, `${side}.${ending}`), header));
  const plan = new RowWriter(join(wish.out, 'split.json'));
  return writing([...writers, plan], async () => {
    let broken = 0;
    for await (const { row, place } of rowsAgain(opened, wish)) {
      const writer = writers[split.sides[place] ?? -1];
      if (writer === undefined) broken += 1;
      else writer.add(row.raw);
    }
    const [train, test, leftOut] = writers.map((writer) => writer.end());
    if (train === undefined || test === undefined || leftOut === undefined)
      throw new Error('a split has three parts');
    const report: SplitReport = {
      file: wish.file,
      hash: stream.hash,
      by: wish.by,
      ...(wish.column === undefined ? {} : { column: wish.column }),
      ...(split.cut === undefined ? {} : { cut: timeWords(split.cut) }),
      seed: wish.seed,
      share: wish.share,
      near: NEAR,
      train,
      test,
      leftOut,
      broken,
      labels: split.labels,
      withoutTest: split.labels.filter((one) => one.test === 0).map((one) => one.label),
      detectableGap: detectableGap(ACCURACY, test.rows),
      notes: [...opened.notes, ...columnNotes(wish, opened), ...shareNotes(split, wish.share)],
    };
    plan.add(JSON.stringify(report, null, 2));
    plan.end();
    return report;
  });
}

function nearOf(wish: DataWish, { table }: OpenedTable, least: number) {
  return finish(findNearRows(table, least), wish.signal, (done) =>
    wish.onProgress('near-duplicates', done, table.length),
  );
}

/** What is written has to be whole. */
function refuseCut(file: string, { table }: OpenedTable): void {
  if (!table.isFull) return;
  throw new CadreError(
    'invalid_request',
    `${file} holds more than ${table.read} rows; cut it into several files`,
    { param: 'data' },
  );
}

async function wayOf(
  wish: SplitWish,
  { table, column }: OpenedTable,
): Promise<Pick<SplitInput, 'groupOf' | 'times'>> {
  const wordOf = (row: number) => column.get(row);
  if (wish.by === 'group')
    // A row without a group is a group of its own.
    return { groupOf: (row: number) => wordOf(row) || `\0${table.textOf(row)}` };
  if (wish.by === 'time')
    return {
      times: Float64Array.from({ length: table.length }, (_, row) =>
        timeOf(wish.file, table.lineOf(row), wordOf(row)),
      ),
    };
  if (wish.by === 'row') return {};
  const clusters = await finish(findNearRows(table, CLUSTER), wish.signal, (done) =>
    wish.onProgress('clusters', done, table.length),
  );
  return { groupOf: (row: number) => table.textOf(clusters.leaders[row] ?? row) };
}

function timeOf(file: string, line: number, value: string): number {
  const time = instantOf(value);
  if (time !== undefined) return time;
  throw new CadreError(
    'invalid_request',
    `${file}, line ${line}: “${lineOf(value).slice(0, SAMPLE)}” is no time; write dates as 2026-01-31, or seconds since 1970`,
    { param: 'column' },
  );
}

/** ISO dates, and seconds or milliseconds since 1970. */
function instantOf(value: string): number | undefined {
  const number = Number(value);
  if (value !== '' && Number.isFinite(number))
    return Math.abs(number) < 1e11 ? number * 1000 : number;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function cutFrom({ cut }: SplitWish): Pick<SplitInput, 'cut'> {
  if (cut === undefined) return {};
  const time = instantOf(cut);
  if (time === undefined)
    throw new CadreError('invalid_request', `--cut “${cut}” is no time; write it as 2026-01-31`);
  return { cut: time };
}

function timeWords(time: number): string {
  return new Date(time).toISOString();
}

function columnNotes({ by, column }: SplitWish, { withoutColumn }: OpenedTable): string[] {
  if (by !== 'group' || withoutColumn === 0) return [];
  return [`${withoutColumn} rows have no “${column}” and are groups of their own`];
}

/** A share that chance does not explain is said: groups may be few and large. */
function shareNotes({ labels, cut }: Split, share: number): string[] {
  if (cut !== undefined) return [];
  const [test, all] = labels.reduce(
    ([tests, rows], one) => [tests + one.test, rows + one.test + one.train],
    [0, 0],
  );
  const { low, high } = wilsonInterval(test, all, 4);
  if (share >= low && share <= high) return [];
  return [
    `the test part has ${((100 * test) / all).toFixed(1)} % of the rows, not ${(100 * share).toFixed(0)} %: like rows and groups stay together, and are few or large`,
  ];
}
