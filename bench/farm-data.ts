/**
 * Does `cadre data lint` find labels that were changed and rows that come back? Banking77 and CLINC150
 * train rows with 5 % of the labels flipped by chance, beside plain disagreement with a held-out model;
 * copies of rows with a typing error, a word missing …; the time of 1,000,000 short rows.
 */

import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelledText } from '../src/base/ngram-classifier.ts';
import { seededRandom, shuffledIndices } from '../src/base/random.ts';
import { plainWords } from '../src/base/shingles.ts';
import { bootstrapMean } from '../src/base/statistics.ts';
import { examineData } from '../src/compose/data-examination.ts';
import { findLabelNoise } from '../src/learn/label-noise.ts';
import { findNearRows } from '../src/learn/near-rows.ts';
import { RowTable } from '../src/learn/row-table.ts';
import { benchCachedEmbedder } from './lib/embedder.ts';
import { readBanking77, readClinc150 } from './lib/intent-sets.ts';
import { COPY_KINDS } from './lib/planted-copies.ts';
import { printResult } from './lib/result.ts';

const SEED = 7;
const FLIPPED = 0.05;
const COPIES = 500;
const SPEED_ROWS = 1_000_000;
const SPEED_STEP = 10_000;
const round = (value: number) => Number(value.toFixed(4));

function finish<P, T>(work: Generator<P, T>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

/** Share of the found rows that were flipped, of the flipped that were found; both with intervals. */
function judged(found: readonly number[], flipped: ReadonlySet<number>) {
  const set = new Set(found);
  const range = (values: readonly number[]) => {
    const { value, low, high } = bootstrapMean(values, { seed: SEED, rounds: 1000 });
    return { value: round(value), interval: [round(low), round(high)] };
  };
  return {
    found: found.length,
    precision: range(found.map((row) => (flipped.has(row) ? 1 : 0))),
    recall: range([...flipped].map((row) => (set.has(row) ? 1 : 0))),
  };
}

function measureNoise(rows: readonly LabelledText[], vectors?: readonly Float32Array[]) {
  const labels = [...new Set(rows.map((row) => row.label))].sort();
  const truth = rows.map((row) => labels.indexOf(row.label));
  const classes = Int32Array.from(truth);
  const random = seededRandom(SEED);
  const flipped = new Set(shuffledIndices(rows.length, SEED).slice(0, rows.length * FLIPPED));
  for (const row of flipped) {
    const other = Math.floor(random() * (labels.length - 1));
    classes[row] = other >= (truth[row] ?? 0) ? other + 1 : other;
  }
  const began = process.cpuUsage();
  const { issues, probabilities } = finish(
    findLabelNoise({
      texts: rows.map((row) => row.text),
      classes,
      labelCount: labels.length,
      seed: 1,
      ...(vectors === undefined ? {} : { vectors }),
    }),
  );
  const used = process.cpuUsage(began);
  const disagreeing = [...classes.keys()].filter((row) => {
    const own = probabilities.subarray(row * labels.length, (row + 1) * labels.length);
    return own.indexOf(Math.max(...own)) !== classes[row];
  });
  const right = issues.filter((one) => flipped.has(one.row));
  return {
    rows: rows.length,
    flipped: flipped.size,
    confident: judged(
      issues.map((one) => one.row),
      flipped,
    ),
    suggestedRight: round(
      right.filter((one) => one.suggested === truth[one.row]).length / right.length,
    ),
    disagreement: judged(disagreeing, flipped),
    cpuSeconds: Math.round((used.user + used.system) / 1e6),
  };
}

/** Of planted copies, how many were found; of the rows as they were, how many pairs there are. */
function measureNear(rows: readonly LabelledText[]) {
  const random = seededRandom(SEED);
  // Each text once: a row word for word like another is known by the first of them.
  const texts = new Map(rows.map((row) => [plainWords(row.text).join(' '), row]));
  const long = [...texts.values()].filter((row) => row.text.split(/\s+/).length >= 4);
  const kinds = Object.entries(COPY_KINDS);
  const planted = kinds.flatMap(([kind, make], at) =>
    [...shuffledIndices(long.length, SEED + at)].slice(0, COPIES).map((row) => {
      const { text = '', label = '' } = long[row] ?? {};
      return { kind, of: row, label, text: make(text.trim().split(/\s+/), random).join(' ') };
    }),
  );
  const table = new RowTable();
  for (const { text, label } of [...long, ...planted])
    table.add({ line: 0, raw: '', text, label, fieldOf: () => undefined });
  const near = finish(findNearRows(table));
  const found = Object.fromEntries(
    kinds.map(([kind]) => {
      const own = planted.flatMap((copy, at) => (copy.kind === kind ? [{ copy, at }] : []));
      const hits = own.map(({ copy, at }): number =>
        near.earlier(long.length + at).some((pair) => pair.other === copy.of) ? 1 : 0,
      );
      return [kind, round(bootstrapMean(hits, { seed: SEED, rounds: 1000 }).value)];
    }),
  );
  let [pairs, sameLabel] = [0, 0];
  for (let row = 0; row < long.length; row += 1)
    for (const { other } of near.earlier(row)) {
      pairs += 1;
      if (table.classes[row] === table.classes[other]) sameLabel += 1;
    }
  return {
    rows: long.length,
    copies: COPIES,
    found,
    pairsBefore: pairs,
    ofOneLabel: round(sameLabel / pairs),
  };
}

async function measureSpeed() {
  const path = join(tmpdir(), `cadre-farm-data-${process.pid}.csv`);
  const random = seededRandom(SEED);
  const words = [
    ...new Set(
      readBanking77().train.flatMap((row) => row.text.toLowerCase().match(/[a-z]+/g) ?? []),
    ),
  ];
  writeFileSync(path, 'text,label\n');
  for (let start = 0; start < SPEED_ROWS; start += SPEED_STEP) {
    const lines = Array.from({ length: SPEED_STEP }, (_, at) => {
      const text = Array.from(
        { length: 10 },
        () => words[Math.floor(random() ** 2 * words.length)],
      );
      return `${text.join(' ')},label ${at % 50}\n`;
    });
    appendFileSync(path, lines.join(''));
  }
  const began = process.cpuUsage();
  await examineData(
    {
      file: path,
      names: {},
      signal: new AbortController().signal,
      onProgress: () => undefined,
      seed: 1,
      against: [],
      noise: false,
      embeddings: false,
    },
    { home: tmpdir() },
  );
  const used = process.cpuUsage(began);
  rmSync(path);
  return {
    rows: SPEED_ROWS,
    cpuSeconds: Math.round((used.user + used.system) / 1e6),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1000),
  };
}

async function vectorsOf(rows: readonly LabelledText[]): Promise<Float32Array[] | undefined> {
  const embedder = benchCachedEmbedder(1);
  if (embedder === undefined) return undefined;
  const { signal } = new AbortController();
  const vectors = await embedder.doEmbed(
    rows.map((row) => row.text),
    'passage',
    { signal },
  );
  await embedder.doClose();
  return vectors;
}

// First, so that the process has never been larger.
const metrics: Record<string, unknown> = { speed: await measureSpeed() };
process.stdout.write(`speed ${JSON.stringify(metrics['speed'])}\n`);
for (const [name, read] of Object.entries({ banking77: readBanking77, clinc150: readClinc150 })) {
  const rows = read().train;
  const vectors = await vectorsOf(rows);
  metrics[name] = {
    nearDuplicates: measureNear(rows),
    ngrams: measureNoise(rows),
    ...(vectors === undefined ? {} : { both: measureNoise(rows, vectors) }),
  };
  process.stdout.write(`${name} ${JSON.stringify(metrics[name])}\n`);
}
printResult('farm-data', SEED, metrics);
