// Which starter model is right on which task, how fast, and what the gate's choice among them gives?
// Resumable per row: CADRE_DATA=… cadre bench starter-farm [ROWS PER SLICE] [SPOKE …]
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gradeAnswer } from './lib/grading.ts';
import type { GradedAnswer } from './lib/live-fit.ts';
import { type OpenSpoke, openSpoke } from './lib/open-spokes.ts';
import { intentSlices, questionSlices, type SliceRow } from './lib/slices.ts';
import { type RowResult, reportStarterFarm } from './lib/starter-report.ts';

const SEED = 20261123;
const count = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 50);
/** Only these spokes, so that two runs can share the work. */
const only = process.argv.slice(2).filter((word) => !/^\d+$/.test(word) && !word.startsWith('-'));
const log = resolve(import.meta.dirname, 'results', 'starter-farm.rows.jsonl');

/**
 * Which spokes are asked which slices: every model all of them once, specialists their own trade;
 * `coder` and `calculator` are asked by `gate-live --fit`.
 */
const SPOKES: readonly { readonly spoke: string; readonly tasks?: readonly string[] }[] = [
  { spoke: 'quick' },
  { spoke: 'extract', tasks: ['classify'] },
  { spoke: 'qwen2.5-coder-0.5b-instruct-q4_k_m' },
  { spoke: 'general' },
];

function readDone(): Map<string, RowResult> {
  const done = new Map<string, RowResult>();
  if (!existsSync(log)) return done;
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    if (line === '') continue;
    const result = JSON.parse(line) as RowResult;
    done.set(`${result.spoke}/${result.row}`, result);
  }
  return done;
}

/** Answers that `gate-live --fit` has graded. */
function readFit(): GradedAnswer[] {
  const file = resolve(import.meta.dirname, 'results', 'gate-live.fit.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GradedAnswer);
}

const round = (seconds: number) => Math.round(seconds * 1000) / 1000;

async function measure(spoke: OpenSpoke, row: SliceRow): Promise<RowResult> {
  const answer = await spoke.answer(row);
  const score = await gradeAnswer(row, answer.text);
  return {
    row: row.id,
    slice: row.slice,
    task: row.task,
    spoke: spoke.id,
    score,
    seconds: round(answer.seconds),
    cpuSeconds: round(answer.cpuSeconds),
    promptTokens: answer.promptTokens,
    cachedTokens: answer.cachedTokens,
    completionTokens: answer.completionTokens,
    meanLogprob: round(answer.meanLogprob),
  };
}

/** Rows of a slice that are asked in a row: they share a long system prompt in the model's memory. */
const BLOCK = 10;

const rows = [...questionSlices(count, String(SEED)), ...intentSlices(count, String(SEED))];
const done = readDone();
mkdirSync(dirname(log), { recursive: true });
// Block by block over all spokes, so that an interrupted run is balanced.
for (let block = 0; block * BLOCK < count; block += 1) {
  for (const { spoke: id, tasks } of SPOKES) {
    if (only.length > 0 && !only.includes(id)) continue;
    const todo = rows.filter((row) => {
      const place = Number(row.id.split('-').at(-1));
      return (
        Math.floor(place / BLOCK) === block &&
        (tasks?.includes(row.task) ?? true) &&
        !done.has(`${id}/${row.id}`)
      );
    });
    if (todo.length === 0) continue;
    const spoke = await openSpoke(id);
    for (const [index, row] of todo.entries()) {
      const result = await measure(spoke, row);
      done.set(`${id}/${row.id}`, result);
      appendFileSync(log, `${JSON.stringify(result)}\n`);
      process.stderr.write(
        `block ${block} ${id} ${index + 1}/${todo.length} ${row.id} ${result.score.toFixed(2)} ${result.seconds.toFixed(1)} s\n`,
      );
    }
    await spoke.close();
  }
}
reportStarterFarm(
  rows,
  [...done.values()],
  readFit(),
  SEED,
  join(import.meta.dirname, '..', 'src', 'gate', 'starter-table.generated.json'),
);
