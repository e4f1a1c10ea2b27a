import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import type { ShadowStatus } from '../../src/core/shadow.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

/** A model server whose small model is always wrong by one, and whose large one is right. */
class Desk {
  readonly url: string;
  readonly asked: { readonly model: string; readonly text: string }[] = [];
  /** Whoever is asked a question that somebody was asked before says nothing. */
  isSilent = false;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    server.on('request', async (incoming, response) => {
      const body = (await new Response(incoming as never).json()) as {
        model: string;
        messages: { content: string }[];
      };
      const text = body.messages.at(-1)?.content ?? '';
      const isAgain = this.asked.some((one) => one.text === text);
      this.asked.push({ model: body.model, text });
      if (isAgain && this.isSilent) return;
      const sum = /(\d+) \+ (\d+)/.exec(text);
      const right = Number(sum?.[1]) + Number(sum?.[2]);
      const content = String(body.model === 'large' ? right : right - 1);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = (part: object) => response.write(`data: ${JSON.stringify(part)}\n\n`);
      chunk({ choices: [{ index: 0, delta: { content } }] });
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      const usage = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };
      chunk({ choices: [], usage });
      response.end('data: [DONE]\n\n');
    });
  }

  static async start(): Promise<Desk> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new Desk(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

let desk: Desk;
let home: TestHome;
let farm: RunningProcess;
let key: string;
let count = 0;

beforeAll(async () => {
  desk = await Desk.start();
  home = new TestHome(`
fleet: { starter: false }
destinations:
  - id: desk
    kind: openai
    url: "${desk.url}"
    clearance: internal
    prices: { small: { input: 1, output: 2 }, large: { input: 10, output: 20 } }
spokes:
  - { id: cheap, model: desk/small }
  - { id: dear, model: desk/large }
`);
  farm = await home.up();
  const added = await home.run([
    'keys',
    'add',
    'kept',
    '--keep-text',
    '--groups',
    'operator',
    '--json',
  ]);
  key = (JSON.parse(added.stdout) as { secret: string }).secret;
}, 60_000);

afterAll(async () => {
  await home.remove();
  await desk.stop();
});

async function shadow(...args: string[]): Promise<ShadowStatus> {
  const told = await home.run(['gate', 'shadow', ...args, '--json']);
  expect(told.stderr + told.code).toBe('0');
  return JSON.parse(told.stdout) as ShadowStatus;
}

/** The receipt of a sum that `auto` was asked. */
async function ask(secret = key): Promise<string> {
  count += 1;
  const response = await fetch(`${farm.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({
      model: 'auto',
      stream: count % 2 === 0,
      messages: [{ role: 'user', content: `What is ${count} + 40? Only the number.` }],
    }),
  });
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get('x-cadre-receipt') ?? '';
}

async function read<T>(path: string, secret = key): Promise<T> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await (await fetch(`${farm.url}/cadre/v1${path}`, { headers })).json()) as T;
}

const status = async () => (await read<{ shadow: ShadowStatus }>('/gate/shadow')).shadow;

/** Asks until some were asked again, and all of those are done. */
async function askUntil(most: number): Promise<string[]> {
  const receipts: string[] = [];
  while ((await status()).sampled < most && receipts.length < 400) receipts.push(await ask());
  await expect.poll(async () => (await status()).waiting, { timeout: 30_000 }).toBe(0);
  return receipts;
}

/** Of these requests, those that were asked again. */
async function shadowsOf(ids: readonly string[], secret = key): Promise<string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const { shadows = [] } = await read<{ shadows?: Receipt[] }>(`/receipts/${id}`, secret);
    if (shadows.length > 0) found.push(id);
  }
  return found;
}

it('refuses what cannot be, in words, and changes nothing', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await home.run(['gate', 'shadow', ...args]);
    return `${code} ${stderr}`;
  };
  expect(await refused('--rate', '50%')).toMatch(/^2 .*share from 0 to 20 %.*“50%”/s);
  expect(await refused('--rate', '1%', '--spokes', 'deer')).toMatch(/no spoke deer.*`dear`/s);
  expect(await refused('--rate', '1%', '--spokes', 'dear')).toMatch(/dear.*need a budget/s);
  expect(await refused('--rate', '1%', '--spokes', 'hub')).toMatch(/hub cannot be asked/s);
  expect(await refused('--budget', 'much')).toMatch(/^2 .*0.50\/day/s);
  expect(await shadow()).toMatchObject({ rate: 0, budget: 0, setBy: 'configuration', answers: 0 });
}, 60_000);

it('asks answered requests again, unseen, and learns from both', async () => {
  expect(await shadow('--rate', '20%', '--budget', '0.50/day')).toMatchObject({
    rate: 0.2,
    budget: 0.5,
    setBy: 'command',
  });
  const receipts = await askUntil(3);
  const { answers, graded, failed, today, agreements } = await status();
  expect({ answers, graded, failed }).toEqual({ answers: 3, graded: 3, failed: 0 });
  expect(today.dollars).toBeGreaterThan(0);
  expect(today.dollars).toBeLessThan(0.01);
  expect(agreements).toMatchObject([
    { spoke: 'cheap', beside: 'dear', agreement: 0, compared: answers },
  ]);
  // Each request was answered once, and some once more by the other one.
  expect(desk.asked.length).toBe(receipts.length + answers);

  const out = `${home.path}/rows.jsonl`;
  const rows = await home.run(['gate', 'rows', '--out', out, '--json']);
  expect(JSON.parse(rows.stdout)).toMatchObject({
    rows: answers,
    kept: receipts.length,
    byShadowRuns: answers,
  });
  const [line = ''] = readFileSync(out, 'utf8').split('\n');
  expect(JSON.parse(line)).toMatchObject({
    scores: { cheap: 0, dear: 1 },
    sources: { cheap: 'shadow', dear: 'shadow' },
    weight: 0.5,
  });
  const again = await shadowsOf(receipts);
  expect(again.length).toBe(answers);
  const { stdout } = await home.run(['why', again[0] ?? '']);
  expect(stdout).toMatch(
    /^Shadow\n {2}(dear|cheap) said something else \(number\), .*cheap is graded 0 %/m,
  );
  const shown = await home.run(['gate', 'shadow']);
  expect(shown.stdout).toMatch(/^20 % of the answered `auto` requests are asked again/);
  expect(shown.stdout).toMatch(/cheap +dear +arithmetic +3 +3 +0 % \[0 %, \d/);
}, 120_000);

it('keeps what was set and used over a kill, and goes back to the configuration', async () => {
  const before = await status();
  // Killed while one is under way: it is not counted, neither as an answer nor as money.
  desk.isSilent = true;
  const asked = desk.asked.length;
  const receipts: string[] = [];
  while ((await status()).sampled === before.sampled) receipts.push(await ask());
  await expect.poll(() => desk.asked.length, { timeout: 20_000 }).toBe(asked + receipts.length + 1);
  await farm.kill('SIGKILL');
  farm = await home.up();
  const after = await status();
  const { rate, budget, answers, graded, today, agreements } = before;
  desk.isSilent = false;
  expect(after).toMatchObject({
    rate,
    budget,
    answers,
    graded,
    today,
    agreements,
    setBy: 'command',
  });
  expect(await shadow('--off')).toMatchObject({ rate: 0, budget: 0.5, setBy: 'command' });
  expect(await shadow('--reset')).toMatchObject({ rate: 0, budget: 0, setBy: 'configuration' });
}, 60_000);

it('shows an operator what came of a request, and no other key', async () => {
  await shadow('--rate', '20%', '--budget', '0.50/day');
  const added = await home.run(['keys', 'add', 'plain', '--budget', '1', '--json']);
  const plain = (JSON.parse(added.stdout) as { secret: string }).secret;
  const own: string[] = [];
  const { sampled } = await status();
  while ((await status()).sampled === sampled && own.length < 400) own.push(await ask(plain));
  await expect.poll(async () => (await status()).waiting, { timeout: 20_000 }).toBe(0);
  expect((await shadowsOf(own)).length).toBe(1);
  expect(await shadowsOf(own, plain)).toEqual([]);
  const { receipts } = await read<{ receipts: Receipt[] }>('/receipts?limit=500', plain);
  expect(receipts.map((one) => one.id).toSorted()).toEqual(own.toSorted());
  expect(await read('/gate/shadow', plain)).toMatchObject({ error: { code: 'forbidden' } });
  const metrics = await (
    await fetch(`${farm.url}/metrics`, { headers: { authorization: `Bearer ${key}` } })
  ).text();
  expect(metrics).toMatch(/cadre_shadow_answers_total\{spoke="(cheap|dear)",result="other"\} 1/);
}, 120_000);
