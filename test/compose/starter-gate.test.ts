import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { type GateRoom, openGateRoom } from '../../src/compose/gate-room.ts';
import { installStarterGate } from '../../src/compose/starter-gate.ts';
import type { RouteDecision } from '../../src/core/decision.ts';
import { decideRoute, type GateSpoke } from '../../src/gate/route.ts';
import { gateScopeSchema } from '../../src/gate/scope.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import { ask, input, spoke } from '../gate/farm.ts';

const SHIPPED = resolve(import.meta.dirname, '..', '..', 'starter', 'gate');
const SCOPE = gateScopeSchema.parse(JSON.parse(readFileSync(join(SHIPPED, 'scope.json'), 'utf8')));
const SUM = 'Ann has 3 boxes with 12 pencils each and gives 5 away. How many pencils are left?';
const GREETING = 'Good morning!';

let home: string;
let now: number;
let log: string[];
const rooms: GateRoom[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cadre-starter-gate-'));
  now = Date.parse('2026-12-01T12:00:00Z');
  log = [];
});
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.close()));
  rmSync(home, { recursive: true, force: true });
});

function openRoom(withStarter = true): GateRoom {
  const room = openGateRoom(home, {
    clock: { now: () => now },
    log: (line) => log.push(line),
    spokeOf: (id) => FARM.find((one) => one.id === id),
    withStarter,
  });
  rooms.push(room);
  return room;
}

/** The starter's chat spokes, all loaded; the larger the model, the slower. */
const FARM: readonly GateSpoke[] = STARTER_SPOKES.filter((one) => one.kind === 'chat').map((one) =>
  spoke(one.id, {
    modelId: one.model,
    maxTokens: one.maxTokens,
    tools: one.tools,
    output: one.output,
    tasks: one.tasks,
    fallback: one.fallback,
    secondsPerToken: one.model.includes('1.5b') ? 0.04 : one.model.includes('0.5b') ? 0.02 : 0.01,
    dollarsPerSecond: 1e-5,
  }),
);

function decided(room: GateRoom, text: string, spokes = FARM): RouteDecision {
  const { estimator, certificate, scope, safeSpoke } = room.inForce;
  const wish = {
    ...input(ask(text), { spokes, promise: 0.6 }),
    ...(certificate ? { certificate } : {}),
    ...(scope ? { scope } : {}),
    ...(safeSpoke ? { safeSpoke } : {}),
  };
  const result = decideRoute(wish, estimator);
  if ('rejected' in result) throw new Error(JSON.stringify(result.rejected));
  return result.decision;
}

describe('the gate that comes with the farm', () => {
  it('is in force in a fresh home, with its certificate and its data', () => {
    const { version, versions, certificate, promises, problem } = openRoom().status();
    expect([version, problem]).toEqual([1, undefined]);
    expect(certificate).toMatchObject({ reference: 'general', alpha: 0.1, delta: 0.1 });
    const [slice] = certificate?.slices ?? [];
    expect(slice?.bound).toBeLessThanOrEqual(0.1);
    expect(slice?.threshold).not.toBeNull();
    expect(promises[0]).toMatch(/^arithmetic, .*: .*general/);
    expect(versions).toMatchObject([{ version: 1, inForce: true, origin: 'starter' }]);
    expect(versions[0]?.report?.data).toBe(certificate?.data);
    expect(versions[0]?.report?.quality.gate).toBeGreaterThan(
      versions[0]?.report?.quality.reference ?? 1,
    );
  });

  it('was fitted on the spokes and models that the farm has', () => {
    for (const [id, model] of Object.entries(SCOPE.models))
      expect(STARTER_SPOKES.find((one) => one.id === id)?.model, id).toBe(model);
  });

  it('decides by the certificate what it speaks of, and leaves the rest to the table', () => {
    const room = openRoom();
    const sum = decided(room, SUM);
    expect(sum.spoke).toBe('calculator');
    expect(sum.certified).toMatchObject({ reference: 'general', alpha: 0.1 });
    const greeting = decided(room, GREETING);
    expect([greeting.spoke, greeting.certified]).toEqual(['quick', undefined]);
  });

  it('leaves to the table what a spoke may answer that was not graded, and says so', () => {
    const room = openRoom();
    const far = spoke('far', { modelId: 'some/model', tasks: [] });
    const other = decided(room, SUM, [...FARM, far]);
    expect(other.certified).toBeUndefined();
    expect(other.reasons.join('\n')).toMatch(/does not know `far`, so the table decides/);
    const swapped = FARM.map((one) =>
      one.id === 'calculator' ? { ...one, modelId: 'some/model' } : one,
    );
    expect(decided(room, SUM, swapped).certified).toBeUndefined();
  });

  it('gives way to the table and comes back, over a restart too', () => {
    const room = openRoom();
    expect(room.rollback().version).toBe(0);
    expect(decided(room, SUM).certified).toBeUndefined();
    expect(openRoom().status().version).toBe(0);
    expect(room.choose(1).version).toBe(1);
    expect(openRoom().status().version).toBe(1);
  });

  it('does not come into a farm without the starter’s models', () => {
    expect(openRoom(false).status()).toMatchObject({ version: 0, versions: [] });
  });

  it('leaves everything to the table when its time is over or its certificate is damaged', () => {
    const room = openRoom();
    now = Date.parse('2028-01-01T00:00:00Z');
    expect(decided(room, SUM).certified).toBeUndefined();
    expect(room.status().problem).toMatch(/expired .*; the starter’s table decides$/);
    now = Date.parse('2026-12-01T12:00:00Z');
    writeFileSync(join(home, 'gate', '1', 'certificate.json'), '{}');
    const damaged = openRoom();
    expect(damaged.status()).toMatchObject({ version: 1, promises: [expect.anything()] });
    expect(damaged.status().problem).toMatch(/damaged/);
    expect(decided(damaged, GREETING).spoke).toBe('quick');
    writeFileSync(join(home, 'gate', '1', 'scope.json'), '{');
    expect(openRoom(false).status().version).toBe(0);
    expect(log.join('\n')).toMatch(/scope\.json of gate 1 cannot be read/);
    // The next start brings a whole one.
    expect(decided(openRoom(), SUM).certified).toBeDefined();
  });
});

describe('installing the starter’s gate', () => {
  const files = () => new GateFiles(join(home, 'gate'));

  /** Another release’s gate. */
  function release(name: string): string {
    const folder = join(home, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'scope.json'), JSON.stringify({ ...SCOPE, reference: name }));
    return folder;
  }

  it('takes the place of an older one of its kind, once', () => {
    for (const name of ['first', 'first-again', 'second'])
      installStarterGate(files(), log.push, release(name));
    expect([files().list(), files().current()]).toEqual([[1, 2, 3], 3]);
    installStarterGate(files(), log.push, join(home, 'second'));
    expect([files().list(), files().current()]).toEqual([[1, 2, 3], 3]);
  });

  it('leaves a gate of the owner’s own, and the table that he chose, in force', () => {
    files().choose(files().add({ 'model.bin': 'mine' }));
    installStarterGate(files(), log.push, SHIPPED);
    expect([files().list(), files().current()]).toEqual([[1], 1]);
    files().choose(undefined);
    installStarterGate(files(), log.push, SHIPPED);
    expect(files().current()).toBeUndefined();
  });
});
