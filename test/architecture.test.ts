import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { longFunctionsOf } from './long-functions.ts';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');
const ROOMS = [
  'policy',
  'gate',
  'ground',
  'run',
  'verify',
  'fleet',
  'record',
  'learn',
  'conformance',
  'batch',
];
/** Packages without I/O that a room may use. */
const PURE_PACKAGES = new Set(['zod']);
/** What may open a connection or start a package client; only adapters/egress. */
const OUTBOUND = new Set([
  'undici',
  'pg',
  'node:dgram',
  'node:dns',
  'node:http',
  'node:http2',
  'node:https',
  'node:net',
  'node:tls',
]);
/** Everything from outside that the server may use. */
const SERVER_PACKAGES = new Set([
  'hono',
  '@hono/node-server',
  'ws',
  'zod',
  'node:buffer',
  'node:crypto',
  'node:fs',
  'node:http',
  'node:path',
  'node:stream',
  'node:timers',
]);
/** Everything from outside that the command line may use. */
const CLI_PACKAGES = new Set([
  'yaml',
  'node:child_process',
  'node:fs',
  'node:path',
  'node:process',
  'node:readline',
  'node:stream',
  'node:timers',
  'node:util',
]);
/** The only files that start a process. */
const PROCESS_STARTERS = [
  'adapters/egress/git-client.ts',
  'adapters/egress/package-client.ts',
  'adapters/models/llama-child.ts',
  'adapters/models/onnx-process.ts',
  'adapters/models/trainer-process.ts',
  'adapters/parsers/parser-process.ts',
  // Runs the repository's own benchmarks with this very Node.
  'cli/bench.ts',
  // Asks npm, pip and mvn for their versions.
  'compose/diagnose.ts',
];

/** The only code of src that runs in the console, pure by its room; all else is types of core. */
const RUN_IN_CONSOLE = [
  // A tab that serves a specialist reads and asks it as the farm does.
  'base/micro-model.ts',
  // Console, command line and `cadre why` tell the same figures.
  'core/canary.ts',
  'core/feature-words.ts',
  'core/probability-range.ts',
];

interface Import {
  readonly file: string;
  /** A path below src, or the name of a package without what follows in it. */
  readonly target: string;
  /** What is imported besides types; `*` = everything. */
  readonly names: readonly string[];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(?:([^'";]*?)\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/g;
  return [...text.matchAll(pattern)].map(([, clause = '*', fixed, late]) => {
    const name = fixed ?? late ?? '';
    const target = name.startsWith('.')
      ? relative(source, resolve(dirname(file), name))
      : packageOf(name);
    return { file: relative(source, file), target, names: namesOf(clause) };
  });
}

function namesOf(clause: string): string[] {
  if (clause.startsWith('type ')) return [];
  const listed = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
  if (listed === undefined) return ['*'];
  return listed
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith('type '))
    .map((one) => one.split(' ')[0] ?? one);
}

/** `hono/cors` → `hono`, `fs/promises` → `node:fs`. */
function packageOf(name: string): string {
  const [first = '', second = ''] = name.split('/');
  if (first.startsWith('@')) return `${first}/${second}`;
  return builtinModules.includes(first) ? `node:${first}` : first;
}

const files = filesBelow(source);
const imports = files.flatMap(importsOf);

/** `core`, `gate`, `adapters/egress`, `pipeline`, `main` … */
function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  if (first === 'adapters') return `adapters/${second}`;
  return first.replace(/\.ts$/, '');
}

function isLocal(target: string): boolean {
  return target.endsWith('.ts') || target.endsWith('.json');
}

function isAllowed({ file, target }: Import): boolean {
  const from = roomOf(file);
  const isInHouse = isLocal(target);
  const to = isInHouse ? roomOf(target) : target;
  if (isInHouse && from === to) return true;
  if (from === 'core') return target === 'zod';
  if (from === 'base') return false;
  if (ROOMS.includes(from))
    return isInHouse ? to === 'core' || to === 'base' : PURE_PACKAGES.has(target);
  if (from === 'pipeline' || from === 'stages')
    return isInHouse && ['core', 'base', 'stages', ...ROOMS].includes(to);
  if (from.startsWith('adapters/')) {
    if (isInHouse) return to === 'core' || to === 'base' || to.startsWith('adapters/');
    if (target === 'pg') return from === 'adapters/stores';
    // The scripted vendor only listens; which names it takes is tested below.
    if (from === 'adapters/vendor' && target === 'node:http') return true;
    return from === 'adapters/egress' || !OUTBOUND.has(target);
  }
  if (from === 'workers')
    return isInHouse
      ? ['core', 'base', ...ROOMS].includes(to) || to.startsWith('adapters/')
      : !OUTBOUND.has(target);
  if (from === 'server')
    return isInHouse ? to === 'core' || to === 'base' : SERVER_PACKAGES.has(target);
  if (from === 'cli') return isInHouse ? to === 'core' || to === 'main' : CLI_PACKAGES.has(target);
  if (from === 'index') return isInHouse && ['core', 'main', 'compose'].includes(to);
  return from === 'main' || from === 'compose';
}

/** Files below src, without the training examples, which are quotations of programs. */
function filesThatSay(pattern: RegExp): string[] {
  return files
    .filter((file) => !file.includes('/gate/training/'))
    .filter((file) => pattern.test(readFileSync(file, 'utf8')))
    .map((file) => relative(source, file));
}

describe('architecture', () => {
  it('imports only what the table allows', () => {
    expect(imports.length).toBeGreaterThan(50);
    const broken = imports.filter((one) => !isAllowed(one));
    expect(broken.map((one) => `${one.file} → ${one.target}`)).toEqual([]);
  });

  it('runs pure code alone in the console', () => {
    const taken = filesBelow(join(root, 'console', 'src'))
      .flatMap(importsOf)
      .filter((one) => isLocal(one.target) && !one.target.startsWith('..'));
    expect(taken.length).toBeGreaterThan(20);
    const run = taken.filter((one) => one.names.length > 0).map((one) => one.target);
    expect([...new Set(run)].sort()).toEqual(RUN_IN_CONSOLE);
    const typed = taken.map((one) => one.target).filter((one) => !run.includes(one));
    expect(typed.filter((one) => roomOf(one) !== 'core')).toEqual([]);
  });

  it('hides no import from this test', () => {
    expect(filesThatSay(/\bimport\(\s*[^\s']|createRequire|getBuiltinModule|\brequire\(/)).toEqual(
      [],
    );
  });

  it('opens connections in egress only, and never by the globals', () => {
    expect(
      filesThatSay(/(?<![.#\w])fetch\(|globalThis\.fetch|\b(WebSocket|EventSource)\b/),
    ).toEqual([]);
    const http = imports.filter(
      (one) =>
        one.target === 'node:http' && ['server', 'adapters/vendor'].includes(roomOf(one.file)),
    );
    expect(new Set(http.flatMap((one) => one.names))).toEqual(new Set(['createServer']));
    const sockets = imports.filter((one) => one.target === 'ws');
    expect(new Set(sockets.flatMap((one) => one.names))).toEqual(new Set(['WebSocketServer']));
  });

  it('starts processes in the listed files only', () => {
    const starters = imports.filter((one) => one.target === 'node:child_process');
    expect(starters.map((one) => one.file).sort()).toEqual(PROCESS_STARTERS);
    expect(filesThatSay(/node:cluster/)).toEqual([]);
  });

  it('has no import cycles', () => {
    const graph = new Map<string, string[]>();
    for (const one of imports)
      if (isLocal(one.target)) graph.set(one.file, [...(graph.get(one.file) ?? []), one.target]);
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('keeps files short and their names in kebab-case', () => {
    const all = [
      ...files,
      ...filesBelow(join(root, 'test')),
      ...filesBelow(join(root, 'bench')),
      ...filesBelow(join(root, 'console', 'src')),
    ];
    const long = all.filter(
      (file) =>
        !file.includes('.generated.') && readFileSync(file, 'utf8').split('\n').length > 301,
    );
    expect(long.map((file) => relative(root, file))).toEqual([]);
    const misnamed = all.filter(
      (file) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.generated|\.test|\.config|\.d)?\.tsx?$/.test(
          file.split('/').pop() ?? '',
        ),
    );
    expect(misnamed.map((file) => relative(root, file))).toEqual([]);
  });

  it('keeps functions short', () => {
    const long = files
      .filter((file) => !file.includes('.generated.'))
      .flatMap((file) =>
        longFunctionsOf(readFileSync(file, 'utf8'), 60).map(
          (one) => `${relative(source, file)} ${one.name}`,
        ),
      );
    expect(long).toEqual([]);
  });

  it('reads the environment only in main', () => {
    const readers = filesThatSay(/process\.env\b|\benv\b[^;]*\} from 'node:process'/);
    expect(readers.filter((file) => roomOf(file) !== 'main')).toEqual([]);
  });

  it('describes every room in one README', () => {
    const rooms = readdirSync(source, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const room of rooms)
      expect(
        readFileSync(join(source, room.name, 'README.md'), 'utf8').trim().length,
        room.name,
      ).toBeGreaterThan(20);
  });
});
