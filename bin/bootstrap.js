// Plain JavaScript for the system's Node (≥ 20): installs what is missing, then hands over to the
// pinned Node 24 of node_modules. Everything else of Cadre runs under that one.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.cadre-install');

/** Binaries for other platforms inside packages that carry all of them: 460 of 990 MB. */
const FOREIGN = [
  'onnxruntime-node/bin/napi-v6/win32',
  'onnxruntime-node/bin/napi-v6/darwin',
  `onnxruntime-node/bin/napi-v6/linux/${process.arch === 'x64' ? 'arm64' : 'x64'}`,
  'node24/include',
  `@node-llama-cpp/linux-${process.arch === 'x64' ? 'arm64' : 'x64'}`,
  '@node-llama-cpp/linux-armv7l',
  'node-llama-cpp/llama/gitRelease.bundle',
  'officeparser/dist/officeparser.browser.iife.js',
  'officeparser/dist/officeparser.browser.slim.iife.js',
  '@openai/agents-realtime/dist/bundle',
];

function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function installStamp() {
  return digest(readFileSync(join(root, 'package-lock.json')) + process.platform + process.arch);
}

/** True when node_modules holds what the lockfile names. */
function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === installStamp();
}

async function countPackages() {
  const names = await readdir(modules).catch(() => []);
  let count = 0;
  for (const name of names) {
    if (name.startsWith('@')) count += (await readdir(join(modules, name)).catch(() => [])).length;
    else if (!name.startsWith('.')) count += 1;
  }
  return count;
}

async function install() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const total = Object.keys(lock.packages).filter((path) =>
    /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path),
  ).length;
  say('Installing the packages of package-lock.json (about 30 seconds, once) …');
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const timer = setInterval(async () => {
    if (!process.stderr.isTTY) return;
    const done = Math.min(1, (await countPackages()) / total);
    const width = Math.round(done * 30);
    process.stderr.write(
      `\r  ${'█'.repeat(width)}${'░'.repeat(30 - width)} ${Math.round(done * 100)} % `,
    );
  }, 300);
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (exit) => resolve(exit ?? 1));
  });
  clearInterval(timer);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (code !== 0)
    fail(
      code === 127
        ? 'npm was not found; install Node.js with npm.'
        : `npm ci ended with ${code}; its message stands above.`,
    );
  for (const path of FOREIGN) rmSync(join(modules, path), { recursive: true, force: true });
  writeFileSync(stampFile, installStamp());
}

function fail(message) {
  say(`cadre: ${message}`);
  process.exit(1);
}

/** The Node that runs Cadre: the pinned one, or this one where it is new enough. */
function findNode() {
  const pinned = join(modules, 'node24', 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `Node ${process.versions.node} is too old and no pinned Node exists for ${process.platform}-${process.arch}; install Node 24.`,
  );
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? stat.mtimeMs : 0;
}

/** Builds the console when its sources are newer than what was built. */
function buildConsole(node) {
  const folder = join(root, 'console');
  const built = newest(join(folder, 'dist', 'index.html'));
  const sources = spawnSync(
    'find',
    [
      join(folder, 'src'),
      join(folder, 'index.html'),
      join(folder, 'package.json'),
      '-newer',
      join(folder, 'dist', 'index.html'),
    ],
    { encoding: 'utf8' },
  );
  if (built > 0 && sources.status === 0 && sources.stdout.trim() === '') return;
  say('Building the console …');
  mkdirSync(join(folder, 'dist'), { recursive: true });
  const result = spawnSync(
    node,
    [join(modules, 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'error'],
    { cwd: folder, stdio: ['ignore', 2, 2] },
  );
  if (result.status !== 0) fail('the console could not be built; the message stands above.');
}

/** Installs and builds what is missing; returns the Node to run under. */
export async function prepare({ console: wantsConsole }) {
  if (Number(process.versions.node.split('.')[0]) < 20)
    fail(`Node ${process.versions.node} is too old to install Cadre; Node ≥ 20 is needed.`);
  if (!isInstalled()) await install();
  const node = findNode();
  if (wantsConsole) buildConsole(node);
  return node;
}

/** Where Node keeps what it made of the sources: a start then compiles nothing again. */
function compileCache() {
  return process.env.NODE_COMPILE_CACHE ?? join(modules, '.cache', 'cadre');
}

/**
 * How Node runs Cadre: with a young heap of 16 MB instead of 32, two arenas of glibc that give back what
 * is free, and without the middle compiler, whose jobs all come at once and leave holes in the arenas.
 * Interleaved with Node's defaults in one run: 407 → 248 MB under load, and 0.8 (1 KB) to 1.0 (64 KB)
 * times the CPU per request, for 1.2 times that of the first 10,000. A young heap of 8 MB would take
 * 20 MB less for 1.09 times the CPU. Calls out of WebAssembly keep their general path: V8 13.6 shares
 * the special ones between threads and frees one twice at times (nodejs/node 64500, seen here as
 * “Check failed: jit_page.has_value()” under Runtime_TierUpWasmToJSWrapper in 2 of 75 runs of a test that
 * starts trainings). What the user has set of the same wins.
 */
const launch = JSON.parse(readFileSync(join(root, 'bin', 'launch.json'), 'utf8'));

/** What a flag is about: Node takes `_` for `-`, and `no-` turns the same one off. */
function subjectOf(flag) {
  return flag
    .split('=')[0]
    .replaceAll('_', '-')
    .replace(/^"?--(no-)?/, '');
}

/** The flags of ours that `own`, a text like NODE_OPTIONS, says nothing of. */
export function flagsBeside(own) {
  const set = own.split(/\s+/).filter((word) => /^"?--/.test(word));
  const subjects = new Set(set.map(subjectOf));
  return launch.flags.filter((flag) => !subjects.has(subjectOf(flag)));
}

/** Runs a program under the pinned Node with this terminal; ends with its exit code. */
export function hand(node, args) {
  const path = `${join(modules, '.bin')}:${process.env.PATH ?? ''}`;
  const child = spawn(node, [...flagsBeside(process.env.NODE_OPTIONS ?? ''), ...args], {
    stdio: 'inherit',
    env: {
      ...launch.environment,
      ...process.env,
      PATH: path,
      NODE_COMPILE_CACHE: compileCache(),
    },
  });
  // Ctrl-C reaches the child from the terminal, which sends it to the whole process group: a second
  // one from here would look like an impatient user and cut the running requests off.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
