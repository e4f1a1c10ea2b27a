/**
 * What a gateway costs: CPU microseconds per JSON request of 1 KB and per streamed chunk, added time
 * to the first token, memory; Cadre beside a bare relay, Portkey and LiteLLM, all in front of one
 * upstream that answers at once. CPU is that of all threads and children of a gateway's process.
 * Rounds are interleaved, so that a busy machine troubles all alike; no two requests are equal, so
 * that no cache answers; read the ratios.
 *
 * Portkey and LiteLLM take part where CADRE_BENCH_PORTKEY and CADRE_BENCH_LITELLM name them;
 * arguments choose among the gateways.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { Pool } from 'undici';
import { GATEWAYS, type RunningGateway, startGateway } from './lib/gateways.ts';
import { JSON_TOKENS, STREAM_TOKENS, startRelay, startUpstream } from './lib/http-servers.ts';
import { cpuOfTree, memoryOfTree } from './lib/process-cost.ts';
import { bootstrapInterval, quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';

const SEED = 7;
const ROUNDS = 7;
/** 12,000 requests to Cadre: by then the code of its request path is compiled, as in a farm that runs. */
const WARM_UP_ROUNDS = 15;
/** Requests under way at once. */
const LANES = 4;
/** Streams one after another per round, for the time to the first token. */
const SINGLE_STREAMS = 10;
/** Per round; a slow gateway gets fewer, so that a round takes seconds for each. */
const LOAD: Readonly<Record<string, { readonly json: number; readonly streams: number }>> = {
  upstream: { json: 0, streams: 0 },
  relay: { json: 800, streams: 12 },
  cadre: { json: 800, streams: 12 },
  portkey: { json: 400, streams: 8 },
  litellm: { json: 80, streams: 3 },
};

interface Target {
  readonly name: string;
  readonly pid: number;
  readonly pool: Pool;
  readonly headers: Readonly<Record<string, string>>;
  /** One figure per round. */
  readonly json: number[];
  readonly chunk: number[];
  readonly firstToken: number[];
}

async function measure(): Promise<void> {
  const upstream = await startChild('upstream', '');
  const url = `http://127.0.0.1:${upstream.port}`;
  const relay = await startChild('relay', url);
  const gateways: RunningGateway[] = [];
  const missing: Record<string, string> = {};
  const targets = [
    createTarget('upstream', upstream.child.pid ?? 0, url),
    createTarget('relay', relay.child.pid ?? 0, `http://127.0.0.1:${relay.port}`),
  ];
  try {
    for (const name of chosenGateways()) {
      const gateway = await startGateway(name, upstream.port);
      if ('missing' in gateway) {
        missing[name] = gateway.missing;
        process.stdout.write(`${name}: skipped; ${gateway.missing}\n`);
        continue;
      }
      gateways.push(gateway);
      const { pid, baseUrl, headers, key } = gateway;
      targets.push(
        createTarget(name, pid, baseUrl, { ...headers, authorization: `Bearer ${key}` }),
      );
    }
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1)
      for (const target of targets) await runRound(target, round >= 0);
    report(targets, gateways, missing);
  } finally {
    for (const target of targets) await target.pool.destroy();
    for (const gateway of gateways) await gateway.stop();
    for (const { child } of [upstream, relay]) if (child.connected) child.disconnect();
  }
}

/** Arguments choose among the others; Cadre always runs. */
function chosenGateways() {
  const args = process.argv.slice(2);
  const chosen = GATEWAYS.filter((name) => args.includes(name));
  return chosen.length === 0
    ? GATEWAYS
    : GATEWAYS.filter((name) => name === 'cadre' || args.includes(name));
}

function createTarget(name: string, pid: number, url: string, headers = {}): Target {
  const pool = new Pool(url, { connections: LANES });
  return { name, pid, pool, headers, json: [], chunk: [], firstToken: [] };
}

async function startChild(name: string, upstream: string) {
  const child: ChildProcess = fork(import.meta.filename, [name, upstream], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (value) => resolve(Number(value)));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  return { child, port };
}

/** A child: serves until its parent lets go of it. */
async function serve(name: string, upstream: string): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  process.send?.(await (name === 'upstream' ? startUpstream() : startRelay(upstream)));
}

async function runRound(target: Target, counts: boolean): Promise<void> {
  const { json, streams } = LOAD[target.name] ?? { json: 0, streams: 0 };
  const before = cpuOfTree(target.pid);
  await runLanes(json, async () => void (await ask(target, false)));
  const between = cpuOfTree(target.pid);
  await runLanes(streams, async () => void (await ask(target, true)));
  const after = cpuOfTree(target.pid);
  const waits: number[] = [];
  for (let stream = 0; stream < SINGLE_STREAMS; stream += 1)
    waits.push(await ask(target, true, JSON_TOKENS));
  if (!counts) return;
  if (json > 0) target.json.push((between - before) / json);
  if (streams > 0) target.chunk.push((after - between) / (streams * STREAM_TOKENS));
  target.firstToken.push(quantile(waits, 0.5));
}

async function runLanes(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async () => {
    for (; left > 0; ) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

let asked = 0;

/** A body of 1 KB whose text occurs once. */
function bodyOf(stream: boolean, tokens: number): string {
  asked += 1;
  const body = {
    model: 'remote',
    messages: [
      { role: 'system', content: 'Answer in one sentence.' },
      { role: 'user', content: '' },
    ],
    temperature: 0,
    max_tokens: tokens,
    stream,
  };
  const missing = 1024 - JSON.stringify(body).length;
  const text = `Question ${asked}: what does the contract say about notice periods? `.repeat(30);
  const [system, user] = body.messages;
  return JSON.stringify({
    ...body,
    messages: [system, { ...user, content: text.slice(0, missing) }],
  });
}

/** Milliseconds until the first token of a stream, or until the whole answer. */
async function ask(
  { pool, headers, name }: Target,
  stream: boolean,
  tokens = stream ? STREAM_TOKENS : JSON_TOKENS,
): Promise<number> {
  const body = bodyOf(stream, tokens);
  const start = performance.now();
  const answer = await pool.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    headersTimeout: 60_000,
  });
  let text = '';
  let first: number | undefined;
  for await (const chunk of answer.body) {
    text += chunk;
    if (first === undefined && text.includes(' token')) first = performance.now() - start;
  }
  const isWhole = stream ? text.trimEnd().endsWith('data: [DONE]') : text.includes('"stop"');
  if (answer.statusCode !== 200 || !isWhole || first === undefined)
    throw new Error(`${name}: status ${answer.statusCode}: ${text.slice(-300)}`);
  return first;
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

function report(
  targets: readonly Target[],
  gateways: readonly RunningGateway[],
  missing: Readonly<Record<string, string>>,
): void {
  const [direct, floor] = targets;
  const cadre = targets.find((target) => target.name === 'cadre');
  if (direct === undefined || floor === undefined || cadre === undefined) return;
  const metrics: Record<string, unknown> = {
    unit: 'CPU microseconds; milliseconds to the first token; megabytes',
    rounds: ROUNDS,
    bodyBytes: bodyOf(false, JSON_TOKENS).length,
    chunksPerStream: STREAM_TOKENS,
  };
  for (const target of targets.slice(1)) {
    const { name, json, chunk, firstToken } = target;
    const gateway = gateways.find((one) => one.name === name);
    metrics[name] = {
      ...(gateway ? { version: gateway.version, setting: gateway.setting } : {}),
      json: round(quantile(json, 0.5), 1),
      chunk: round(quantile(chunk, 0.5), 2),
      jsonToRelay: ratio(json, floor.json),
      chunkToRelay: ratio(chunk, floor.chunk),
      ...(name === 'relay' ? {} : { jsonToCadre: ratio(json, cadre.json) }),
      addedFirstToken: round(
        quantile(
          firstToken.map((value, at) => value - (direct.firstToken[at] ?? 0)),
          0.5,
        ),
        2,
      ),
      // The relay is a child of this program and holds its modules too.
      ...(gateway ? { memory: round(memoryOfTree(target.pid) / 1e6, 0) } : {}),
    };
  }
  printResult('gateways', SEED, { ...metrics, missing });
}

/** Median and interval of the ratios round by round. */
function ratio(own: readonly number[], base: readonly number[]) {
  const values = own.map((value, at) => value / (base[at] ?? value));
  const interval = bootstrapInterval(values, SEED).map((value) => round(value, 2));
  return { median: round(quantile(values, 0.5), 2), interval };
}

const [, , role = '', upstreamUrl = ''] = process.argv;
if (process.send !== undefined) await serve(role, upstreamUrl);
else await measure();
