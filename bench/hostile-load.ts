/**
 * What hostile clients cost the others: p50 and p99 of a well-behaved client at a steady pace, alone
 * and beside each attack, and CPU milliseconds per hostile body. Server, attacker and the measured
 * client are processes of their own; a quiet stretch stands before and after every attack, so that a
 * busy machine troubles all alike; read the ratios.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from '../src/server/server.ts';
import { createScriptedFarm } from '../test/server/scripted-farm.ts';
import { ATTACKS, BODIES, sendBody } from './lib/hostile-attacks.ts';
import { quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';

const SEED = 7;
/** Requests per stretch, one every 10 ms. */
const PACE_MS = 10;
const REQUESTS = 500;
const BODY_ROUNDS = 5;
const BODY = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hi' }] });
const MEGABYTE = 1024 * 1024;

async function serve(): Promise<void> {
  const farm = createScriptedFarm();
  const server = createServer({ farm, log: () => undefined });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1000);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(port);
}

async function attack(name: string, port: number): Promise<void> {
  let isStopped = false;
  process.on('message', () => {
    isStopped = true;
  });
  process.on('disconnect', () => process.exit(0));
  const count = await ATTACKS[name]?.(port, () => isStopped);
  process.send?.(count);
}

function spawn(...args: string[]): ChildProcess {
  return fork(import.meta.filename, args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function tell(child: ChildProcess): Promise<number> {
  const answered = once(child, 'message');
  child.send('now');
  return Number((await answered)[0]);
}

function memoryOf(child: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / MEGABYTE;
}

/** Milliseconds of each request, sent at a steady pace whether or not the one before is answered. */
async function stretch(port: number): Promise<{ times: number[]; refused: number }> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  let refused = 0;
  const one = () =>
    new Promise<void>((resolve) => {
      const start = performance.now();
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          method: 'POST',
          path: '/v1/chat/completions',
          agent,
          headers: { 'content-type': 'application/json', 'content-length': BODY.length },
        },
        (incoming) => {
          incoming.resume();
          incoming.on('end', () => {
            times.push(performance.now() - start);
            if (incoming.statusCode !== 200) refused += 1;
            resolve();
          });
        },
      );
      outgoing.on('error', () => {
        refused += 1;
        resolve();
      });
      outgoing.end(BODY);
    });
  const running: Promise<void>[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    running.push(one());
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
  await Promise.all(running);
  agent.destroy();
  return { times, refused };
}

async function measureAttacks(server: ChildProcess, port: number, names: readonly string[]) {
  const rows: Record<string, Record<string, number>> = {};
  await stretch(port);
  for (const name of names) {
    const before = await stretch(port);
    const attacker = spawn('attack', name, String(port));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const beside = await stretch(port);
    const count = await tell(attacker);
    attacker.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = await stretch(port);
    const quiet = [...before.times, ...after.times];
    rows[name] = {
      quietP50: round(quantile(quiet, 0.5)),
      quietP99: round(quantile(quiet, 0.99)),
      p50: round(quantile(beside.times, 0.5)),
      p99: round(quantile(beside.times, 0.99)),
      p99Ratio: round(quantile(beside.times, 0.99) / quantile(quiet, 0.99)),
      refused: beside.refused,
      hostile: count,
      memoryMb: Math.round(memoryOf(server, 'VmRSS')),
    };
    process.stdout.write(`${name.padEnd(18)} ${JSON.stringify(rows[name])}\n`);
  }
  return rows;
}

/** CPU milliseconds of the server per hostile body, one after the other on a quiet server. */
async function measureBodies(server: ChildProcess, port: number) {
  const rows: Record<string, { status: number; cpuMs: number }> = {};
  for (const name of Object.keys(BODIES)) {
    let status = await sendBody(port, name);
    const start = await tell(server);
    for (let count = 0; count < BODY_ROUNDS; count += 1) status = await sendBody(port, name);
    rows[name] = { status, cpuMs: round(((await tell(server)) - start) / BODY_ROUNDS) };
    process.stdout.write(`${name.padEnd(18)} ${JSON.stringify(rows[name])}\n`);
  }
  return rows;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

async function main(names: readonly string[]): Promise<void> {
  const server = spawn('serve');
  const [port] = (await once(server, 'message')) as [number];
  const idleMb = Math.round(memoryOf(server, 'VmRSS'));
  const bodies = await measureBodies(server, port);
  const attacks = await measureAttacks(server, port, names);
  const peakMb = Math.round(memoryOf(server, 'VmHWM'));
  server.disconnect();
  printResult('hostile-load', SEED, { bodies, attacks, idleMb, peakMb });
}

const [role, ...rest] = process.argv.slice(2).filter((one) => one !== '--json');
if (role === 'serve') await serve();
else if (role === 'attack') await attack(rest[0] ?? '', Number(rest[1]));
else await main(role === undefined ? Object.keys(ATTACKS) : [role, ...rest]);
