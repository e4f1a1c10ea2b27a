import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createClassifier } from '../../src/adapters/models/classifier-process.ts';
import { lockHome } from '../../src/adapters/stores/home-lock.ts';
import { composeHouse } from '../../src/compose/house.ts';
import { composeModels } from '../../src/compose/models.ts';
import { parseConfig, type SpokeConfig } from '../../src/core/config.ts';
import type { RouteDecision } from '../../src/core/decision.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';
import { mergeSpokes, STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import type { AnswerCache, KeptAnswer } from './answer-cache.ts';
import { childrenCpu } from './answer-cache.ts';
import { benchHouse } from './bench-house.ts';
import { benchEmbedder } from './embedder.ts';
import type { LabelSet } from './live-labels.ts';
import { callOf, DAY_MS, requestOf, untilReady } from './live-request.ts';
import type { LiveRow } from './live-row.ts';

const CONTEXT = 4096;
/**
 * Conversations that each model keeps (the product's default is 2): enough for the beginnings that
 * return in this mix, the lists of intents and the spokes' prompts, so that nobody reads them anew.
 */
const SLOTS = 8;

/**
 * P(right) that `auto` looks for, set on the rows of `--fit`: the least at which the farm gives up
 * next to nothing of what its largest model gets right there. Below it `reader` and `extract`, the smaller
 * model, are asked and lose 2 of 11 and 2.7 of 14.7 of that; `reader-large` loses nothing and
 * `extract-large` .25.
 */
export const FIT_PROMISE = 0.8;

/** What the farm did with a row. */
export interface FarmAnswer {
  readonly text: string;
  readonly abstained: boolean;
  /** The spoke that the gate chose, and those that were asked after it. */
  readonly asked: readonly string[];
  readonly decision: RouteDecision | undefined;
  /** Model answers that went into it, refused ones included. */
  readonly models: readonly KeptAnswer[];
  /** CPU seconds of everything but language models: gate, checks, micro-models, embedder. */
  readonly houseSeconds: number;
}

export interface LiveFarm {
  /** What one model answers under a spoke's prompt, with nothing around it. */
  alone(spoke: string, row: LiveRow): Promise<KeptAnswer>;
  /** Whether that answer is kept already. */
  hasAnswered(spoke: string, row: LiveRow): boolean;
  ask(row: LiveRow): Promise<FarmAnswer>;
  decide(row: LiveRow): Promise<RouteDecision>;
  readonly spokes: readonly SpokeConfig[];
  close(): Promise<void>;
}

/** The three models under one and the same prompt, and who knows the labels. */
function spokesOf(sets: readonly LabelSet[], folder: string): object[] {
  const general = STARTER_SPOKES.find((one) => one.id === 'general');
  const quick = STARTER_SPOKES.find((one) => one.id === 'quick');
  const extract = STARTER_SPOKES.find((one) => one.id === 'extract');
  if (!general || !quick || !extract) throw new Error('the starter farm has other spokes');
  const plain = { system: general.system, sampling: { temperature: 0 }, fallback: ['general'] };
  return [
    { ...plain, id: 'small', model: quick.model, description: 'The smallest model, any task.' },
    { ...plain, id: 'middle', model: extract.model, description: 'The middle model, any task.' },
    ...sets.map((set) => ({
      id: set.name,
      model: 'bge-small-en-v1.5-q',
      kind: 'classifier',
      examples: join(folder, 'examples', set.name),
      tasks: ['classify'],
      fallback: ['general'],
    })),
  ];
}

/** The home of the benchmark and the file of its answers, beside the home whose models it uses. */
export function liveFolders(): { readonly home: string; readonly answers: string } {
  const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const home = process.env['CADRE_BENCH_HOME'] || join(owner, 'bench', 'gate-live');
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, 'models'))) symlinkSync(join(owner, 'models'), join(home, 'models'));
  return { home, answers: join(owner, 'bench', 'gate-live.answers.jsonl') };
}

/** Trains the micro-models on their train rows, embedding head included; kept in the home. */
export async function trainMicroModels(sets: readonly LabelSet[], home: string): Promise<void> {
  const embedder = benchEmbedder(1);
  for (const set of sets) {
    const folder = join(home, 'examples', set.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'train.jsonl'),
      set.train.map(({ text, label }) => `${JSON.stringify({ text, label })}\n`).join(''),
    );
    const classifier = createClassifier({
      id: set.name,
      examplesFolder: folder,
      modelFile: join(home, 'classifiers', `${set.name}.bin`),
      ...(embedder === undefined ? {} : { embedder }),
    });
    await classifier.doImprove({ signal: AbortSignal.timeout(DAY_MS) });
    process.stderr.write(`${set.name}: ${classifier.state.features ?? 'not trained'}\n`);
    await classifier.doClose();
  }
  await embedder?.doClose();
}

/** The product on a home of its own; its models answer from the cache what was asked before. */
export async function openLiveFarm(
  sets: readonly LabelSet[],
  home: string,
  cache: AnswerCache,
  promise = FIT_PROMISE,
): Promise<LiveFarm> {
  const lock = lockHome(home);
  const config = parseConfig({
    spokes: spokesOf(sets, home),
    fleet: {
      memoryBudget: 8e9,
      threads: 1,
      slots: SLOTS,
      contextTokens: CONTEXT,
      starter: false,
      offline: true,
      stallSeconds: 3600,
    },
    limits: { requestSeconds: 86_400 },
    gate: { promise },
  });
  let models: Awaited<ReturnType<typeof composeModels>> | undefined;
  const house = await composeHouse({
    ...benchHouse(config, home),
    openModels: async (options) => {
      const real = await composeModels(options);
      models = real;
      return keptModels(real, cache);
    },
  });
  await untilReady(house.farm, sets);
  const spokes = mergeSpokes(STARTER_SPOKES, config.spokes);
  const named = (id: string) => {
    const spoke = spokes.find((one) => one.id === id);
    if (spoke === undefined) throw new Error(`no spoke ${id}`);
    return spoke;
  };
  const builtFor = (spoke: SpokeConfig, row: LiveRow) =>
    buildModelRequest(spoke, requestOf(row, spoke.id), { contextLength: CONTEXT });
  return {
    spokes,
    hasAnswered: (id, row) => cache.has(named(id).model, builtFor(named(id), row)),
    async alone(id, row) {
      const spoke = named(id);
      const request = builtFor(spoke, row);
      const real = models;
      if (real === undefined) throw new Error('the farm has no models');
      const model = cache.modelOf(spoke.model, (signal) =>
        real.acquire(spoke.model, { signal, onProgress: () => undefined }),
      );
      cache.take();
      for await (const _ of model.doChat(request, { signal: AbortSignal.timeout(DAY_MS) }));
      const [answer] = cache.take().used;
      if (answer === undefined) throw new Error(`${id} gave no answer to ${row.id}`);
      return answer;
    },
    decide: (row) => house.farm.decide(callOf(row)),
    ask: (row) => askFarm(house.farm, cache, row),
    async close() {
      await house.close();
      lock.release();
    },
  };
}

async function askFarm(
  farm: Awaited<ReturnType<typeof composeHouse>>['farm'],
  cache: AnswerCache,
  row: LiveRow,
): Promise<FarmAnswer> {
  let text = '';
  let abstained = false;
  let decision: RouteDecision | undefined;
  const asked: string[] = [];
  cache.take();
  const before = totalCpu();
  for await (const event of farm.ask(callOf(row), AbortSignal.timeout(DAY_MS))) {
    if (event.type === 'text-delta') text += event.text;
    if (event.type === 'answer-abstained') abstained = true;
    if (event.type === 'route-decided') {
      decision = event.decision;
      asked.push(decision.spoke);
    }
    if (event.type === 'route-escalated') asked.push(event.to);
    if (event.type === 'request-failed') throw new Error(`${row.id}: ${event.message}`);
  }
  const { used, spent } = cache.take();
  const houseSeconds = Math.max(0, totalCpu() - before - spent);
  return { text, abstained, decision, asked, models: used, houseSeconds };
}

function totalCpu(): number {
  const own = process.cpuUsage();
  return childrenCpu() + (own.user + own.system) / 1e6;
}

/** The models as they stand in a farm that has been running for a while: all loaded, at usual speeds. */
function keptModels(
  models: Awaited<ReturnType<typeof composeModels>>,
  cache: AnswerCache,
): Awaited<ReturnType<typeof composeModels>> {
  return {
    ...models,
    statusOf(id) {
      const status = models.statusOf(id);
      if (status === undefined || !['installed', 'loading', 'resident'].includes(status.state))
        return status;
      const { promptTokensPerSecond: _, generatedTokensPerSecond: __, ...rest } = status;
      return { ...rest, state: 'resident', memoryBytes: status.fileBytes };
    },
    acquire: async (id) => ({
      model: cache.modelOf(id, (signal) =>
        models.acquire(id, { signal, onProgress: () => undefined }),
      ),
      release: () => undefined,
    }),
    // Speeds of a busy machine would make each run choose otherwise.
    recordSpeed: () => undefined,
  };
}
