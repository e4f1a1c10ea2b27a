import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

/** A model server that is asked yes or no of passages. */
class Desk {
  readonly url: string;
  readonly #server: Server;
  readonly asked: string[] = [];
  gone = 0;
  /** The pump about which it says yes. */
  liked = 'none';
  /** `mute`: no log-probabilities; `slow`: the third question is answered never. */
  mood: 'well' | 'mute' | 'slow' = 'well';

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    server.on('request', async (incoming, response) => {
      const body = (await new Response(incoming as never).json()) as {
        messages: { content: string }[];
      };
      const text = JSON.stringify(body);
      this.asked.push(text);
      response.on('close', () => {
        if (!response.writableEnded) this.gone += 1;
      });
      if (this.mood === 'slow' && this.asked.length > 2) return;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = (part: object) => response.write(`data: ${JSON.stringify(part)}\n\n`);
      const yes = text.includes(this.liked) ? 0.98 : 0.02;
      const top = [
        { token: 'yes', logprob: Math.log(yes) },
        { token: 'no', logprob: Math.log(1 - yes) },
      ];
      const logprobs = { content: [{ ...top[0], top_logprobs: top }] };
      chunk({
        choices: [
          { index: 0, delta: { content: 'yes' }, ...(this.mood === 'mute' ? {} : { logprobs }) },
        ],
      });
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
      chunk({ choices: [], usage: { prompt_tokens: 90, completion_tokens: 1, total_tokens: 91 } });
      response.end('data: [DONE]\n\n');
    });
  }

  static async start(): Promise<Desk> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new Desk(server);
  }

  in(mood: Desk['mood']): void {
    this.mood = mood;
    this.asked.length = 0;
    this.gone = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

const PUMPS = ['steel', 'brass', 'zinc', 'copper'];
const QUERY = 'weight pump';
const waits = { timeout: 30_000, interval: 50 };
const configOf = (url: string, ground: string, more = '') => `
fleet: { starter: false }
ground: ${ground}
destinations:
  - id: desk
    kind: openai
    url: "${url}"
    clearance: internal
    prices: { small: { input: 1, output: 2 } }
spokes:
  - { id: scribe, model: desk/small, system: "You are a pirate." }
${more}`;

let desk: Desk;
let home: TestHome;
let farm: RunningProcess;

beforeAll(async () => {
  desk = await Desk.start();
  home = new TestHome(
    configOf(
      desk.url,
      '{ rerankBy: scribe, rerankMs: 6000 }',
      'collections: [{ name: closed, folder: pumps, label: personal }]\n',
    ),
  );
  const folder = join(home.path, 'pumps');
  mkdirSync(folder);
  for (const [at, name] of PUMPS.entries())
    writeFileSync(
      join(folder, `${name}.md`),
      `The weight of the ${name} pump is on its plate${', and in its papers'.repeat(at)}.`,
    );
  farm = await home.up();
  const indexed = await home.run(['index', folder, '--name', 'pumps']);
  expect(indexed.code).toBe(0);
}, 60_000);
afterAll(async () => {
  await home.remove();
  await desk.stop();
});

const search = (name: string, limit = 4) =>
  home.run(['search', '--in', name, '--limit', `${limit}`, '--explain', QUERY]);
const pathsOf = (stdout: string) => [...stdout.matchAll(/^(\w+)\.md/gm)].map(([, name]) => name);
const receipts = async () => {
  const response = await fetch(`${farm.url}/cadre/v1/receipts?limit=100`);
  return ((await response.json()) as { receipts: Receipt[] }).receipts;
};
/** The order without a spoke. */
let standing: readonly (string | undefined)[] = [];

it('leaves the order where the spoke gives no probabilities, and says so', async () => {
  desk.in('mute');
  const { stdout, stderr } = await search('pumps');
  standing = pathsOf(stdout);
  expect(standing.toSorted()).toEqual(PUMPS.toSorted());
  expect(desk.asked).toHaveLength(1);
  expect(stderr).toMatch(/rerank: 0 of 4 read by scribe in /);
  expect(stderr).toContain(
    'not by the reading of a spoke: scribe gave no probabilities of yes and no for the first passage',
  );
}, 60_000);

it('lets the passage rise that the spoke says yes to, with receipts, costs and one beginning', async () => {
  desk.in('well');
  desk.liked = standing[2] ?? 'none';
  const { stdout, stderr } = await search('pumps');
  expect(pathsOf(stdout).slice(0, 2)).toContain(desk.liked);
  expect(stdout).toContain('the reading of a spoke (rank 1, 0.98)');
  expect(stderr).toMatch(/rerank: 4 of 4 read by scribe in /);
  expect(desk.asked).toHaveLength(4);
  const text = desk.asked.map((one) => JSON.parse(one) as { messages: { content: string }[] });
  const beginnings = text.map(({ messages }) => JSON.stringify(messages).split('Sentences:')[0]);
  expect(new Set(beginnings).size).toBe(1);
  expect(desk.asked.join()).not.toContain('pirate');
  const own = (await receipts()).filter((one) => one.requestedModel === 'scribe');
  expect(own.filter((one) => one.outcome === 'answered' && one.cost.total > 0)).toHaveLength(5);
  expect(own.every((one) => one.key === 'loopback' && one.standsOn?.length === 1)).toBe(true);
}, 60_000);

it('reads as far as the time goes', async () => {
  desk.in('slow');
  const { stdout, stderr } = await search('pumps');
  expect(stderr).toMatch(/rerank: 2 of 4 read by scribe in \d+\.\d s/);
  expect(pathsOf(stdout)).toHaveLength(4);
  await expect.poll(() => desk.gone, waits).toBe(1);
}, 60_000);

it('ends with the search', async () => {
  desk.in('slow');
  const stop = new AbortController();
  const searching = fetch(`${farm.url}/cadre/v1/collections/pumps/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, limit: 3 }),
    signal: stop.signal,
  });
  await expect.poll(() => desk.asked.length, waits).toBe(3);
  stop.abort();
  await expect(searching).rejects.toThrow();
  await expect.poll(() => desk.gone, waits).toBe(1);
  expect(desk.asked).toHaveLength(3);
}, 60_000);

it('never shows a passage to a spoke that may not have the collection', async () => {
  desk.in('well');
  await expect.poll(async () => pathsOf((await search('closed')).stdout), waits).toEqual(standing);
  const { stderr } = await search('closed');
  expect(stderr).toMatch(/not by the reading of a spoke: scribe failed: .*personal/);
  expect(desk.asked).toEqual([]);
}, 60_000);

it('stops the start for a spoke that is not there or has no time', async () => {
  for (const [ground, words] of [
    ['{ rerankBy: scrib, rerankMs: 500 }', /ground\.rerankBy.*no spoke scrib.*`scribe`/],
    ['{ rerankBy: token, rerankMs: 500 }', /ground\.rerankBy.*no spoke token.*`tokens`/],
    ['{ rerankBy: scribe }', /ground\.rerankMs/],
  ] as const) {
    const other = new TestHome(configOf(desk.url, ground));
    await expect(other.up()).rejects.toThrow(words);
    await other.remove();
  }
}, 60_000);
