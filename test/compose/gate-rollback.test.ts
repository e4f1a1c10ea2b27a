import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { GateRoom } from '../../src/compose/gate-room.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import type { GateSpoke } from '../../src/gate/spoke.ts';
import { general, quick } from '../gate/farm.ts';
import { pastRequests } from './gate-home.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');

let home: string;
let spokes: GateSpoke[];
let log: string[];
const rooms: GateRoom[] = [];
beforeEach(() => {
  spokes = [quick, general];
  log = [];
  home = mkdtempSync(join(tmpdir(), 'cadre-gate-'));
  fitGateInHome({ home, file: { text: pastRequests(200, 1) }, seed: 1, days: 90, now: NOW });
});
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.close()));
  rmSync(home, { recursive: true, force: true });
});

function openRoom(): GateRoom {
  const room = new GateRoom({
    files: new GateFiles(join(home, 'gate')),
    starter: createStarterEstimator(),
    clock: { now: () => NOW },
    log: (line) => log.push(line),
    spokeOf: (id) => spokes.find((one) => one.id === id),
    spokeIds: () => spokes.map(({ id }) => id),
  });
  rooms.push(room);
  return room;
}

/** The first gate so many times more. */
function copies(count: number): void {
  const files = new GateFiles(join(home, 'gate'));
  for (let at = 0; at < count; at += 1)
    cpSync(join(home, 'gate', '1'), files.pathOf(files.list().length + 1, ''), { recursive: true });
}

describe('the gates of a home', { timeout: 60_000 }, () => {
  it('go back to what was in force before, at last to the starter’s table', () => {
    const room = openRoom();
    copies(2);
    for (const version of [3, 1, 2]) room.choose(version);
    expect(room.rollback().version).toBe(1);
    expect(openRoom().rollback().version).toBe(3);
    expect(room.rollback().version).toBe(0);
    expect(room.rollback().version).toBe(0);
    expect(room.inForce.certificate).toBeUndefined();
    expect(() => room.choose(9)).toThrow(/no gate 9/);
  });

  it('go back past what is damaged, also where the one in force is', () => {
    const room = openRoom();
    copies(3);
    for (const version of [1, 2, 3]) room.choose(version);
    for (const version of [2, 3])
      writeFileSync(join(home, 'gate', String(version), 'model.bin'), 'damaged');
    expect(openRoom().status()).toMatchObject({ version: 0, problem: expect.anything() });
    const after = openRoom().rollback();
    expect(after).toMatchObject({ version: 1 });
    expect(after.problem).toBeUndefined();
    // An older home remembers nothing but the one in force.
    writeFileSync(join(home, 'gate', 'current'), '3\n');
    expect(openRoom().rollback().version).toBe(1);
    writeFileSync(join(home, 'gate', 'current'), '4\n');
    expect(openRoom().rollback().version).toBe(1);
    expect(openRoom().rollback().version).toBe(0);
  });

  it('promise nothing while a certified model is no spoke of the farm, and say who', () => {
    const room = openRoom();
    expect(room.choose(1).problem).toBeUndefined();
    spokes = [quick, { ...general, id: 'generel' }];
    const without = room.status();
    expect(without.problem).toBe(
      'general (did you mean generel?) is no spoke of this farm: nothing is promised',
    );
    expect(without.promises).toEqual(['nothing is promised']);
    expect(without.certificate).toBeUndefined();
    expect(room.inForce.certificate).toBeUndefined();
    expect(room.inForce.safeSpoke).toBeUndefined();
    expect(log).toEqual([expect.stringContaining('gate 1: general (did you mean')]);
    spokes = [general];
    expect(room.status().problem).toMatch(/^quick is no spoke .* general answers everything$/);
    expect(room.inForce).toMatchObject({ safeSpoke: 'general' });
    spokes = [quick, general];
    expect(room.status().problem).toBeUndefined();
    expect(room.inForce.certificate).toBeDefined();
  });

  it('tell a reference without a price, by which nothing can be saved, and keep the promise', () => {
    const remote = { ...general, destination: 'vendor', dollarsPerSecond: 0 };
    spokes = [quick, remote];
    const room = openRoom();
    expect(room.choose(1).problem).toMatch(/^general has no price, .* give its model a `price`$/);
    expect(room.inForce.certificate).toBeDefined();
    spokes = [quick, { ...remote, price: { input: 2, output: 8 } }];
    expect(room.status().problem).toBeUndefined();
    spokes = [quick, general];
    expect(room.status().problem).toBeUndefined();
  });
});
