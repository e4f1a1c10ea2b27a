import { readFileSync } from 'node:fs';
import type { ModelStatus } from '../core/catalogue.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import { formatBytes } from '../core/format-bytes.ts';
import type { Receipt } from '../core/receipt.ts';
import { simulation } from '../main.ts';
import { byteFlag } from './byte-flag.ts';
import {
  type Command,
  type CommandInput,
  numberFlag,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { formatTable, print, printJson, safeLine } from './terminal.ts';

type PolicyName = (typeof simulation.policyNames)[number];
type PolicyResult = ReturnType<typeof simulation.comparePolicies>[number];
type TraceKind = (typeof simulation.traceKinds)[number];
type Trace = ReturnType<typeof simulation.readTrace>;

const USUAL_BUDGET = 2_600_000_000;
const RECEIPTS_PER_PAGE = 500;
const MOST_RECEIPTS = 20_000;

export const simCommand: Command = {
  name: 'sim',
  summary:
    'replay a trace of requests: what other rules would have loaded, and how long who waited',
  usage: '--generate KIND | --trace FILE | --record FILE',
  mostWords: 0,
  example: 'cadre sim --generate daily --budget 2.6GB',
  flags: {
    generate: {
      type: 'string',
      value: simulation.traceKinds.join('|'),
      description: 'makes a trace by chance, for a farm of twelve models',
    },
    trace: { type: 'string', value: 'FILE', description: 'replays a trace of JSON lines' },
    record: {
      type: 'string',
      value: 'FILE',
      description: 'writes what this farm was asked so far as a trace, by its receipts',
    },
    policy: {
      type: 'string',
      value: 'NAME,…',
      description: `of ${simulation.policyNames.join(', ')} (default all)`,
    },
    budget: { type: 'string', value: 'SIZE', description: 'memory of all models (default 2.6GB)' },
    slots: { type: 'string', value: 'N', description: 'requests side by side (default 2)' },
    queue: { type: 'string', value: 'N', description: 'longest line of a model (default 64)' },
    bound: { type: 'string', value: 'SECONDS', description: 'a longer wait starves (default 60)' },
    patience: {
      type: 'string',
      value: 'SECONDS',
      description: 'fleet.patienceSeconds of ours (default 5)',
    },
    seed: { type: 'string', value: 'N', description: 'generate: of chance (default 1)' },
    requests: { type: 'string', value: 'N', description: 'generate: how many (default 1000)' },
    rate: { type: 'string', value: 'N', description: 'generate: per second (default 0.4)' },
  },
  run: (input) => {
    const record = textFlag(input, 'record');
    return record === undefined ? replay(input) : recordFarm(input, record);
  },
};

async function replay(input: CommandInput): Promise<number> {
  const trace = traceOf(input);
  const budget = byteFlag(input, 'budget') ?? USUAL_BUDGET;
  requireFit(trace, budget);
  const whole = { least: 1, whole: true } as const;
  const results = simulation.comparePolicies(trace, {
    policies: policiesOf(input),
    budget,
    slots: numberFlag(input, 'slots', { ...whole, most: 64 }) ?? 2,
    queueLength: numberFlag(input, 'queue', whole) ?? 64,
    patienceMs: 1000 * (numberFlag(input, 'patience', { least: 0.5, most: 300 }) ?? 5),
    boundMs: 1000 * (numberFlag(input, 'bound', { least: 0 }) ?? 60),
  });
  const { models, requests } = trace;
  if (input.json) printJson({ requests: requests.length, models: models.length, budget, results });
  else {
    const seconds = (requests.at(-1)?.at ?? 0) / 1000;
    print(
      `${requests.length} requests in ${seconds.toFixed(0)} s for ${models.length} models, ${formatBytes(budget)}`,
    );
    for (const line of formatTable(tableOf(results))) print(line);
    for (const line of savedLines(results)) print(line);
  }
  return 0;
}

function traceOf(input: CommandInput): Trace {
  const file = textFlag(input, 'trace');
  const kind = textFlag(input, 'generate');
  if ((file === undefined) === (kind === undefined))
    throw new UsageError('give one of --generate KIND, --trace FILE and --record FILE');
  if (file !== undefined) return simulation.readTrace(readText(file), file);
  if (!simulation.traceKinds.includes(kind as TraceKind))
    throw new UsageError(
      `--generate needs one of ${simulation.traceKinds.join(', ')}, not “${kind}”`,
    );
  const whole = { least: 1, whole: true } as const;
  return simulation.generateTrace({
    kind: kind as TraceKind,
    seed: numberFlag(input, 'seed', { least: 0, whole: true }) ?? 1,
    models: simulation.exampleFarm,
    requests: numberFlag(input, 'requests', { ...whole, most: 100_000 }) ?? 1000,
    rate: numberFlag(input, 'rate', { least: 0.0001, most: 10_000 }) ?? 0.4,
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileTrouble(error, file) ?? error;
  }
}

/** Throws UsageError where a model would never fit, whatever else leaves. */
function requireFit({ models }: Trace, budget: number): void {
  const large = models.filter((model) => model.bytes > budget);
  if (large.length === 0) return;
  const names = large.map(({ id, bytes }) => `${id} (${formatBytes(bytes)})`).join(', ');
  throw new UsageError(
    `${names} cannot be loaded in ${formatBytes(budget)}: give --budget more, or leave ${large.length === 1 ? 'its' : 'their'} lines out of the trace`,
  );
}

function policiesOf(input: CommandInput): readonly PolicyName[] {
  const names = textFlag(input, 'policy')?.split(',') ?? [...simulation.policyNames];
  for (const name of names)
    if (!simulation.policyNames.includes(name as PolicyName))
      throw new UsageError(`--policy knows ${simulation.policyNames.join(', ')}, not “${name}”`);
  return names as PolicyName[];
}

function tableOf(results: readonly PolicyResult[]): string[][] {
  const head = ['rule', 'loads', 'loading', 'wait p50', 'p95', 'longest', 'starved', 'refused'];
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const rows = results.map(({ policy, modelCount, wait, ...one }) => [
    modelCount === undefined ? policy : `${policy} (${modelCount} models)`,
    String(one.loads),
    `${one.loadSeconds.toFixed(0)} s`,
    seconds(wait.p50),
    seconds(wait.p95),
    seconds(wait.longest),
    String(one.starved),
    String(one.refused),
  ]);
  return [head, ...rows];
}

/** What ours loaded less, or more, than each other rule on the same requests. */
function savedLines(results: readonly PolicyResult[]): string[] {
  const ours = results.find(({ policy }) => policy === 'ours');
  if (ours === undefined) return [];
  return results
    .filter((one) => one !== ours && one.loads > 0)
    .map(({ policy, loads, loadSeconds }) => {
      const share = Math.round(100 * (1 - ours.loads / loads));
      const seconds = Math.round(loadSeconds - ours.loadSeconds);
      return `beside ${policy}: ${loads - ours.loads} loads saved (${share} %), ${seconds} s of loading`;
    });
}

/** `--record FILE`: the farm's own requests as a trace. */
async function recordFarm(input: CommandInput, out: string): Promise<number> {
  checkOutput('--record', out);
  return withFarm(input, async (client) => {
    const { signal } = input;
    const receipts = new Map<string, Receipt>();
    for (let last: Receipt | undefined, isMore = true; isMore; ) {
      const query = last === undefined ? '' : `&before=${last.at}&beforeId=${last.id}`;
      const path = `/cadre/v1/receipts?limit=${RECEIPTS_PER_PAGE}${query}`;
      const page = (await client.doGet(path, { signal })) as { receipts: Receipt[] };
      const known = receipts.size;
      for (const receipt of page.receipts) receipts.set(receipt.id, receipt);
      last = page.receipts.at(-1);
      isMore = receipts.size > known && receipts.size < MOST_RECEIPTS;
    }
    const { models } = (await client.doGet('/cadre/v1/models', { signal })) as {
      models: ModelStatus[];
    };
    const trace = simulation.recordTrace([...receipts.values()], models);
    if (trace.requests.length === 0)
      throw new UsageError(
        `none of the ${receipts.size} receipts is of a model in this farm’s own memory; ask it something first, or use --generate`,
      );
    writeOutput(
      out,
      simulation
        .traceLines(trace)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const { length: requests } = trace.requests;
    if (input.json) printJson({ out, requests, models: trace.models.length });
    else print(`${requests} requests for ${trace.models.length} models: ${safeLine(out)}`);
    return 0;
  });
}
