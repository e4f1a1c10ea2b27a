import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'cadre-gate-')), 'gate');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

it('keeps gates apart under rising numbers, and none is in force until it is chosen', () => {
  const gates = new GateFiles(folder);
  expect(gates.list()).toEqual([]);
  expect(gates.current()).toBeUndefined();
  expect(gates.add({ 'model.bin': Uint8Array.of(1, 2), 'report.json': '{}' })).toBe(1);
  expect(gates.add({ 'model.bin': Uint8Array.of(3) })).toBe(2);
  expect(gates.list()).toEqual([1, 2]);
  expect(gates.current()).toBeUndefined();
  expect([...gates.read(1, 'model.bin')]).toEqual([1, 2]);
  expect(text(gates.read(1, 'report.json'))).toBe('{}');
  expect(gates.has(2, 'report.json')).toBe(false);
  expect(statSync(join(folder, '1', 'model.bin')).mode & 0o777).toBe(0o600);
});

it('puts one in force, goes back, and goes back to none', () => {
  const gates = new GateFiles(folder);
  gates.add({ a: '' });
  gates.add({ a: '' });
  gates.choose(2);
  expect(new GateFiles(folder).current()).toBe(2);
  gates.choose(1);
  expect(gates.current()).toBe(1);
  gates.choose(undefined);
  expect(gates.current()).toBeUndefined();
  expect(() => gates.choose(3)).toThrow(/no gate 3/);
});

it('sees nothing of a gate whose writing was cut short', () => {
  const gates = new GateFiles(folder);
  gates.add({ a: '' });
  mkdirSync(join(folder, '.2-999'));
  expect(gates.list()).toEqual([1]);
  expect(gates.add({ a: '' })).toBe(2);
});

it('says which file is damaged', () => {
  const gates = new GateFiles(folder);
  gates.add({ a: '' });
  for (const broken of ['seven', '9', '', '../1']) {
    writeFileSync(join(folder, 'current'), broken);
    expect(() => gates.current()).toThrow(/current names/);
  }
  expect(() => gates.read(1, 'model.bin')).toThrow(/model\.bin cannot be read/);
});

it('remembers what was in force, over any other choice, and forgets what it goes back from', () => {
  const gates = new GateFiles(folder);
  for (let at = 0; at < 4; at += 1) gates.add({ a: '' });
  for (const version of [3, 1, 1, 4]) gates.choose(version);
  expect(new GateFiles(folder).earlier()).toEqual([1, 3, 0]);
  gates.goBack(3);
  expect([gates.current(), ...gates.earlier()]).toEqual([3, 0]);
  rmSync(join(folder, '3'), { recursive: true });
  gates.choose(2);
  expect(gates.earlier()).toEqual([0]);
  for (let at = 0; at < 500; at += 1) gates.choose(at % 2 === 0 ? 1 : 2);
  expect(gates.earlier().length).toBeLessThanOrEqual(100);
});

it('gives every process a number of its own when they add at once', async () => {
  const module = new URL('../../src/adapters/stores/gate-files.ts', import.meta.url).href;
  const script = `
    import { GateFiles } from ${JSON.stringify(module)};
    const gates = new GateFiles(${JSON.stringify(folder)});
    const parts = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [String(at), 'x']));
    for (let at = 0; at < 20; at += 1) gates.add(parts);`;
  const run = promisify(execFile);
  const add = () => run(process.execPath, ['--input-type=module', '-e', script]);
  await Promise.all([add(), add(), add(), add(), add()]);
  expect(new GateFiles(folder).list()).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
}, 60_000);

it('removes what a killed process left, and nothing of one that lives', () => {
  const gates = new GateFiles(folder);
  gates.add({ a: '' });
  const dead = String(spawnSync(process.execPath, ['-e', '']).pid);
  mkdirSync(join(folder, `.2-${dead}`));
  writeFileSync(join(folder, `.2-${dead}`, 'model.bin'), 'half');
  writeFileSync(join(folder, `.current-${dead}`), '1');
  mkdirSync(join(folder, `.2-${process.ppid}`));
  gates.add({ a: '' });
  expect(readdirSync(folder).sort()).toEqual([`.2-${process.ppid}`, '1', '2']);
});
