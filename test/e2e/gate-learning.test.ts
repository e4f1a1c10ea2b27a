import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
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
      '  - { id: fresh, model: outside/fresh }',
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

/** Requests that grade these spokes, each right by its rate at sums and at colours. */
function graded(name: string, count: number, rates: Readonly<Record<string, readonly number[]>>) {
  const random = seededRandom(count);
  const lines = Array.from({ length: count }, (_, at) => {
    const kind = random() < 0.5 ? 0 : 1;
    const prompt = kind === 0 ? `Add ${name.length} and ${at}` : `Which colour has ${name} ${at}?`;
    const scores = Object.entries(rates).map(([id, rate]) => [
      id,
      random() < (rate[kind] ?? 0) ? 1 : 0,
    ]);
    return JSON.stringify({
      prompt,
      scores: Object.fromEntries(scores),
      costs: { near: 1, far: 9 },
    });
  });
  const file = `${home.path}/${name}.jsonl`;
  writeFileSync(file, lines.join('\n'));
  return file;
}

it('lets a spoke join the fitted gate by some graded requests', async () => {
  const few = graded('few', 15, { fresh: [1, 0] });
  const rows = graded('rows', 60, { fresh: [1, 0], far: [0.9, 0.9] });
  const unfitted = await home.run(['gate', 'join', 'fresh', rows]);
  expect(unfitted).toMatchObject({ code: 1, stderr: expect.stringContaining('cadre gate fit') });
  const past = graded('past', 300, { near: [0, 0.9], far: [0.9, 0.9] });
  expect((await home.run(['gate', 'fit', past, '--reference', 'far'])).code).toBe(0);

  const typo = await home.run(['gate', 'join', 'fresk', rows]);
  expect(typo.code).toBe(2);
  expect(typo.stderr).toMatch(/no spoke fresk; did you mean fresh\?/);
  const missing = await home.run(['gate', 'join', 'fresh', few]);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/15 requests of .* grade fresh; 5 more are needed/);

  const joined = await home.run(['gate', 'join', 'fresh', rows]);
  expect(joined.code).toBe(0);
  expect(joined.stdout).toMatch(/fresh is known by 60 graded requests/);
  expect(joined.stdout).toMatch(/gate 2 is in force/);
  const shown = await home.run(['gate', 'show']);
  expect(shown.stdout).toMatch(/fresh joined, known by 60 rows; not under the certificate until/);
  const decided = await home.run(['gate', 'decide', 'Add 5 and 1234', '--model', 'auto:cheap']);
  expect(decided.stdout).toMatch(/fresh .*known by 60 rows/);
  const back = await home.run(['gate', 'rollback', '--json']);
  expect(JSON.parse(back.stdout)).not.toHaveProperty('joined');
}, 120_000);

it('warns everywhere when the reference itself falls: shown, in doctor and in the receipt', async () => {
  let receipt = '';
  for (let at = 0; at < 30; at += 1) {
    receipt = await ask(`Add 4 and ${500 + at}`);
    expect((await post('/v1/feedback', { receipt, thumbs: 'down' })).status).toBe(200);
    const alarms = (await drift())?.alarms ?? [];
    if (alarms.some((one) => one.includes('`far` fell'))) break;
  }
  expect((await home.run(['gate', 'show'])).stdout).toMatch(
    /alarm: `far` fell in .*nothing is promised/,
  );
  const doctor = await home.run(['doctor', '--json']);
  expect(JSON.parse(doctor.stdout)).toContainEqual(
    expect.objectContaining({
      subject: 'gate',
      state: 'bad',
      detail: expect.stringMatching(/gate 1 decides; `far` fell/),
    }),
  );
  // Nobody saw it fall at colours, where it stays the most probable one.
  const after = await ask('Which colour has past 5?');
  const why = await home.run(['why', after]);
  expect(why.stdout).toMatch(/nothing is promised; `far` is most probable to be right/);
  expect(why.stdout).toMatch(/`far` fell in/);
}, 120_000);
