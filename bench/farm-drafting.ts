/**
 * Does a draft pay: tokens that a smaller model of the same vocabulary, or the prompt itself, proposes
 * and the larger model checks several at a time?
 *
 * The 1.5B answers the same prompts four ways, greedily, in an order that changes from prompt to
 * prompt: plain, with the 0.5B as the drafter, and with what follows the last token, or the last three,
 * where they stand in the prompt ("prompt lookup", Saxena 2023). Four kinds of prompts: sentences to answer from, code to
 * rewrite, fields to copy into JSON, and questions without any source. A ratio is CPU of the whole
 * process per token (or time on the clock), plain ÷ drafted: above 1 it pays. Reading the prompt is
 * left out for the 1.5B and counts for the drafter, who would not have read it otherwise.
 *
 * Rows are kept in CADRE_HOME, so that a run that was stopped goes on.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  DraftSequenceTokenPredictor,
  getLlama,
  InputLookupTokenPredictor,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { bootstrapMean } from '../src/base/statistics.ts';
import { CODER_LARGE, CODER_SMALL, findModel } from '../test/needs-models/model-paths.ts';
import { type DraftingKind, type DraftingPrompt, draftingPrompts } from './lib/drafting-prompts.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const ROWS = Number(process.env['CADRE_BENCH_ROWS'] ?? 8);
const THREADS = Number(process.env['CADRE_BENCH_THREADS'] ?? 1);
const MOST_TOKENS = 96;
const CONTEXT_TOKENS = 2048;
const DRAFT_TOKENS = 4;
/** Tokens that one step reads, to show what checking a draft of that length costs. */
const STEP_LENGTHS = [1, 2, 3, 4, 8, 16];
const STEP_ROUNDS = 6;

const ARMS = ['plain', 'lookup', 'lookup of three', 'draft'] as const;
type Arm = (typeof ARMS)[number];

interface Cost {
  readonly text: string;
  readonly tokens: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Drafted tokens that were right, and all that were checked. */
  readonly accepted: number;
  readonly checked: number;
}

interface Row {
  readonly key: string;
  readonly kind: DraftingKind;
  readonly arms: Readonly<Record<Arm, Cost>>;
}

async function openBench() {
  const [large, small] = [findModel(CODER_LARGE), findModel(CODER_SMALL)];
  if (large === undefined || small === undefined) process.exit(1);
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: THREADS,
  });
  const load = (modelPath: string) => llama.loadModel({ modelPath, gpuLayers: 0, useMmap: false });
  const [model, drafter] = [await load(large), await load(small)];
  requireSameWords(model, drafter);
  const options = { contextSize: CONTEXT_TOKENS, threads: { ideal: THREADS, min: 1 } };
  const context = await model.createContext({ ...options, sequences: ARMS.length });
  const drafts = await drafter.createContext(options);
  const lookups: Partial<Record<Arm, InputLookupTokenPredictor>> = {
    lookup: new InputLookupTokenPredictor(),
    'lookup of three': new InputLookupTokenPredictor({
      patternLength: { min: 3 },
      predictionLength: { max: DRAFT_TOKENS },
    }),
  };
  const sequenceOf = (arm: Arm) => {
    const tokenPredictor = lookups[arm];
    return context.getSequence(tokenPredictor && { tokenPredictor });
  };
  const sequences: Record<Arm, LlamaContextSequence> = {
    plain: sequenceOf('plain'),
    lookup: sequenceOf('lookup'),
    'lookup of three': sequenceOf('lookup of three'),
    draft: context.getSequence({
      // Without a least number nothing is waited for, and a drafter on the same core is never ready.
      tokenPredictor: new DraftSequenceTokenPredictor(drafts.getSequence(), {
        minTokens: DRAFT_TOKENS,
        maxTokens: DRAFT_TOKENS,
      }),
    }),
  };
  return { model, sequences, lookups };
}

/** A draft is token numbers: they must stand for the same text in both. */
function requireSameWords(model: LlamaModel, drafter: LlamaModel): void {
  const hash = ({ fileInfo }: LlamaModel) => {
    const { tokens } = fileInfo.metadata.tokenizer.ggml;
    return createHash('sha256').update(JSON.stringify(tokens)).digest('hex');
  };
  if (hash(model) !== hash(drafter)) throw new Error('the two models have other vocabularies');
}

type Bench = Awaited<ReturnType<typeof openBench>>;

async function write(
  { model, sequences, lookups }: Bench,
  arm: Arm,
  prompt: string,
): Promise<Cost> {
  const sequence = sequences[arm];
  const tokens = model.tokenize(prompt, true);
  await sequence.clearHistory();
  lookups[arm]?.updateInputTokens(tokens);
  // What is read before the clock starts is the same in all three.
  await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1));
  const before = sequence.tokenPredictions;
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const written: Token[] = [];
  for await (const token of sequence.evaluate(tokens.slice(-1), { temperature: 0 })) {
    written.push(token);
    if (written.length >= MOST_TOKENS) break;
  }
  const wallMs = performance.now() - wall;
  const spent = process.cpuUsage(cpu);
  const after = sequence.tokenPredictions;
  const accepted = after.validated - before.validated;
  return {
    text: model.detokenize(written),
    tokens: written.length,
    wallMs: Math.round(wallMs),
    cpuMs: Math.round((spent.user + spent.system) / 1000),
    accepted,
    checked: accepted + after.refuted - before.refuted,
  };
}

/** CPU milliseconds of a step that reads so many tokens at once after 256 others. */
async function stepCosts({ model, sequences }: Bench): Promise<Record<string, number>> {
  const sequence = sequences.plain;
  const words = model.tokenize('the house by the sea and the road '.repeat(64));
  const costs: Record<string, number> = {};
  for (const length of STEP_LENGTHS) {
    await sequence.clearHistory();
    await sequence.evaluateWithoutGeneratingNewTokens(words.slice(0, 256));
    const start = process.cpuUsage();
    for (let round = 0; round < STEP_ROUNDS; round += 1)
      await sequence.evaluateWithoutGeneratingNewTokens(words.slice(0, length));
    const { user, system } = process.cpuUsage(start);
    costs[length] = Math.round((user + system) / 1000 / STEP_ROUNDS);
  }
  return costs;
}

function kept(file: string): Map<string, Row> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const rows = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Row);
  return new Map(rows.map((row) => [row.key, row]));
}

async function measure(bench: Bench, prompt: DraftingPrompt, turn: number) {
  const arms: Partial<Record<Arm, Cost>> = {};
  for (let place = 0; place < ARMS.length; place += 1) {
    const arm = ARMS[(place + turn) % ARMS.length] ?? 'plain';
    arms[arm] = await write(bench, arm, prompt.text);
  }
  return arms as Record<Arm, Cost>;
}

/** Geometric mean of plain ÷ drafted with its bootstrap interval. */
function ratio(rows: readonly Row[], arm: Arm, cost: 'cpuMs' | 'wallMs') {
  const logs = rows.map(({ arms }) =>
    Math.log(arms.plain[cost] / arms.plain.tokens / (arms[arm][cost] / arms[arm].tokens)),
  );
  const { value, low, high } = bootstrapMean(logs, { seed: SEED });
  const rounded = (log: number) => Number(Math.exp(log).toFixed(2));
  return { ratio: rounded(value), interval: [rounded(low), rounded(high)] };
}

function report(rows: readonly Row[]) {
  const sum = (arm: Arm, what: 'tokens' | 'wallMs' | 'cpuMs' | 'accepted' | 'checked') =>
    rows.reduce((total, row) => total + row.arms[arm][what], 0);
  const speed = (arm: Arm) => Number(((1000 * sum(arm, 'tokens')) / sum(arm, 'wallMs')).toFixed(1));
  const drafted = (arm: Arm) => ({
    cpu: ratio(rows, arm, 'cpuMs'),
    wall: ratio(rows, arm, 'wallMs'),
    tokensPerSecond: speed(arm),
    accepted: sum(arm, 'accepted'),
    checked: sum(arm, 'checked'),
    equalAnswers: rows.filter(({ arms }) => arms[arm].text === arms.plain.text).length,
  });
  return {
    prompts: rows.length,
    plain: {
      tokensPerSecond: speed('plain'),
      cpuMsPerToken: Math.round(sum('plain', 'cpuMs') / sum('plain', 'tokens')),
    },
    lookup: drafted('lookup'),
    'lookup of three': drafted('lookup of three'),
    draft: drafted('draft'),
  };
}

const folder = join(process.env['CADRE_HOME'] ?? join(homedir(), '.cadre'), 'bench');
mkdirSync(folder, { recursive: true });
const file = join(folder, `drafting-${THREADS}.jsonl`);
const known = kept(file);
const bench = await openBench();
const rows: Row[] = [];
for (const [turn, prompt] of draftingPrompts(ROWS, SEED).entries()) {
  const key = createHash('sha256').update(`${ARMS.join()}\0${prompt.text}`).digest('hex');
  let row = known.get(key);
  if (row === undefined) {
    row = { key, kind: prompt.kind, arms: await measure(bench, prompt, turn) };
    appendFileSync(file, `${JSON.stringify(row)}\n`);
  }
  rows.push(row);
  const costs = Object.entries(row.arms).map(
    ([arm, { cpuMs, tokens }]) => `${arm} ${(cpuMs / tokens).toFixed(0)}`,
  );
  process.stdout.write(`${row.kind}, CPU ms per token: ${costs.join(', ')}\n`);
}
const kinds = [...new Set(rows.map((row) => row.kind))];
printResult('farm-drafting', SEED, {
  threads: THREADS,
  all: report(rows),
  ...Object.fromEntries(
    kinds.map((kind) => [kind, report(rows.filter((row) => row.kind === kind))]),
  ),
  cpuMsPerStep: await stepCosts(bench),
});
process.exit(0);
