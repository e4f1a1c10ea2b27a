import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CollectionStanding } from '../../src/core/document-text.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

/** A model server that says of every passage what number it was asked as. */
class Desk {
  readonly url: string;
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    server.on('request', async (incoming, response) => {
      const body = (await new Response(incoming as never).json()) as {
        messages: { content: string }[];
      };
      this.asked.push(JSON.stringify(body.messages));
      await new Promise((resolve) => setTimeout(resolve, 10));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = (part: object) => response.write(`data: ${JSON.stringify(part)}\n\n`);
      const content = 'The zanzibar handbook tells how a part of the plant is run.';
      chunk({ choices: [{ index: 0, delta: { content } }] });
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      const usage = { prompt_tokens: 200, completion_tokens: 20, total_tokens: 220 };
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

const PARTS = 60;
const waits = { timeout: 60_000, interval: 100 };
let desk: Desk;
let home: TestHome;
let farm: RunningProcess;

beforeAll(async () => {
  desk = await Desk.start();
  home = new TestHome(`
fleet: { starter: false }
policy:
  rules: [{ name: mail, shapes: [email], label: personal }]
destinations:
  - id: desk
    kind: openai
    url: "${desk.url}"
    clearance: internal
    prices: { small: { input: 1, output: 2 } }
spokes:
  - { id: scribe, model: desk/small, system: "You are a pirate." }
`);
  const folder = join(home.path, 'plant');
  mkdirSync(folder);
  const parts = Array.from(
    { length: PARTS },
    (_, at) => `# Part ${at}\n\nPump ${at} runs at ${at} bar.`,
  );
  writeFileSync(join(folder, 'parts.md'), parts.join('\n\n'));
  writeFileSync(join(folder, 'staff.md'), 'Ask anna@example.org about the lamp.');
  farm = await home.up();
}, 60_000);
afterAll(async () => {
  await home.remove();
  await desk.stop();
});

const standing = async () => {
  const response = await fetch(`${farm.url}/cadre/v1/collections/plant/standing`);
  return ((await response.json()) as { standing: CollectionStanding }).standing;
};

it('has passages described in the background, over the end of the process, within their label', async () => {
  const refused = await home.run(['index', join(home.path, 'plant'), '--context', 'scrib']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/there is no spoke scrib .*did you mean `scribe`/);
  const indexed = await home.run(['index', join(home.path, 'plant'), '--context', 'scribe']);
  expect(indexed.stderr + indexed.stdout).toContain('2 documents');
  await expect
    .poll(async () => (await standing()).contexts?.written ?? 0, waits)
    .toBeGreaterThan(0);
  await farm.kill('SIGKILL');
  const before = desk.asked.length;
  farm = await home.up();
  await expect.poll(async () => (await standing()).contexts?.written, waits).toBe(PARTS);
  // What was not in the index yet was asked again, and no more than that.
  expect(desk.asked.length).toBeLessThanOrEqual(PARTS + 17);
  expect(desk.asked.length).toBeGreaterThan(before);
  expect(desk.asked.join()).not.toContain('anna@example.org');
  expect(desk.asked.join()).not.toContain('pirate');
  const shown = await home.run(['collections', 'plant']);
  expect(shown.stdout).toContain(`contexts by scribe: ${PARTS} of ${PARTS + 1}`);
  expect(shown.stdout).toMatch(/ {2}1 without: .*personal/);
  const { receipts } = (await (await fetch(`${farm.url}/cadre/v1/receipts?limit=500`)).json()) as {
    receipts: Receipt[];
  };
  const own = receipts.filter((one) => one.key === 'contexts');
  expect(own.length).toBeGreaterThanOrEqual(PARTS);
  expect(own.filter((one) => one.outcome === 'answered').every((one) => one.cost.total > 0)).toBe(
    true,
  );
}, 120_000);

it('finds passages by their sentence and shows it to nobody', async () => {
  const response = await fetch(`${farm.url}/cadre/v1/collections/plant/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'zanzibar pump 7', limit: 3 }),
  });
  const text = await response.text();
  expect(text).toContain('Pump 7 runs at 7 bar.');
  expect(text).not.toContain('zanzibar');
  const off = await home.run(['collections', 'plant', '--context', '']);
  expect(off.code).toBe(0);
  await expect.poll(async () => (await standing()).contexts, waits).toBeUndefined();
}, 60_000);
