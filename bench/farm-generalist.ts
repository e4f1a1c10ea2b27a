/**
 * Is a specialist of a few megabytes better than the local generalist, and at what share of its CPU
 * time? The 1.5B model of the starter farm, asked zero-shot and few-shot with an answer that a schema
 * binds to the labels, beside what `cadre train` makes of the training rows, on the same test rows.
 * Arguments name tasks; all without one. Answers of the generalist are kept: a run that was stopped goes on.
 */
import { readMicroModel } from '../src/base/micro-model.ts';
import { pairedDifference } from '../src/base/paired-test.ts';
import { readSpanTagger, tagSpans } from '../src/base/span-tagger.ts';
import { exactMcNemar, wilsonInterval } from '../src/base/statistics.ts';
import { curateRows } from '../src/learn/curated-rows.ts';
import { judgedBy } from '../src/learn/judged-rows.ts';
import { makeExtract } from '../src/learn/make-extract.ts';
import { makeIntents } from '../src/learn/make-intents.ts';
import { benchCachedEmbedder, benchEmbedder, embedTexts, installed } from './lib/embedder.ts';
import { fieldDocuments } from './lib/field-documents.ts';
import { openGeneralist } from './lib/generalist-asking.ts';
import {
  fieldPrompt,
  fieldSchema,
  fieldsOf,
  isSameFields,
  labelIn,
  labelPrompt,
  labelSchema,
  type Mode,
} from './lib/generalist-prompts.ts';
import { LABEL_TASKS, type LabelTask } from './lib/generalist-tasks.ts';
import { threadCpuMs } from './lib/process-cost.ts';
import { printResult, round } from './lib/result.ts';

const SEED = 1;
/** Rows per task and mode. */
const ROWS = 150;
const FIELDS = 'extraction';
const GOAL_SHARE = 0.01;
const RISK = 0.05;

/** What answered the rows of a task: which rightly, and its CPU seconds over all. */
interface Answered {
  readonly right: readonly boolean[];
  readonly cpuSeconds: number;
}

/** What of a task is asked and taught. */
interface Contest {
  readonly id: string;
  ask(mode: Mode): Promise<Answered>;
  /** The specialist on the same rows, and what it is. */
  teach(): Promise<Answered & { readonly rung: string; readonly megabytes: number }>;
}

const [vectors, embedder] = [installed(benchCachedEmbedder(1)), installed(benchEmbedder(1))];
const generalist = openGeneralist();
const signal = new AbortController().signal;
const say = (line: string) => process.stderr.write(`${line}\n`);

const embedKept = async (texts: readonly string[]) => ({
  vectors: await embedTexts(vectors, texts),
  cpuMs: 0,
});

async function askAll(
  rows: readonly { readonly text: string; isRight(answer: string): boolean }[],
  shared: {
    readonly system: string;
    readonly schema: ReturnType<typeof labelSchema>;
    readonly maxTokens: number;
  },
): Promise<Answered> {
  const right: boolean[] = [];
  let cpuSeconds = 0;
  for (const row of rows) {
    const answer = await generalist.ask({ ...shared, text: row.text });
    right.push(row.isRight(answer.text));
    cpuSeconds += answer.cpuSeconds;
  }
  return { right, cpuSeconds };
}

function labelContest(task: LabelTask): Contest {
  const test = task.test.slice(0, ROWS);
  return {
    id: task.id,
    ask: (mode) =>
      askAll(
        test.map(({ text, label }) => ({ text, isRight: (answer) => labelIn(answer) === label })),
        { system: labelPrompt(task, mode), schema: labelSchema(task), maxTokens: 32 },
      ),
    async teach() {
      const { bytes, report } = await makeIntents({
        curated: curateRows(task.id, { rows: task.train, broken: new Map() }, SEED),
        seed: SEED,
        source: 'bench',
        embedder: { id: vectors.id, embed: embedKept },
        cpuMs: threadCpuMs,
        onRung: ({ rung, accuracy }) => say(`${task.id}: ${rung} ${round(accuracy)} held out`),
      });
      const parts = readMicroModel(bytes);
      const right: boolean[] = [];
      let ms = 0;
      // The first text warms up and counts for nothing.
      await embedder.doEmbed(['warm'], 'passage', { signal });
      const embed = async (texts: readonly string[]) => {
        const made = await embedder.doEmbedCounted(texts, 'passage', { signal });
        ms += made.cpuMs;
        return made;
      };
      // One by one, as requests come.
      for (const row of test) {
        const started = threadCpuMs();
        const judged = await judgedBy(parts, [row], { embedder: { id: embedder.id, embed } });
        ms += threadCpuMs() - started;
        right.push(judged[0]?.isRight ?? false);
      }
      return { right, cpuSeconds: ms / 1000, rung: report.rung, megabytes: bytes.length / 1e6 };
    },
  };
}

function fieldContest(): Contest {
  const train = fieldDocuments(SEED, 'train', 800);
  const test = fieldDocuments(SEED, 'test', ROWS);
  const labels = [...new Set(train.flatMap((row) => row.spans.map((one) => one.label)))].sort();
  return {
    id: FIELDS,
    ask: (mode) =>
      askAll(
        test.map((row) => ({
          text: row.text,
          isRight: (answer) => isSameFields(fieldsOf(row), answer),
        })),
        { system: fieldPrompt(labels, mode, train), schema: fieldSchema(labels), maxTokens: 200 },
      ),
    async teach() {
      const data = { rows: train, labels, leftOut: [] };
      const { bytes, report } = makeExtract({
        data,
        notes: [],
        seed: SEED,
        source: 'bench',
        cpuMs: threadCpuMs,
      });
      const tagger = readSpanTagger(bytes);
      const started = threadCpuMs();
      const right = test.map((row) =>
        isSameFields(
          fieldsOf(row),
          JSON.stringify(fieldsOf({ text: row.text, spans: tagSpans(tagger, row.text) })),
        ),
      );
      const cpuSeconds = (threadCpuMs() - started) / 1000;
      return { right, cpuSeconds, rung: report.rung, megabytes: bytes.length / 1e6 };
    },
  };
}

function beside(own: Answered, other: Answered) {
  const rows = own.right.length;
  const only = (mine: Answered, theirs: Answered) =>
    mine.right.filter((isRight, at) => isRight && theirs.right[at] !== true).length;
  const [onlyFirst, onlySecond] = [only(own, other), only(other, own)];
  const { value, low, high } = pairedDifference({ rows, onlyFirst, onlySecond }, { seed: SEED });
  return {
    ...figureOf(other),
    difference: round(value),
    differenceInterval: [round(low), round(high)],
    probability: Number(exactMcNemar(onlyFirst, onlySecond).toPrecision(2)),
    cpuShare: Number((own.cpuSeconds / other.cpuSeconds).toPrecision(3)),
  };
}

function figureOf({ right, cpuSeconds }: Answered) {
  const share = wilsonInterval(right.filter(Boolean).length, right.length);
  return {
    accuracy: round(share.value),
    interval: [round(share.low), round(share.high)],
    cpuSecondsPerAnswer: Number((cpuSeconds / right.length).toPrecision(3)),
  };
}

const known = [...Object.keys(LABEL_TASKS), FIELDS];
const named = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const wanted = named.length === 0 ? known : named;
const contests = wanted.map((id): Contest => {
  const read = LABEL_TASKS[id];
  if (read !== undefined) return labelContest(read());
  if (id === FIELDS) return fieldContest();
  throw new Error(`no task ${id}; there are ${known.join(', ')}`);
});

async function askModes(contest: Contest): Promise<Record<Mode, Answered>> {
  const ask = async (mode: Mode) => {
    const answer = await contest.ask(mode);
    say(`${contest.id} ${mode}: ${JSON.stringify(figureOf(answer))}`);
    return answer;
  };
  return { 'zero-shot': await ask('zero-shot'), 'few-shot': await ask('few-shot') };
}

const tasks: Record<string, ReturnType<typeof taskFigures>> = {};
function taskFigures(own: Awaited<ReturnType<Contest['teach']>>, answers: Record<Mode, Answered>) {
  const sides = {
    zeroShot: beside(own, answers['zero-shot']),
    fewShot: beside(own, answers['few-shot']),
  };
  return {
    rows: own.right.length,
    specialist: { ...figureOf(own), rung: own.rung, megabytes: round(own.megabytes, 2) },
    ...sides,
    // Beyond chance beside both by bootstrap and exact test, and cheap beside the cheaper.
    isBetter: Object.values(sides).every(
      (one) => (one.differenceInterval[0] ?? 0) > 0 && one.probability <= RISK,
    ),
    isCheap: Object.values(sides).every((one) => one.cpuShare <= GOAL_SHARE),
  };
}
for (const contest of contests) {
  const answers = await askModes(contest);
  tasks[contest.id] = taskFigures(await contest.teach(), answers);
  // A run that is stopped has told what it knows.
  say(`${contest.id}: ${JSON.stringify(tasks[contest.id])}`);
}
const figures = Object.values(tasks);
await Promise.all([generalist.close(), vectors.doClose(), embedder.doClose()]);
printResult('farm-generalist', SEED, {
  generalist: generalist.id,
  tasks,
  better: figures.filter((one) => one.isBetter).length,
  betterAndCheap: figures.filter((one) => one.isBetter && one.isCheap).length,
});
