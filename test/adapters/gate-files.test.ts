import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
