/**
 * What is a specialist worth that was made of a description alone? A local model writes ten rows for
 * each of eight intents, by `cadre train --describe`'s own code, and `cadre train intents` makes a
 * specialist of them. On real messages that nobody had seen it stands beside the 1.5B model zero-shot,
 * bound to the labels, and beside a specialist of ten real rows per label. What was written and
 * answered is kept: a run that was stopped goes on.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMicroModel } from '../src/base/micro-model.ts';
import type { LabelledText } from '../src/base/ngram-classifier.ts';
import { pairedDifference } from '../src/base/paired-test.ts';
import { exactMcNemar, wilsonInterval } from '../src/base/statistics.ts';
import { curateRows } from '../src/learn/curated-rows.ts';
import { judgedBy } from '../src/learn/judged-rows.ts';
import { makeIntents } from '../src/learn/make-intents.ts';
import { readData, shuffleByHash } from './lib/data.ts';
import { describedFolder, writeDescribed } from './lib/described-farm.ts';
import { benchCachedEmbedder } from './lib/embedder.ts';
import { openGeneralist } from './lib/generalist-asking.ts';
import { labelIn, labelPrompt, labelSchema } from './lib/generalist-prompts.ts';
import { drawPerLabel, readClinc150 } from './lib/intent-sets.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const DOMAIN = 'travel';
/** Intents drawn of the domain's fifteen. */
const LABELS = 8;
const PER_LABEL = 10;
/** Real messages of each label that are asked. */
const ASKED = 20;
const DESCRIPTION = 'what travellers say to the assistant on their phone';

const embedder = benchCachedEmbedder(1);
if (embedder === undefined) {
  process.stderr.write('The starter embedder is not installed: cadre pull bge-small-en-v1.5-q.\n');
  process.exit(2);
}
const vectors = embedder;
const signal = new AbortController().signal;
const round = (value: number, digits = 3) => Number(value.toFixed(digits));
const say = (line: string) => process.stderr.write(`${line}\n`);

const domains = JSON.parse(readData('intent', 'clinc150-domains.json')) as Record<string, string[]>;
const drawn = shuffleByHash(domains[DOMAIN] ?? [], (label) => label, `describe-${SEED}`);
const labels = drawn.slice(0, LABELS).sort();
const clinc = readClinc150();
const ofLabels = (rows: readonly LabelledText[]) =>
  rows.filter((row) => labels.includes(row.label));
const test = drawPerLabel(ofLabels(clinc.test), ASKED, SEED);
const real = drawPerLabel(ofLabels(clinc.train), PER_LABEL, SEED);

/** The rows a model wrote, those of an earlier run among them. */
async function written(): Promise<{ readonly rows: LabelledText[]; readonly cpuSeconds: number }> {
  const folder = describedFolder();
  const [path, tests] = [join(folder, `rows-${SEED}.jsonl`), join(folder, 'test.jsonl')];
  writeFileSync(tests, test.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  const lines = kept.map((line) => JSON.parse(line) as LabelledText & { cpuSeconds: number });
  const wish = { text: DESCRIPTION, labels, perLabel: PER_LABEL, seed: SEED, test: tests };
  for await (const row of writeDescribed({ ...wish, known: lines })) {
    lines.push(row);
    appendFileSync(path, `${JSON.stringify(row)}\n`);
    say(`${lines.length} of ${labels.length * PER_LABEL}: [${row.label}] ${row.text}`);
  }
  const cpuSeconds = lines.reduce((sum, row) => sum + row.cpuSeconds, 0);
  return { rows: lines.map(({ text, label }) => ({ text, label })), cpuSeconds };
}

/** Which of the real messages a specialist of these rows has right as it serves: `none of these` is wrong. */
async function taughtBy(id: string, rows: readonly LabelledText[]) {
  const embed = async (texts: readonly string[]) => ({
    vectors: await vectors.doEmbed(texts, 'passage', { signal }),
    cpuMs: 0,
  });
  const known = { id: vectors.id, embed };
  const { bytes, report } = await makeIntents({
    curated: curateRows(id, { rows, broken: new Map() }, SEED),
    seed: SEED,
    source: 'bench',
    embedder: known,
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: ({ rung, accuracy }) => say(`${id}: ${rung} ${round(accuracy)} held out`),
  });
  const judged = await judgedBy(readMicroModel(bytes), test, { embedder: known });
  const named = judged.map((one) => one.isRight);
  return {
    right: judged.map(({ isRight, isAnswered }) => isRight && isAnswered),
    rung: report.rung,
    /** Right by the best label, where it said none of these too. */
    bestLabel: figureOf(named).accuracy,
  };
}

async function asked(): Promise<boolean[]> {
  const generalist = openGeneralist();
  const instruction = `Say what is meant by ${DESCRIPTION.replace('what ', 'one line of what ')}.`;
  const task = { id: 'describe', instruction, labels, train: [], test };
  const shared = { system: labelPrompt(task, 'zero-shot'), schema: labelSchema(task) };
  const right: boolean[] = [];
  for (const { text, label } of test) {
    const answer = await generalist.ask({ ...shared, text, maxTokens: 32 });
    right.push(labelIn(answer.text) === label);
  }
  await generalist.close();
  return right;
}

function figureOf(right: readonly boolean[]) {
  const { value, low, high } = wilsonInterval(right.filter(Boolean).length, right.length);
  return { accuracy: round(value), interval: [round(low), round(high)] };
}

/** The described one beside another on the same messages. */
function beside(own: readonly boolean[], other: readonly boolean[]) {
  const only = (mine: readonly boolean[], theirs: readonly boolean[]) =>
    mine.filter((isRight, at) => isRight && theirs[at] !== true).length;
  const [onlyFirst, onlySecond] = [only(own, other), only(other, own)];
  const paired = pairedDifference({ rows: own.length, onlyFirst, onlySecond }, { seed: SEED });
  return {
    ...figureOf(other),
    difference: round(paired.value),
    differenceInterval: [round(paired.low), round(paired.high)],
    probability: Number(exactMcNemar(onlyFirst, onlySecond).toPrecision(2)),
  };
}

const { rows, cpuSeconds } = await written();
const described = await taughtBy('described', rows);
const byReal = await taughtBy('real', real);
const zeroShot = await asked();
await vectors.doClose();
printResult('farm-describe', SEED, {
  labels,
  writtenRows: rows.length,
  writingCpuSeconds: round(cpuSeconds, 0),
  messages: test.length,
  described: {
    ...figureOf(described.right),
    rung: described.rung,
    bestLabel: described.bestLabel,
  },
  zeroShot: beside(described.right, zeroShot),
  tenReal: {
    ...beside(described.right, byReal.right),
    rung: byReal.rung,
    bestLabel: byReal.bestLabel,
  },
});
