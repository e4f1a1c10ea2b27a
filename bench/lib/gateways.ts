import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import launch from '../../bin/launch.json' with { type: 'json' };
import { VENDOR_MODELS, VERSION } from '../../src/main.ts';

export const GATEWAYS = ['cadre', 'portkey', 'litellm'] as const;
export type GatewayName = (typeof GATEWAYS)[number];

/** Longest silence in seconds that every gateway is told to bear. */
export const UPSTREAM_SECONDS = 8;
const START_MS = 90_000;
/** Cadre’s own, where it is installed. */
const EMBEDDER = 'bge-small-en-v1.5-q';
const root = resolve(import.meta.dirname, '..', '..');

/** A gateway that runs in processes of its own in front of one upstream. */
export interface RunningGateway {
  readonly name: GatewayName;
  readonly version: string;
  /** What was set besides the upstream’s address. */
  readonly setting: string;
  readonly baseUrl: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Models of other endpoints than chat. */
  readonly models: Readonly<Record<string, string>>;
  /** Root of its process tree. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a gateway in front of http://127.0.0.1:PORT/v1, or says why it cannot be had here. */
export async function startGateway(
  name: GatewayName,
  upstreamPort: number,
): Promise<RunningGateway | { readonly missing: string }> {
  if (name === 'cadre') return startCadre(upstreamPort);
  return name === 'portkey' ? startPortkey(upstreamPort) : startLiteLlm(upstreamPort);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function startCadre(upstreamPort: number): Promise<RunningGateway> {
  const home = mkdtempSync(join(tmpdir(), 'cadre-bench-'));
  writeFileSync(join(home, 'cadre.yaml'), cadreConfig(upstreamPort));
  const models = join(process.env['CADRE_HOME'] ?? join(homedir(), '.cadre'), 'models');
  if (existsSync(models)) symlinkSync(models, join(home, 'models'));
  const port = await freePort();
  // As bin/bootstrap.js starts it.
  const environment = {
    ...launch.environment,
    CADRE_HOME: home,
    CADRE_CONFIG: join(home, 'cadre.yaml'),
  };
  const entry = [...launch.flags, join(root, 'src/cli/cadre.ts')];
  const made = spawnSync(process.execPath, [...entry, 'keys', 'add', 'bench', '--json'], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  const { secret } = JSON.parse(made.stdout) as { secret: string };
  const child = start(process.execPath, [...entry, 'up', '--port', String(port)], environment);
  await answering(child, `http://127.0.0.1:${port}/health/live`);
  await learned(`http://127.0.0.1:${port}`, secret);
  return {
    name: 'cadre',
    version: VERSION,
    setting: 'one API key, policy, gate, receipts and metrics on, as they are by default',
    baseUrl: `http://127.0.0.1:${port}`,
    key: secret,
    headers: {},
    models: { embeddings: EMBEDDER, rerank: EMBEDDER },
    pid: child.pid ?? 0,
    stop: () => end(child, home),
  };
}

/** A new home learns its moderation model once; that is no cost of a request. */
async function learned(baseUrl: string, key: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${baseUrl}/v1/moderations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ input: 'good morning' }),
    });
    await answer.arrayBuffer();
    if (answer.status !== 503) return;
    await new Promise((done) => setTimeout(done, 1000));
  }
}

function cadreConfig(upstreamPort: number): string {
  return JSON.stringify({
    fleet: { starter: false, offline: true },
    destinations: [
      {
        id: 'vendor',
        kind: 'openai',
        url: `http://127.0.0.1:${upstreamPort}/v1`,
        clearance: 'secret',
        firstByteSeconds: UPSTREAM_SECONDS,
        betweenBytesSeconds: UPSTREAM_SECONDS / 2,
      },
    ],
    spokes: ['remote', ...VENDOR_MODELS].map((id) => ({
      id,
      model: `vendor/${id}`,
      tools: true,
    })),
  });
}

async function startPortkey(
  upstreamPort: number,
): Promise<RunningGateway | { readonly missing: string }> {
  const folder = process.env['CADRE_BENCH_PORTKEY'];
  const install =
    'install: npm install @portkey-ai/gateway@1.15.2 in an empty folder whose package.json has ' +
    '{"overrides":{"@hono/node-server":"1.13.8"}} (with newer ones it cannot stream); ' +
    'then CADRE_BENCH_PORTKEY=FOLDER';
  if (!folder) return { missing: install };
  const at = join(folder, 'node_modules', '@portkey-ai', 'gateway');
  if (!existsSync(at)) return { missing: `nothing at ${at}; ${install}` };
  const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as {
    version: string;
  };
  const port = await freePort();
  const entry = join(at, 'build', 'start-server.js');
  const child = start(process.execPath, [entry, `--port=${port}`, '--headless'], {});
  await answering(child, `http://127.0.0.1:${port}/`);
  return {
    name: 'portkey',
    version: manifest.version,
    setting:
      '@hono/node-server held at 1.13.8, since a fresh install answers each stream with 500; ' +
      'same Node as Cadre; no keys, no log',
    baseUrl: `http://127.0.0.1:${port}`,
    key: 'sk-upstream',
    headers: {
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
      'x-portkey-request-timeout': String(UPSTREAM_SECONDS * 1000),
    },
    models: { embeddings: 'steady', rerank: 'steady', moderations: 'steady' },
    pid: child.pid ?? 0,
    stop: () => end(child),
  };
}

async function startLiteLlm(
  upstreamPort: number,
): Promise<RunningGateway | { readonly missing: string }> {
  const folder = process.env['CADRE_BENCH_LITELLM'];
  const install =
    "install: python3 -m venv FOLDER && FOLDER/bin/pip install 'litellm[proxy]==1.106.0'; " +
    'then CADRE_BENCH_LITELLM=FOLDER';
  if (!folder) return { missing: install };
  const program = join(folder, 'bin', 'litellm');
  if (!existsSync(program)) return { missing: `nothing at ${program}; ${install}` };
  const home = mkdtempSync(join(tmpdir(), 'litellm-bench-'));
  const config = join(home, 'config.yaml');
  writeFileSync(config, liteLlmConfig(upstreamPort));
  const port = await freePort();
  const child = start(
    program,
    ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--telemetry', 'False'],
    {
      LITELLM_MASTER_KEY: 'sk-bench',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      // The upstream of the benchmark says one word over and over.
      REPEATED_STREAMING_CHUNK_LIMIT: '1000000',
    },
  );
  await answering(child, `http://127.0.0.1:${port}/health/liveliness`);
  return {
    name: 'litellm',
    version: versionOfWheel(folder),
    setting:
      'one worker, master key, no database, no callbacks, two retries, ' +
      `request_timeout ${UPSTREAM_SECONDS} s`,
    baseUrl: `http://127.0.0.1:${port}`,
    key: 'sk-bench',
    headers: {},
    models: { embeddings: 'steady', rerank: RANKER, moderations: 'steady' },
    pid: child.pid ?? 0,
    stop: () => end(child, home),
  };
}

/** Its OpenAI provider has no ranking; the one for vLLM has. */
const RANKER = 'ranker';

function liteLlmConfig(upstreamPort: number): string {
  const upstream = { api_base: `http://127.0.0.1:${upstreamPort}/v1`, api_key: 'sk-upstream' };
  const chat = ['remote', ...VENDOR_MODELS].map((name) => ({
    model_name: name,
    litellm_params: { model: `openai/${name}`, ...upstream },
  }));
  const ranker = {
    model_name: RANKER,
    litellm_params: { model: 'hosted_vllm/steady', ...upstream },
  };
  return JSON.stringify({
    model_list: [...chat, ranker],
    litellm_settings: {
      request_timeout: UPSTREAM_SECONDS,
      num_retries: 2,
      // Else it asks the vendor for responses, where no faults are played.
      use_chat_completions_url_for_anthropic_messages: true,
    },
    files_settings: [{ custom_llm_provider: 'openai', ...upstream }],
  });
}

function versionOfWheel(folder: string): string {
  const asked = "import importlib.metadata as m; print(m.version('litellm'))";
  const told = spawnSync(join(folder, 'bin', 'python'), ['-c', asked], { encoding: 'utf8' });
  return told.stdout.trim();
}

function start(program: string, args: readonly string[], environment: object): ChildProcess {
  return spawn(program, args, { env: { ...process.env, ...environment }, stdio: 'ignore' });
}

/** Waits until the address answers anything at all. */
async function answering(child: ChildProcess, url: string): Promise<void> {
  const end = performance.now() + START_MS;
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended by itself`);
    try {
      await (await fetch(url)).text();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  throw new Error(`${child.spawnfile} did not answer within ${START_MS / 1000} s`);
}

async function end(child: ChildProcess, home?: string): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null) {
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(hard);
  }
  if (home !== undefined) rmSync(home, { recursive: true, force: true });
}
