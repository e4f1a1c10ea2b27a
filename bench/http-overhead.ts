/**
 * What the HTTP layer costs: CPU microseconds per JSON request of 1 KB and per streamed chunk, in
 * front of an upstream that answers at once. Every server is a process of its own and counts its own
 * CPU; rounds are interleaved, so that a busy machine troubles all alike; read the ratios.
 *
 *   relay   bare node:http and undici, bytes in, bytes out: the floor
 *   door    the product's server and its adapter for OpenAI-compatible servers, nothing between
 *   farm    the whole product: policy, gate, checks, receipt, store
 *
 * Arguments choose among them; the relay always runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { JSON_TOKENS, STREAM_TOKENS } from './lib/http-servers.ts';
import { bootstrapInterval, quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';
import { type ServerProcess, spawnServer } from './lib/server-process.ts';

const SEED = 7;
const ROUNDS = 9;
/** 12,000 requests: by then the code of the request path is compiled, as it is in a farm that runs. */
const WARM_UP_ROUNDS = 30;
const JSON_REQUESTS = 400;
const STREAMS = 12;
/** Requests under way at once. */
const LANES = 4;

interface Target {
  readonly name: string;
  readonly server: ServerProcess;
  readonly pool: Pool;
  readonly json: number[];
  readonly chunk: number[];
}

async function measure(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'cadre-bench-'));
  const upstream = await spawnServer('upstream', '');
  const url = `http://127.0.0.1:${upstream.port}`;
  writeFileSync(join(home, 'cadre.yaml'), farmConfig(url));
  const environment = { CADRE_HOME: home, CADRE_CONFIG: join(home, 'cadre.yaml') };
  const targets: Target[] = [];
  const servers = [upstream];
  try {
    for (const name of chosenTargets()) {
      const server = await spawnServer(name, url, environment);
      servers.push(server);
      const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections: LANES });
      targets.push({ name, server, pool, json: [], chunk: [] });
    }
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1)
      for (const target of targets) await runRound(target, round >= 0);
    report(targets);
  } finally {
    for (const target of targets) await target.pool.destroy();
    for (const server of servers) await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

type TargetName = 'relay' | 'door' | 'farm';

function chosenTargets(): TargetName[] {
  const chosen = process.argv.slice(2).filter((name) => name === 'door' || name === 'farm');
  return ['relay', ...(chosen.length === 0 ? (['door', 'farm'] as const) : chosen)];
}

function farmConfig(url: string): string {
  return JSON.stringify({
    fleet: { starter: false, offline: true },
    destinations: [
      {
        id: 'vendor',
        kind: 'openai',
        url: `${url}/v1`,
        clearance: 'secret',
        prices: { instant: { input: 0, output: 0 } },
      },
    ],
    spokes: [{ id: 'remote', model: 'vendor/instant', maxTokens: STREAM_TOKENS }],
  });
}

async function runRound(target: Target, counts: boolean): Promise<void> {
  const before = await target.server.cpu();
  await runLanes(JSON_REQUESTS, () => ask(target.pool, false));
  const between = await target.server.cpu();
  await runLanes(STREAMS, () => ask(target.pool, true));
  const after = await target.server.cpu();
  if (!counts) return;
  target.json.push((between - before) / JSON_REQUESTS);
  target.chunk.push((after - between) / (STREAMS * STREAM_TOKENS));
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

/** A body of 1 KB; the text differs from nothing, since nothing on the way caches. */
function bodyOf(stream: boolean): string {
  const body = {
    model: 'remote',
    messages: [
      { role: 'system', content: 'Answer in one sentence.' },
      { role: 'user', content: '' },
    ],
    temperature: 0,
    max_tokens: stream ? STREAM_TOKENS : JSON_TOKENS,
    stream,
  };
  const missing = 1024 - JSON.stringify(body).length;
  const filler = 'What does the contract say about notice periods? '.repeat(30);
  const [system, user] = body.messages;
  return JSON.stringify({
    ...body,
    messages: [system, { ...user, content: filler.slice(0, missing) }],
  });
}

const BODIES = { json: bodyOf(false), stream: bodyOf(true) };

async function ask(pool: Pool, stream: boolean): Promise<void> {
  const answer = await pool.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: stream ? BODIES.stream : BODIES.json,
  });
  const text = await answer.body.text();
  const isWhole = stream
    ? text.endsWith('data: [DONE]\n\n')
    : text.includes('"finish_reason":"stop"');
  if (answer.statusCode !== 200 || !isWhole)
    throw new Error(`status ${answer.statusCode}: ${text.slice(-300)}`);
}

function report(targets: readonly Target[]): void {
  const floor = targets[0];
  if (floor === undefined) return;
  const metrics: Record<string, unknown> = {
    unit: 'CPU microseconds',
    rounds: ROUNDS,
    bodyBytes: BODIES.json.length,
    chunksPerStream: STREAM_TOKENS,
  };
  const round = (value: number) => Number(value.toFixed(1));
  for (const { name, json, chunk } of targets) {
    metrics[`${name}Json`] = round(quantile(json, 0.5));
    metrics[`${name}Chunk`] = round(quantile(chunk, 0.5));
    if (name === 'relay') continue;
    const ratios = (own: readonly number[], base: readonly number[]) =>
      own.map((value, index) => value / (base[index] ?? value));
    for (const [what, values] of [
      ['Json', ratios(json, floor.json)],
      ['Chunk', ratios(chunk, floor.chunk)],
    ] as const) {
      metrics[`${name}${what}Ratio`] = Number(quantile(values, 0.5).toFixed(2));
      metrics[`${name}${what}RatioInterval`] = bootstrapInterval(values, SEED).map((value) =>
        Number(value.toFixed(2)),
      );
    }
  }
  printResult('http-overhead', SEED, metrics);
}

await measure();
