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
import { besides, figuresOf, type Judged, judge } from './lib/lora-figures.ts';
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

const pathOf = (id: string) => modelFilePath(join(HOME, 'models'), weightsOf(catalogue.get(id)));

/** A model in a process of its own; loaded at the first question that is not kept. */
function opened(id: string) {
  const loader = createLlamaLoader({
    threads: 1,
    slots: 1,
    contextTokens: 2048,
    batchTokens: 256,
    stallSeconds: 300,
    adapters: { contexts: 1, bytes: 200e6 },
    locate: () => ({ path: pathOf(id) }),
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
    async doAcquire(change: (model: Model) => Model): Promise<ModelLease> {
      loading ??= load();
      return { model: change((await loading).model), release: () => undefined };
    },
    doClose: async () => (await loading)?.doUnload(),
  };
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

async function askSpecialist(task: LoraTask) {
  const base = { id: SMALL, path: pathOf(SMALL), sha256: weightsOf(catalogue.get(SMALL)).sha256 };
  const adapter = await taughtAdapter(task, { folder: FOLDER, base, seed: SEED, python: PYTHON });
  const small = opened(SMALL);
  const model = cache.modelOf(`${SMALL}+${adapter.hash.slice(0, 12)}`, () =>
    small.doAcquire((loaded) => loaded.adapted?.(adapter) ?? loaded),
  );
  const judged = await askAll(model, task.test, task.bare);
  await small.doClose();
  const { taughtRows, steps, settings, seed, bytes } = adapter;
  return { judged, taught: { rows: taughtRows, steps, settings, seed }, bytes };
}

async function askGeneralist({ test, shown }: LoraTask): Promise<Judged[] | undefined> {
  if (shown === undefined) return undefined;
  const large = opened(LARGE);
  const model = cache.modelOf(LARGE, () => large.doAcquire((loaded) => loaded));
  const judged = await askAll(model, test, shown);
  await large.doClose();
  return judged;
}

async function measure(task: LoraTask) {
  const other = await askGeneralist(task);
  const { judged, taught, bytes } = await askSpecialist(task);
  const megabytes = Math.round(bytes / 1e5) / 10;
  return {
    rows: judged.length,
    specialist: { ...figuresOf(judged, SEED), megabytes, taught },
    ...(other && { generalist: figuresOf(other, SEED), ...besides(judged, other, SEED) }),
  };
}

const metrics: Record<string, unknown> = {};
const named = process.argv.slice(2).filter((one) => !one.startsWith('-'));
for (const task of loraTasks(SEED).filter(({ name }) => named.length === 0 || named.includes(name)))
  metrics[task.name] = await measure(task);
printResult('farm-lora', SEED, metrics);
