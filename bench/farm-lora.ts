/**
 * What does an adapter of a 135M, taught here on a CPU, do for tasks whose answers have to be written,
 * beside a 1.5B that is shown five examples?
 *
 * Three tasks: the labels of Banking77 written as words (all test rows), fields of a document as JSON,
 * and which of ten tools with which arguments (both generated; sentences, names and things of the test
 * part are in no training row; the fields and the tools themselves are the same). The 1.5B gets the task
 * in words, a schema that binds its answer and five examples of the training part; the adapter gets the
 * bare text and is bound by nothing. Greedy, one thread each. CPU seconds are those of the model's
 * process; the 1.5B reads its instructions once and keeps them.
 *
 * Forms of what was taught: the adapter beside its base, and both merged into one file as
 * `cadre quantise NAME` does it, in q8_0, q8_4 and q4_0. What a row costs each of them and the 1.5B is measured
 * once more in this run, row by row in turn, on the first rows, the very first one left out.
 *
 * Adapters lie in CADRE_HOME/bench/lora/TASK and are taught by the trainer of `cadre train adapter`
 * where none is there. Answers are kept by model and request: a run that was stopped goes on. Names of
 * tasks as arguments: only those.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createLlamaLoader } from '../src/adapters/models/llama-process.ts';
import { modelFilePath } from '../src/adapters/models/model-files.ts';
import { weightsOf } from '../src/compose/model-memory.ts';
import { readCatalogue } from '../src/compose/models.ts';
import type { Model, ModelLease } from '../src/core/ports.ts';
import { AnswerCache } from './lib/answer-cache.ts';
import { type Contender, cpuSecondsOfEach } from './lib/lora-cost.ts';
import { besides, figuresOf, type Judged, judge } from './lib/lora-figures.ts';
import { mergedModel } from './lib/lora-merged.ts';
import { type LoraTask, loraTasks, type TaskRow } from './lib/lora-tasks.ts';
import { taughtAdapter } from './lib/lora-training.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const SMALL = 'smollm2-135m-instruct-q4_1';
const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const HOME = process.env['CADRE_HOME'] ?? join(homedir(), '.cadre');
const FOLDER = join(HOME, 'bench', 'lora');
const PYTHON = process.env['CADRE_BENCH_PYTHON'] ?? join(HOME, 'trainers', 'lora', 'bin', 'python');
const NEVER = new AbortController().signal;
const catalogue = readCatalogue();
const cache = new AnswerCache(join(FOLDER, 'answers.jsonl'), join(FOLDER, 'none.jsonl'));

const MERGED = ['q8_0', 'q8_4', 'q4_0'] as const;
/** Rows by which costs are compared, and one before them. */
const COST_ROWS = 31;

const pathOf = (id: string) => modelFilePath(join(HOME, 'models'), weightsOf(catalogue.get(id)));

/** A model in a process of its own; loaded at the first question that is not kept. */
function opened(id: string, path = pathOf(id)) {
  const loader = createLlamaLoader({
    threads: 1,
    slots: 1,
    contextTokens: 2048,
    batchTokens: 256,
    stallSeconds: 300,
    adapters: { contexts: 1, bytes: 200e6 },
    locate: () => ({ path }),
    estimate: async () => 0,
  });
  const load = () =>
    loader.doLoad(catalogue.get(id), {
      signal: NEVER,
      onProgress: () => undefined,
      onExit: () => undefined,
      onMemory: () => undefined,
    });
  let loading: ReturnType<typeof load> | undefined;
  return {
    async doAcquire(change: (model: Model) => Model = (model) => model): Promise<ModelLease> {
      loading ??= load();
      return { model: change((await loading).model), release: () => undefined };
    },
    doClose: async () => (await loading)?.doUnload(),
  };
}

/** One form of what was taught, or the large model: its name to the cache, and how it is asked. */
interface Form {
  readonly id: string;
  readonly process: ReturnType<typeof opened>;
  readonly change: (model: Model) => Model;
  readonly requestOf: Contender['requestOf'];
}

async function askAll(
  model: Model,
  rows: readonly TaskRow[],
  requestOf: (row: TaskRow) => Parameters<Model['doChat']>[0],
): Promise<Judged[]> {
  const judged: Judged[] = [];
  cache.take();
  for (const [index, row] of rows.entries()) {
    let text = '';
    for await (const event of model.doChat(requestOf(row), { signal: NEVER }))
      if (event.type === 'text') text += event.text;
    const [used] = cache.take().used;
    judged.push(judge(text, row.answer, used?.cpuSeconds ?? Number.NaN));
    if (index % 50 === 49)
      process.stdout.write(`${model.id}: ${index + 1} of ${rows.length} rows\n`);
  }
  return judged;
}

async function askForm(form: Form, rows: readonly TaskRow[]): Promise<Judged[]> {
  const model = cache.modelOf(form.id, () => form.process.doAcquire(form.change));
  return askAll(model, rows, form.requestOf);
}

/** The large model, the adapter beside its base, and both merged. */
async function formsOf(task: LoraTask) {
  const base = { id: SMALL, path: pathOf(SMALL), sha256: weightsOf(catalogue.get(SMALL)).sha256 };
  const adapter = await taughtAdapter(task, { folder: FOLDER, base, seed: SEED, python: PYTHON });
  const same = (model: Model) => model;
  const small: Form = {
    id: `${SMALL}+${adapter.hash.slice(0, 12)}`,
    process: opened(SMALL),
    change: (loaded) => loaded.adapted?.(adapter) ?? loaded,
    requestOf: task.bare,
  };
  const merged: Record<string, Form & { readonly bytes: number }> = {};
  for (const format of MERGED) {
    const { path, sha256, bytes } = await mergedModel(adapter, base, format);
    const id = `${SMALL} merged ${sha256.slice(0, 12)}`;
    const process = opened(SMALL, path);
    merged[format] = { id, process, bytes, change: same, requestOf: task.bare };
  }
  const large: Form | undefined = task.shown && {
    id: LARGE,
    process: opened(LARGE),
    change: same,
    requestOf: task.shown,
  };
  return { adapter, small, merged, large };
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

async function measure(task: LoraTask) {
  const { adapter, small, merged, large } = await formsOf(task);
  const { taughtRows, steps, settings, seed, bytes } = adapter;
  const other = large && (await askForm(large, task.test));
  const figuresBeside = (judged: readonly Judged[]) => ({
    ...figuresOf(judged, SEED),
    ...(other && besides(judged, other, SEED)),
  });
  const judged = await askForm(small, task.test);
  const ofMerged: Record<string, unknown> = {};
  for (const [format, form] of Object.entries(merged)) {
    const own = await askForm(form, task.test);
    const { right, interval, byNumber, pairsF1, difference, differenceByNumber } = {
      difference: undefined,
      differenceByNumber: undefined,
      ...figuresBeside(own),
    };
    const { difference: besideAdapter } = besides(own, judged, SEED);
    const figures = { right, interval, byNumber, pairsF1, difference, differenceByNumber };
    ofMerged[format] = { ...figures, besideAdapter, megabytes: megabytes(form.bytes) };
  }
  const forms = { adapter: small, ...merged, ...(large && { generalist: large }) };
  const cost = large && (await costOf(forms, task.test));
  await Promise.all(Object.values(forms).map((form) => form.process.doClose()));
  return {
    rows: judged.length,
    specialist: {
      ...figuresOf(judged, SEED),
      megabytes: megabytes(bytes),
      taught: { rows: taughtRows, steps, settings, seed },
    },
    merged: ofMerged,
    ...(other && { generalist: figuresOf(other, SEED), ...besides(judged, other, SEED) }),
    ...(cost && { cost }),
  };
}

/** CPU seconds of a row of each form in this run, and shares of the generalist's. */
async function costOf(forms: Readonly<Record<string, Form>>, rows: readonly TaskRow[]) {
  const contenders: Contender[] = [];
  for (const [name, { process, change, requestOf }] of Object.entries(forms))
    contenders.push({ name, model: (await process.doAcquire(change)).model, requestOf });
  const seconds = await cpuSecondsOfEach(contenders, rows.slice(0, COST_ROWS));
  const whole = seconds['generalist'] ?? Number.NaN;
  const shares = Object.entries(seconds).map(([name, own]) => [
    name,
    Math.round((1000 * own) / whole) / 1000,
  ]);
  return { rows: COST_ROWS - 1, seconds, shareOfCpu: Object.fromEntries(shares) };
}

const metrics: Record<string, unknown> = {};
const named = process.argv.slice(2).filter((one) => !one.startsWith('-'));
for (const task of loraTasks(SEED).filter(({ name }) => named.length === 0 || named.includes(name)))
  metrics[task.name] = await measure(task);
printResult('farm-lora', SEED, metrics);
