/**
 * The data plane under load with everything on: keys, policy, a budget with prices, gate, receipts,
 * metrics; beside a bare node:http + undici relay in the same run. One upstream answers at once.
 *
 *   CPU        per JSON request of 1 KB, and with a prompt of 64 KB ÷ a relay that sets the model's name;
 *              what 63 KB more cost the farm ÷ what they cost that relay
 *   latency    added to the relay's at 300 requests/s, and to its first streamed token
 *   memory     resident after a start of a home that was started before (the first one trains the
 *              small classifiers), under load, and its growth over requests and over cancelled streams
 *   start      from the command to listening, in a home without models; the first one apart
 *
 * `--requests N` (default 4,000) and `--cancels N` (default 400) set how long memory is watched; the
 * promise is for 1,000,000 and 20,000.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';
import { type ServerProcess, spawnServer } from './lib/server-process.ts';
import { measureStarts } from './lib/start-time.ts';

const SEED = 7;
const LANES = 4;
/** By then the code of the request path is compiled, as it is in a farm that runs. */
const WARM_UP = 12_000;
const LONG_WARM_UP = 1500;
const TRAINING_SECONDS = 60;
const ROUNDS = 5;
const PER_ROUND = 400;
const LONG_PER_ROUND = 200;
const RATE = 300;
const RATE_SECONDS = 4;
const FIRST_TOKENS = 150;

interface Target {
  readonly server: ServerProcess;
  readonly pool: Pool;
  readonly headers: Readonly<Record<string, string>>;
}

const farmConfig = (url: string) => ({
  fleet: { starter: false, offline: true },
  destinations: [
    {
      id: 'vendor',
      kind: 'openai',
      url: `${url}/v1`,
      clearance: 'secret',
      prices: { instant: { input: 0.1, output: 0.4 } },
    },
  ],
  spokes: [{ id: 'remote', model: 'vendor/instant' }],
});

function bodyOf(bytes: number, more: object): string {
  const body = (content: string) =>
    JSON.stringify({
      model: 'remote',
      messages: [
        { role: 'system', content: 'Answer in one sentence.' },
        { role: 'user', content },
      ],
      temperature: 0,
      max_tokens: 16,
      ...more,
    });
  const filler = 'What does the contract say about notice periods? '.repeat(bytes / 40);
  return body(filler.slice(0, bytes - body('').length));
}

const SHORT = bodyOf(1024, { stream: false });
const LONG = bodyOf(65_536, { stream: false });
const STREAM = bodyOf(1024, { stream: true });
const ENDLESS = bodyOf(1024, { stream: true, max_tokens: 512 });

async function ask({ pool, headers }: Target, body: string): Promise<void> {
  const answer = await pool.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200 || !text.includes('"finish_reason":"stop"'))
    throw new Error(`status ${answer.statusCode}: ${text.slice(-300)}`);
}

/** Milliseconds to the first byte of a stream that goes on; it is left there when `leaves`. */
async function firstByte({ pool, headers }: Target, body: string, leaves = false): Promise<number> {
  const start = performance.now();
  const answer = await pool.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  let ms = 0;
  for await (const _bytes of answer.body) {
    ms ||= performance.now() - start;
    if (leaves) break;
  }
  return ms;
}

async function inLanes(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

interface Work {
  readonly target: Target;
  readonly body: string;
  readonly count: number;
}

/** CPU microseconds per request, one figure per round; rounds of all works are interleaved. */
async function cpuRounds(works: readonly Work[]): Promise<number[][]> {
  const figures = works.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, { target, body, count }] of works.entries()) {
      const before = await target.server.cpu();
      await inLanes(count, () => ask(target, body));
      figures[index]?.push(((await target.server.cpu()) - before) / count);
    }
  return figures;
}

/** Latencies at a fixed rate, whatever the answers take; milliseconds. */
async function latencies(target: Target): Promise<number[]> {
  const found: number[] = [];
  const asked: Promise<void>[] = [];
  const start = performance.now();
  for (let index = 0; index < RATE * RATE_SECONDS; index += 1) {
    const wait = start + (index * 1000) / RATE - performance.now();
    if (wait > 1) await new Promise((done) => setTimeout(done, wait));
    const from = performance.now();
    asked.push(ask(target, SHORT).then(() => void found.push(performance.now() - from)));
  }
  await Promise.all(asked);
  return found;
}

const ratioOf = (own: readonly number[] = [], base: readonly number[] = []) =>
  quantile(
    own.map((value, index) => value / (base[index] ?? value)),
    0.5,
  );
const round = (value: number, digits = 2) => Number(value.toFixed(digits));
const median = (values: readonly number[] = []) => quantile(values, 0.5);

async function cpuMetrics(relay: Target, splice: Target, farm: Target) {
  for (const target of [relay, splice, farm]) {
    await inLanes(WARM_UP, () => ask(target, SHORT));
    await inLanes(LONG_WARM_UP, () => ask(target, LONG));
  }
  const short = (target: Target): Work => ({ target, body: SHORT, count: PER_ROUND });
  const long = (target: Target): Work => ({ target, body: LONG, count: LONG_PER_ROUND });
  const works = [short(relay), short(splice), short(farm), long(splice), long(farm)];
  const [relayShort, spliceShort, farmShort, spliceLong, farmLong] = await cpuRounds(works);
  const longer = (ofLong: readonly number[] = [], ofShort: readonly number[] = []) =>
    median(ofLong) - median(ofShort);
  return {
    relayJsonMicros: round(median(relayShort), 1),
    farmJsonMicros: round(median(farmShort), 1),
    jsonRatio: round(ratioOf(farmShort, relayShort)),
    requestsPerCoreSecond: Math.round(1e6 / median(farmShort)),
    spliceLongMicros: round(median(spliceLong), 1),
    farmLongMicros: round(median(farmLong), 1),
    longRatio: round(ratioOf(farmLong, spliceLong)),
    lengthRatio: round(longer(farmLong, farmShort) / longer(spliceLong, spliceShort)),
  };
}

async function latencyMetrics(relay: Target, farm: Target) {
  const bare = await latencies(relay);
  const own = await latencies(farm);
  const first: [number[], number[]] = [[], []];
  for (let index = 0; index < FIRST_TOKENS; index += 1)
    for (const [place, target] of [relay, farm].entries())
      first[place]?.push(await firstByte(target, STREAM));
  return {
    addedP50Ms: round(median(own) - median(bare)),
    addedP99Ms: round(quantile(own, 0.99) - quantile(bare, 0.99)),
    addedFirstTokenMs: round(median(first[1]) - median(first[0])),
    addedFirstTokenP99Ms: round(quantile(first[1], 0.99) - quantile(first[0], 0.99)),
  };
}

/** Growth after the first tenth, which fills caches and compiles code. */
async function growth(server: ServerProcess, count: number, work: () => Promise<unknown>) {
  await inLanes(Math.ceil(count / 10), work);
  const before = server.memory();
  await inLanes(count, work);
  return round(server.memory() / before - 1, 4);
}

async function memoryMetrics(farm: Target, startBytes: number) {
  const requests = countOf('--requests', 4000);
  const cancels = countOf('--cancels', 400);
  const requestGrowth = await growth(farm.server, requests, () => ask(farm, SHORT));
  const cancelGrowth = await growth(farm.server, cancels, () => firstByte(farm, ENDLESS, true));
  return {
    startMegabytes: round(startBytes / 1e6, 1),
    loadedMegabytes: round(farm.server.memory() / 1e6, 1),
    requests,
    requestGrowth,
    cancels,
    cancelGrowth,
  };
}

function countOf(flag: string, usual: number): number {
  const place = process.argv.indexOf(flag);
  return place < 0 ? usual : Number(process.argv[place + 1]);
}

/** A home as all starts but the first find it: what is trained at the first one is there. */
async function settleHome(home: string, start: () => Promise<ServerProcess>): Promise<void> {
  const server = await start();
  const deadline = performance.now() + TRAINING_SECONDS * 1000;
  while (!existsSync(join(home, 'classifiers', 'topic.bin'))) {
    if (performance.now() > deadline) throw new Error('the classifiers are not trained');
    await new Promise((done) => setTimeout(done, 200));
  }
  await server.stop();
}

/** Makes a key with a budget: from then on the farm asks for keys. */
async function addKey(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/cadre/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', budgetDaily: 100_000 }),
  });
  const { secret } = (await answer.json()) as { secret: string };
  return secret;
}

async function measure(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'cadre-bench-'));
  const servers: ServerProcess[] = [];
  const pools: Pool[] = [];
  const start = async (name: Parameters<typeof spawnServer>[0], url: string, more = {}) => {
    const server = await spawnServer(name, url, more);
    servers.push(server);
    return server;
  };
  const target = (server: ServerProcess, headers = {}): Target => {
    const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections: 64 });
    pools.push(pool);
    return { server, pool, headers };
  };
  try {
    const url = `http://127.0.0.1:${(await start('upstream', '')).port}`;
    const file = join(home, 'cadre.yaml');
    writeFileSync(file, JSON.stringify(farmConfig(url)));
    const relay = target(await start('relay', url));
    const splice = target(await start('splice', url));
    const environment = { CADRE_HOME: home, CADRE_CONFIG: file };
    await settleHome(home, () => spawnServer('farm', url, environment));
    const server = await start('farm', url, environment);
    const startBytes = server.memory();
    const farm = target(server, { authorization: `Bearer ${await addKey(server.port)}` });
    printResult('data-plane-load', SEED, {
      lanes: LANES,
      ...(await cpuMetrics(relay, splice, farm)),
      ...(await latencyMetrics(relay, farm)),
      ...(await memoryMetrics(farm, startBytes)),
      ...(await measureStarts()),
    });
  } finally {
    for (const pool of pools) await pool.destroy();
    for (const server of servers) await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

await measure();
