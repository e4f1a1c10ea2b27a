// Is a farm of small models, routed by the gate, better than its largest model alone, and at what
// part of the compute? Mixed requests with gold answers; resumable per answer.
// CADRE_DATA=… cadre bench gate-live [ROWS] [--alone | --report | --decide]
//   --alone   only the answers of the single models, without micro-models and farm
//   --report  only rows that all single models have answered
//   --decide  only the gate's choices
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AnswerCache } from './lib/answer-cache.ts';
import { type LiveFarm, liveFolders, openLiveFarm, trainMicroModels } from './lib/live-farm.ts';
import { gradeLive } from './lib/live-grading.ts';
import { type LiveResult, REFERENCE, reportLive } from './lib/live-report.ts';
import type { LiveRow } from './lib/live-row.ts';
import { LIVE_SEED, liveMix } from './lib/live-rows.ts';
import { printResult, versions } from './lib/result.ts';

/** Every model under one and the same prompt; the largest is what the farm is held against. */
const SINGLES = [REFERENCE, 'middle', 'small'] as const;
const RESULTS = resolve(import.meta.dirname, 'results');

const { rows, labelSets } = liveMix();
const most = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? rows.length);
const onlyReport = process.argv.includes('--report');
const onlyDecide = process.argv.includes('--decide');
const onlyAlone = process.argv.includes('--alone');

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

/** The answers that take longest, in the order of the mix. */
async function answerAlone(farm: LiveFarm): Promise<void> {
  for (const [index, row] of rows.slice(0, most).entries()) {
    for (const single of SINGLES) {
      const { cpuSeconds, text } = await farm.alone(single, row);
      process.stderr.write(
        `${index} ${row.id} ${single} ${cpuSeconds.toFixed(1)} s ${JSON.stringify(text.slice(0, 60))}\n`,
      );
    }
  }
}

const { home, answers } = liveFolders();
const SAVED = join(RESULTS, 'gate-live.answers.jsonl');
const cache = new AnswerCache(answers, SAVED);
if (!onlyAlone) await trainMicroModels(labelSets, home);
const farm = await openLiveFarm(onlyAlone ? [] : labelSets, home, cache);
if (onlyAlone) {
  await answerAlone(farm);
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
