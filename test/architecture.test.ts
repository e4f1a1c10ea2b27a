import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');
const ROOMS = ['policy', 'gate', 'ground', 'run', 'verify', 'fleet', 'record', 'learn'];
/** Packages without I/O that a room may use. */
const PURE_PACKAGES = new Set(['zod']);
/** What may open a connection or start a package client; only adapters/egress. */
const OUTBOUND = new Set([
  'undici',
  'node:net',
  'node:tls',
  'node:http2',
  'node:https',
  'node:dgram',
]);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  for (const match of text.matchAll(pattern)) {
    const name = match[2] ?? match[3] ?? '';
    const target = name.startsWith('.') ? relative(source, resolve(dirname(file), name)) : name;
    found.push({ file: relative(source, file), target, typeOnly: match[1] !== undefined });
  }
  return found;
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

function isAllowed(from: string, target: string, file: string, typeOnly: boolean): boolean {
  const local = isLocal(target);
  const to = local ? roomOf(target) : target;
  if (local && from === to) return true;
  if (from === 'core') return !local && target === 'zod';
  if (from === 'base') return false;
  if (ROOMS.includes(from))
    return local ? to === 'core' || to === 'base' : PURE_PACKAGES.has(target);
  if (from === 'pipeline' || from === 'stages')
    return local && ['core', 'base', 'stages', ...ROOMS].includes(to);
  if (from.startsWith('adapters/')) {
    if (local) return to === 'core' || to === 'base' || to.startsWith('adapters/');
    if (OUTBOUND.has(target) && !typeOnly)
      return from === 'adapters/egress' || (from === 'adapters/stores' && target === 'pg');
    return (
      target !== 'node:http' ||
      from === 'adapters/egress' ||
      file === 'adapters/egress/home-client.ts'
    );
  }
  if (from === 'workers')
    return !local || ['core', 'base', ...ROOMS].includes(to) || to.startsWith('adapters/');
  if (from === 'server') return local ? to === 'core' || to === 'base' : !OUTBOUND.has(target);
  if (from === 'cli')
    return local
      ? to === 'core' || to === 'main' || to === 'base'
      : !OUTBOUND.has(target) && target !== 'node:http';
  if (from === 'index') return local;
  return from === 'main' || from === 'compose';
}

describe('architecture', () => {
  it('imports only what the table allows', () => {
    expect(imports.length).toBeGreaterThan(50);
    const broken = imports.filter(
      (one) => !isAllowed(roomOf(one.file), one.target, one.file, one.typeOnly),
    );
    expect(broken.map((one) => `${one.file} → ${one.target}`)).toEqual([]);
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
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.generated|\.test|\.config)?\.tsx?$/.test(
          file.split('/').pop() ?? '',
        ),
    );
    expect(misnamed.map((file) => relative(root, file))).toEqual([]);
  });

  it('reads the environment only in main', () => {
    const readers = files
      .filter((file) => /process\.env\b/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(source, file));
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
