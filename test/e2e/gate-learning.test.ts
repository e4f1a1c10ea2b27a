import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GateStatus } from '../../src/core/gate-report.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

let home: TestHome;
let upstream: ScriptedUpstream;
let farm: RunningProcess;
let key: string;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  home = new TestHome(
    [
      'fleet: { starter: false }',
      'destinations:',
      `  - { id: outside, kind: openai, url: "${upstream.url}", clearance: secret }`,
      'spokes:',
      '  - { id: near, model: outside/near }',
      '  - { id: far, model: outside/far }',
    ].join('\n'),
  );
  farm = await home.up();
  key = await addKey();
}, 60_000);

afterAll(async () => {
  await home.remove();
  await upstream.stop();
});

async function addKey(): Promise<string> {
  const { stdout } = await home.run([
    'keys',
    'add',
    'kept',
    '--keep-text',
    '--groups',
    'operator',
    '--json',
  ]);
  return (JSON.parse(stdout) as { secret: string }).secret;
}

async function post(path: string, body: object): Promise<Response> {
  return fetch(`${farm.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
}

/** The receipt of an answer that `auto` gave to a prompt. */
async function ask(content: string, model = 'auto'): Promise<string> {
  const asked = post('/v1/chat/completions', { model, messages: [{ role: 'user', content }] });
  const answer = await upstream.next();
  answer.write('An answer.');
  answer.end();
  const response = await asked;
  expect(response.status).toBe(200);
  return response.headers.get('x-cadre-receipt') ?? '';
}

async function drift(): Promise<GateStatus['drift']> {
  const { stdout } = await home.run(['gate', 'show', '--json']);
  return (JSON.parse(stdout) as GateStatus).drift;
}

it('learns from what a caller says of an answer, once, and remembers it over a restart', async () => {
  const receipt = await ask('Write a poem about rain.');
  const before = (await drift())?.outcomes ?? Number.NaN;
  for (const thumbs of ['down', 'up', 'down'])
    expect((await post('/v1/feedback', { receipt, thumbs })).status).toBe(200);
  expect(await drift()).toEqual({ outcomes: before + 1, alarms: [] });
  const named = await ask('Write a poem about snow.', 'far');
  expect((await post('/v1/feedback', { receipt: named, thumbs: 'up' })).status).toBe(200);
  expect(await drift()).toEqual({ outcomes: before + 1, alarms: [] });

  await farm.kill('SIGTERM');
  farm = await home.up();
  expect(await drift()).toEqual({ outcomes: before + 1, alarms: [] });
}, 60_000);

it('gives its own graded requests, and says how many more a fit needs', async () => {
  const out = `${home.path}/rows.jsonl`;
  expect((await home.run(['gate', 'rows', '--out', out])).code).toBe(0);
  const rows = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { prompt: string });
  expect(rows.map(({ prompt }) => prompt)).toEqual([
    'Write a poem about snow.',
    'Write a poem about rain.',
  ]);
  const fit = await home.run(['gate', 'fit']);
  expect(fit.code).toBe(2);
  expect(fit.stderr).toMatch(/2 graded requests of its own, 38 more are needed/);
}, 60_000);
