// Is a farm of small models, routed by the gate, better than its largest model alone, and at what
// part of the compute? Mixed requests with gold answers; resumable per answer.
// CADRE_DATA=… cadre bench gate-live [ROWS] [--alone | --fit | --report | --decide]
//   --alone   only the answers of the single models, without micro-models and farm
//   --fit     writes what the rows for fitting a gate gave, into results/gate-live.fit.jsonl
//   --report  only rows that all single models have answered
//   --decide  only the gate's choices
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AnswerCache } from './lib/answer-cache.ts';
import { type LiveFarm, liveFolders, openLiveFarm, trainMicroModels } from './lib/live-farm.ts';
import { gradeLive } from './lib/live-grading.ts';
import { type LiveResult, REFERENCE, reportLive } from './lib/live-report.ts';
import type { LiveRow } from './lib/live-row.ts';
import { fitRows, LIVE_SEED, liveMix } from './lib/live-rows.ts';
import { printResult, versions } from './lib/result.ts';

/** Every model under one and the same prompt; the largest is what the farm is held against. */
const SINGLES = [REFERENCE, 'middle', 'small'] as const;
const RESULTS = resolve(import.meta.dirname, 'results');

const { rows, labelSets } = liveMix();
const most = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? rows.length);
const onlyReport = process.argv.includes('--report');
const onlyDecide = process.argv.includes('--decide');
const onlyAlone = process.argv.includes('--alone');
const onlyFit = process.argv.includes('--fit');

async function measure(farm: LiveFarm, row: LiveRow): Promise<LiveResult> {
  const alone: Record<string, { score: number; seconds: number }> = {};
  for (const single of SINGLES) {
    const answer = await farm.alone(single, row);
    alone[single] = { score: await gradeLive(row, answer.text), seconds: answer.cpuSeconds };
  }
  const answer = await farm.ask(row);
  return {
    id: row.id,
    slice: row.slice,
    alone,
    farm: {
      score: await gradeLive(row, answer.text),
      modelSeconds: answer.models.reduce((sum, one) => sum + one.cpuSeconds, 0),
      houseSeconds: answer.houseSeconds,
      asked: answer.asked,
      task: answer.decision?.tasks[0]?.task ?? 'none',
      abstained: answer.abstained,
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

/** Spokes that a fit learns about: the singles, and the specialist where the job is its own. */
function fitSpokes(row: LiveRow): string[] {
  return row.task === 'extract' ? [...SINGLES, 'extract'] : [...SINGLES];
}

/** The answers that take longest, in the order of the mix; those for fitting a gate in between. */
async function answerAlone(farm: LiveFarm): Promise<void> {
  const fit = fitRows();
  for (const [index, row] of rows.slice(0, most).entries()) {
    const jobs = [
      ...SINGLES.map((spoke) => ({ spoke: spoke as string, row })),
      ...fit
        .slice(index, index + 1)
        .flatMap((one) => fitSpokes(one).map((spoke) => ({ spoke, row: one }))),
    ];
    for (const job of jobs) {
      const { cpuSeconds, text } = await farm.alone(job.spoke, job.row);
      process.stderr.write(
        `${index} ${job.row.id} ${job.spoke} ${cpuSeconds.toFixed(1)} s ${JSON.stringify(text.slice(0, 60))}\n`,
      );
    }
  }
}

/** One line for each row and spoke that was answered: what a gate may be fitted on. */
async function writeFit(farm: LiveFarm): Promise<void> {
  const lines: string[] = [];
  for (const row of fitRows()) {
    for (const spoke of fitSpokes(row).filter((one) => farm.hasAnswered(one, row))) {
      const score = await gradeLive(row, (await farm.alone(spoke, row)).text);
      lines.push(JSON.stringify({ row: row.id, task: row.task, spoke, score }));
    }
  }
  writeFileSync(join(RESULTS, 'gate-live.fit.jsonl'), `${lines.join('\n')}\n`);
}

const { home, answers } = liveFolders();
const SAVED = join(RESULTS, 'gate-live.answers.jsonl');
const cache = new AnswerCache(answers, SAVED);
if (!onlyAlone && !onlyFit) await trainMicroModels(labelSets, home);
const farm = await openLiveFarm(onlyAlone || onlyFit ? [] : labelSets, home, cache);
if (onlyAlone || onlyFit) {
  await (onlyFit ? writeFit(farm) : answerAlone(farm));
  await farm.close();
  process.exit(0);
}
if (onlyDecide) {
  await printDecisions(farm);
  await farm.close();
  process.exit(0);
}
const results: LiveResult[] = [];
for (const row of rows.slice(0, most)) {
  if (onlyReport && !SINGLES.every((single) => farm.hasAnswered(single, row))) continue;
  const result = await measure(farm, row);
  results.push(result);
  process.stderr.write(
    `${results.length} ${row.id} ${SINGLES.map((single) => `${single} ${result.alone[single]?.score.toFixed(2)} ${result.alone[single]?.seconds.toFixed(1)} s`).join(', ')}; farm ${result.farm.score.toFixed(2)} ${result.farm.asked.join(' > ')}\n`,
  );
}
await farm.close();
const metrics = { ...reportLive(results, LIVE_SEED), rowsOfTheMix: rows.length };
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
