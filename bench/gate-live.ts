// Is a farm of small models, routed by the gate, better than its largest model alone, and at what
// part of the compute? Mixed requests with gold answers; resumable per answer.
// CADRE_DATA=… cadre bench gate-live [ROWS] [PROMISE] [--alone | --fit | --report | --decide]
//   --alone   only the answers of the single models, without micro-models and farm
//   --fit     writes what the rows for fitting a gate gave
//   --report  only rows that all single models have answered
//   --decide  only the gate's choices
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AnswerCache, type KeptAnswer } from './lib/answer-cache.ts';
import {
  type FarmAnswer,
  FIT_PROMISE,
  type LiveFarm,
  liveFolders,
  openLiveFarm,
  trainMicroModels,
} from './lib/live-farm.ts';
import { fitSpokes, writeFit } from './lib/live-fit.ts';
import { gradeLive } from './lib/live-grading.ts';
import { type LiveResult, REFERENCE, reportLive } from './lib/live-report.ts';
import type { LiveRow } from './lib/live-row.ts';
import { fitRows, LIVE_SEED, liveMix } from './lib/live-rows.ts';
import { secondsAnew, tokenCosts } from './lib/reading-cost.ts';
import { printResult, versions } from './lib/result.ts';

/** Every model under one and the same prompt; the largest is what the farm is held against. */
const SINGLES = [REFERENCE, 'middle', 'small'] as const;
const RESULTS = resolve(import.meta.dirname, 'results');

const { rows, labelSets } = liveMix();
const most = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? rows.length);
const promise = Number(process.argv.find((word) => /^0?\.\d+$/.test(word)) ?? FIT_PROMISE);
const onlyReport = process.argv.includes('--report');
const onlyDecide = process.argv.includes('--decide');
const onlyAlone = process.argv.includes('--alone');
const onlyFit = process.argv.includes('--fit');

/** What was asked for a row; graded and priced when all rows are there. */
interface Measured {
  readonly row: LiveRow;
  readonly alone: Readonly<Record<string, KeptAnswer>>;
  readonly farm: FarmAnswer;
}

async function measure(farm: LiveFarm, row: LiveRow): Promise<Measured> {
  const alone: Record<string, KeptAnswer> = {};
  for (const single of SINGLES) alone[single] = await farm.alone(single, row);
  return { row, alone, farm: await farm.ask(row) };
}

async function resultOf(
  { row, alone, farm }: Measured,
  costs: ReturnType<typeof tokenCosts>,
): Promise<LiveResult> {
  const singles: Record<string, LiveResult['alone'][string]> = {};
  for (const [single, answer] of Object.entries(alone))
    singles[single] = {
      score: await gradeLive(row, answer.text),
      seconds: answer.cpuSeconds,
      secondsAnew: secondsAnew(answer, costs),
    };
  const sum = (seconds: readonly number[]) => seconds.reduce((total, one) => total + one, 0);
  return {
    id: row.id,
    slice: row.slice,
    alone: singles,
    farm: {
      score: await gradeLive(row, farm.text),
      seconds: sum(farm.models.map((one) => one.cpuSeconds)) + farm.houseSeconds,
      secondsAnew: sum(farm.models.map((one) => secondsAnew(one, costs))) + farm.houseSeconds,
      houseSeconds: farm.houseSeconds,
      asked: farm.asked,
      task: farm.decision?.tasks[0]?.task ?? 'none',
      abstained: farm.abstained,
    },
  };
}

/** What the gate would do, without any model: for the study of its choices. */
async function printDecisions(farm: LiveFarm): Promise<void> {
  for (const row of rows.slice(0, most)) {
    const { spoke, tasks, candidates, reasons } = await farm.decide(row);
    const [task] = tasks;
    process.stdout.write(
      `${JSON.stringify({ id: row.id, slice: row.slice, spoke, task: task?.task, share: task?.probability, candidates: Object.fromEntries(candidates.map((one) => [one.spoke, Number(one.probability.toFixed(3))])), reason: reasons[0] })}\n`,
    );
  }
}

/** The answers that take longest, in the order of the mix; those for fitting a gate in between. */
async function answerAlone(farm: LiveFarm): Promise<void> {
  const fit = fitRows();
  for (const [index, row] of rows.slice(0, most).entries()) {
    const jobs = [
      ...SINGLES.map((spoke) => ({ spoke: spoke as string, row })),
      ...fit
        .slice(index, index + 1)
        .flatMap((one) => fitSpokes(one, SINGLES).map((spoke) => ({ spoke, row: one }))),
    ];
    for (const job of jobs) {
      const { cpuSeconds, text } = await farm.alone(job.spoke, job.row);
      process.stderr.write(
        `${index} ${job.row.id} ${job.spoke} ${cpuSeconds.toFixed(1)} s ${JSON.stringify(text.slice(0, 60))}\n`,
      );
    }
  }
}

const { home, answers } = liveFolders();
const SAVED = join(RESULTS, 'gate-live.answers.jsonl');
const cache = new AnswerCache(answers, SAVED);
if (!onlyAlone && !onlyFit) await trainMicroModels(labelSets, home);
const farm = await openLiveFarm(onlyAlone || onlyFit ? [] : labelSets, home, cache, promise);
if (onlyAlone || onlyFit) {
  await (onlyFit ? writeFit(farm, SINGLES, { results: RESULTS, home }) : answerAlone(farm));
  await farm.close();
  process.exit(0);
}
if (onlyDecide) {
  await printDecisions(farm);
  await farm.close();
  process.exit(0);
}
const measured: Measured[] = [];
for (const row of rows.slice(0, most)) {
  if (onlyReport && !SINGLES.every((single) => farm.hasAnswered(single, row))) continue;
  const one = await measure(farm, row);
  measured.push(one);
  process.stderr.write(`${measured.length} ${row.id} ${one.farm.asked.join(' > ')}\n`);
}
await farm.close();
const costs = tokenCosts(cache.saved());
const results: LiveResult[] = [];
for (const one of measured) results.push(await resultOf(one, costs));
const metrics = { ...reportLive(results, LIVE_SEED), promise, rowsOfTheMix: rows.length };
writeFileSync(
  SAVED,
  cache
    .saved()
    .map((one) => `${JSON.stringify(one)}\n`)
    .join(''),
);
writeFileSync(
  join(RESULTS, 'gate-live.json'),
  `${JSON.stringify({ bench: 'gate-live', metrics, seed: LIVE_SEED, versions: versions() }, null, 1)}\n`,
);
printResult('gate-live', LIVE_SEED, metrics);
