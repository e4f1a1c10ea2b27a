/**
 * What do one hub model, 200 LoRA adapters over it and 500 micro-models take when all of them are
 * live in one farm, what does it cost to change an adapter, and is any of 10,000 mixed requests lost?
 *
 * The product runs as `cadre up` in a process of its own and is asked over HTTP. Adapters have the
 * shape of those that `trainers/lora` makes (rank 16 on all matrices of a block, half precision) and
 * random weights; heads have random int8 weights. So this is about memory, time and scheduling; what
 * such models know is measured elsewhere. Beside it, in the same run: a process per adapter, as a
 * swapping proxy loads them, and merged copies of the model.
 *
 * Memory is the proportional set size of all processes of the farm (Linux), so that what they share
 * counts once. `--requests N` (10,000) and `--adapters N` (200) make it shorter.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { classifyText } from '../src/base/micro-model.ts';
import { scoreDense } from '../src/base/mixture.ts';
import { seededRandom } from '../src/base/random.ts';
import { EMBEDDER } from '../src/compose/models.ts';
import type { AdapterFile } from '../src/core/adapter.ts';
import type { FarmStatus } from '../src/core/farm.ts';
import { findModel, SMOLLM2 } from '../test/needs-models/model-paths.ts';
import { randomHead } from './lib/fleet-heads.ts';
import { type FleetHome, makeFleetHome } from './lib/fleet-home.ts';
import { mixOf, outcomesOf, send, startFarm } from './lib/fleet-mix.ts';
import { measureReload, measureSwitch, median } from './lib/fleet-switch.ts';
import { cpuOfTree, sharedMemoryOfTree } from './lib/process-cost.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const MODEL = 'smollm2-135m-instruct-q4_1';
const HEADS = 500;
const AT_ONCE = 8;
const ADAPTER_SHARE = 0.1;
const SWITCHES = 400;
const RELOADS = 10;
const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    adapters: { type: 'string', default: '200' },
  },
});
const megabytes = (bytes: number) => Math.round(bytes / 1e6);

/** One text through all heads: their scores from one vector, and their whole verdicts. */
function measureHeads() {
  const heads = Array.from({ length: HEADS }, (_, seed) => randomHead(seed, EMBEDDER));
  const random = seededRandom(SEED);
  const rounds = Array.from({ length: 50 }, () => {
    const vector = Float32Array.from({ length: 384 }, () => (random() - 0.5) / 10);
    const [start] = [process.cpuUsage()];
    for (const { embedding } of heads) if (embedding) scoreDense(embedding.head, vector);
    const scores = process.cpuUsage(start);
    const middle = process.cpuUsage();
    for (const head of heads) classifyText(head, 'Where is my card? It should be here.', vector);
    const verdicts = process.cpuUsage(middle);
    return [scores, verdicts].map(({ user, system }) => (user + system) / 1000);
  }).slice(10);
  const at = (place: number) => Number(median(rounds.map((one) => one[place] ?? 0)).toFixed(1));
  return { count: HEADS, scoresMsCpu: at(0), verdictsMsCpu: at(1) };
}

async function measureFarm(home: FleetHome) {
  const farm = await startFarm(home.path);
  const memory = () => megabytes(sharedMemoryOfTree(farm.pid));
  const counted = async () => {
    const status = (await (await fetch(`${farm.url}/cadre/v1/status`)).json()) as FarmStatus;
    return megabytes(status.memoryUsed);
  };
  try {
    const started = memory();
    const all = [...home.adapters, ...home.heads];
    const first = all.map((model) => ({
      model,
      kind: model.startsWith('head') ? ('head' as const) : ('adapter' as const),
      text: 'Where is my card?',
      maxTokens: 1,
    }));
    const once = outcomesOf(await send(farm.url, first, AT_ONCE));
    // The process tells of its memory once a second.
    await new Promise((done) => setTimeout(done, 2000));
    const live = { measured: memory(), countedByFleet: await counted() };
    const total = Number(flags.requests);
    const adapters = Math.round(ADAPTER_SHARE * total);
    const orders = mixOf(home, { heads: total - adapters, adapters }, SEED);
    let most = live.measured;
    const watch = setInterval(() => {
      most = Math.max(most, memory());
    }, 2000);
    const [startedAt, cpu] = [performance.now(), cpuOfTree(farm.pid)];
    const mixed = outcomesOf(await send(farm.url, orders, AT_ONCE));
    clearInterval(watch);
    return {
      memoryMegabytes: { started, live: live.measured, most, countedByFleet: live.countedByFleet },
      once,
      mixed: {
        ...mixed,
        seconds: Math.round((performance.now() - startedAt) / 1000),
        cpuSeconds: Math.round((cpuOfTree(farm.pid) - cpu) / 1e6),
      },
    };
  } finally {
    await farm.kill('SIGTERM');
  }
}

function adapterFiles(home: FleetHome, count: number): AdapterFile[] {
  return home.adapters.slice(0, count).map((name) => {
    const path = join(home.path, 'lora', `${name}.gguf`);
    const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
    return { path, hash, bytes: statSync(path).size };
  });
}

const path = findModel(SMOLLM2);
if (path === undefined) throw new Error(`${SMOLLM2.name} is not installed: cadre pull`);
const heads = measureHeads();
process.stderr.write(`${HEADS} heads: ${heads.scoresMsCpu} ms\n`);
const home = await makeFleetHome(
  { id: MODEL, path },
  { adapters: Number(flags.adapters), heads: HEADS },
);
try {
  const files = adapterFiles(home, RELOADS);
  const switches = { rounds: SWITCHES, seed: SEED };
  const switchMs = await measureSwitch(path, files, { ...switches, isLoading: false });
  const loadedSwitchMs = await measureSwitch(path, files, { ...switches, isLoading: true });
  process.stderr.write(`changing an adapter: ${switchMs.median}, ${loadedSwitchMs.median} ms\n`);
  const reload = await measureReload(path, files, SEED);
  const farm = await measureFarm(home);
  const count = home.adapters.length;
  const modelBytes = statSync(path).size;
  printResult('farm-fleet', SEED, {
    adapters: { count, megabytesEach: Number(((files[0]?.bytes ?? 0) / 1e6).toFixed(1)) },
    heads,
    switchMs,
    loadedSwitchMs,
    ...farm,
    baselines: {
      reloadPerAdapter: reload,
      processPerAdapterMegabytes: reload.megabytes * count,
      mergedCopiesMegabytesOnDisk: megabytes(modelBytes * count),
    },
  });
} finally {
  home.remove();
}
