import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { GateRoom } from '../../src/compose/gate-room.ts';
import type { FeedbackRow } from '../../src/core/outcome.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { general, quick } from '../gate/farm.ts';
import { sampleAttempt } from '../record/samples.ts';
import { decided, pastRequests } from './gate-home.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const DAY_MS = 86_400_000;

let home: string;
let now: number;
let log: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cadre-gate-'));
  now = NOW;
  log = [];
});
const rooms: GateRoom[] = [];
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.close()));
  rmSync(home, { recursive: true, force: true });
});

const fitted = (seed = 1, text = pastRequests(500, seed)) =>
  fitGateInHome({ home, file: written(text), alpha: 0.05, delta: 0.1, seed, days: 90, now });

/** The text as a file. */
function written(text: string): string {
  const file = join(home, 'past.jsonl');
  writeFileSync(file, text);
  return file;
}

function openRoom(): GateRoom {
  const room = new GateRoom({
    files: new GateFiles(join(home, 'gate')),
    starter: createStarterEstimator(),
    clock: { now: () => now },
    log: (line) => log.push(line),
    spokeOf: (id) => [quick, general].find((one) => one.id === id),
  });
  rooms.push(room);
  return room;
}

/** Whom `auto` asks now, of the cheap and the dear one. */
const chosen = (room: GateRoom, text: string) => decided(room, text).spoke;

const COLOUR = 'Name the colour of thing 77';
const SUM = 'Add 1234 and 77';

/** A request that `auto` decided and `spoke` answered. */
function answered(room: GateRoom, spoke: string, change: Partial<Receipt> = {}): Receipt {
  return sampleReceipt('req_a', {
    at: now,
    route: decided(room, COLOUR),
    attempts: [sampleAttempt({ spoke, outcome: 'released' })],
    ...change,
  });
}

const thumb = (score: number): FeedbackRow[] => [
  { receipt: 'req_a', source: 'thumbs', key: 'key_a', score, at: now },
];

describe('the gates of a home', () => {
  it('decide by the starter’s table until one is fitted and put in force', () => {
    const room = openRoom();
    expect(room.status()).toMatchObject({ version: 0, versions: [] });
    const { version, report } = fitted();
    expect(report.saved).toBeGreaterThan(0.3);
    expect(room.status()).toMatchObject({ version: 0, versions: [{ version, inForce: false }] });
    expect(room.choose(version)).toMatchObject({ version, versions: [{ inForce: true }] });
    expect(chosen(room, 'Name the colour of thing 77')).toBe('quick');
    expect(chosen(room, 'Add 1234 and 77')).toBe('general');
    expect(openRoom().status().version).toBe(version);
  });

  it('show their curve and the figures of each part of the promise', () => {
    const room = openRoom();
    const { version, picture } = fitted();
    expect(room.status().certificate).toBeUndefined();
    expect(room.choose(version).certificate?.slices.length).toBeGreaterThan(0);
    expect(room.curve(version)).toBe(readFileSync(picture, 'utf8'));
    expect(room.curve(version)).toMatch(/^<svg/);
    for (const none of [0, 9, 1.5]) expect(() => room.curve(none)).toThrow(/there is no gate/);
    rmSync(picture);
    expect(() => room.curve(version)).toThrow(/curve\.svg cannot be read/);
  });

  it('end their promise on its last day, while the farm runs', () => {
    const room = openRoom();
    room.choose(fitted().version);
    expect(room.inForce.certificate).toBeDefined();
    now += 91 * DAY_MS;
    expect(room.inForce.certificate).toBeUndefined();
    expect(room.status().problem).toMatch(/expired/);
    expect(log.at(-1)).toMatch(/expired/);
    // As the warning says: the reference answers everything.
    expect(decided(room, COLOUR)).toMatchObject({
      spoke: 'general',
      reasons: [expect.stringContaining('not in force'), expect.anything(), expect.anything()],
    });
  });

  it.each(['model.bin', 'certificate.json', 'report.json'])(
    'stay safe when %s is damaged',
    (name) => {
      const { version } = fitted();
      openRoom().choose(version);
      const file = join(home, 'gate', String(version), name);
      const bytes = readFileSync(file);
      bytes[30] = (bytes[30] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      const room = openRoom();
      const { problem, version: inForce } = room.status();
      if (name === 'report.json') return expect(room.inForce.certificate ?? problem).toBeDefined();
      expect(problem).toBeDefined();
      expect(log.join()).toContain('gate');
      expect(room.inForce.certificate).toBeUndefined();
      expect(inForce).toBe(name === 'model.bin' ? 0 : version);
      if (name === 'model.bin') expect(() => room.choose(version)).toThrow(/cannot be read/);
    },
  );

  it('suspend what was certified of a spoke that falls, tell it, and remember it over a restart', async () => {
    const room = openRoom();
    room.choose(fitted().version);
    for (let at = 0; at < 40; at += 1) room.drift.learnSaid(answered(room, 'quick'), thumb(1));
    expect(chosen(room, COLOUR)).toBe('quick');
    expect(room.status().drift).toEqual({ outcomes: 40, alarms: [] });
    let falls = 0;
    for (; room.inForce.suspension === undefined && falls < 60; falls += 1)
      room.drift.learnSaid(answered(room, 'quick'), thumb(0));
    expect(falls).toBeLessThan(30);
    expect(log.at(-1)).toMatch(/`quick` fell in .*: 0\.\d\d right .* `general` answers instead/);
    const { spoke, reasons } = decided(room, COLOUR);
    expect(spoke).toBe('general');
    expect(reasons.join()).toMatch(/`quick` fell in .* suspended until a new gate/);
    expect(room.status().promises.join()).toContain('suspended after an alarm');
    await room.close();

    const again = openRoom();
    expect(again.status().drift).toEqual(room.status().drift);
    expect(chosen(again, COLOUR)).toBe('general');
    // A new gate begins without what the one before learned.
    again.choose(fitted(2).version);
    expect(again.status().drift).toEqual({ outcomes: 0, alarms: [] });
    expect(chosen(again, COLOUR)).toBe('quick');
    await again.close();
    expect(openRoom().status().drift?.outcomes).toBe(0);
    // Put in force once more, a gate begins without its alarms.
    for (let at = 0; at < 60; at += 1) again.drift.learnSaid(answered(again, 'quick'), thumb(0));
    expect(again.status().drift?.alarms.length).toBeGreaterThan(0);
    expect(again.choose(again.status().version).drift).toEqual({ outcomes: 0, alarms: [] });
    expect(chosen(again, COLOUR)).toBe('quick');
  });

  it('promise nothing once the reference itself falls, and ask whoever is most probably right', async () => {
    const room = openRoom();
    room.choose(fitted().version);
    const before = decided(room, COLOUR).candidates.find((one) => one.spoke === 'general');
    for (let at = 0; at < 80; at += 1) room.drift.learnSaid(answered(room, 'general'), thumb(0));
    expect(room.inForce.certificate).toBeUndefined();
    const { spoke, reasons, candidates, certified } = decided(room, COLOUR);
    expect(certified).toBeUndefined();
    expect(spoke).toBe('quick');
    expect(reasons[0]).toMatch(/nothing is promised; `quick` is most probable to be right/);
    expect(reasons.join()).toMatch(/`general` fell in .* nothing is promised and whoever/);
    // What its answers there were worth since, not what it was fitted with.
    const fallen = candidates.find((one) => one.spoke === 'general')?.probability ?? 1;
    expect(fallen).toBeLessThan((before?.probability ?? 0) / 2);
    // At sums nobody saw it fall: it is still far better there than the other one.
    expect(decided(room, SUM).spoke).toBe('general');
    expect(room.status().promises).toEqual([
      'nothing is promised: general itself fell, by which all is measured',
    ]);
    expect(room.status().drift?.alarms.join()).toMatch(/`general` fell in/);
    // Nor is it the safe side when the certificate runs out, or after a restart.
    now += 91 * DAY_MS;
    expect(decided(room, COLOUR).spoke).toBe('quick');
    room.drift.learnSaid(answered(room, 'general'), thumb(0));
    expect(room.status().problem).toMatch(
      /expired .* answers everything; but it fell itself, so .* does$/,
    );
    await room.close();
    const again = openRoom();
    expect(decided(again, COLOUR).spoke).toBe('quick');
    for (let at = 0; at < 60; at += 1) again.drift.learnSaid(answered(again, 'quick'), thumb(0));
    const alarms = again.status().drift?.alarms.join() ?? '';
    expect(alarms).toContain('`quick` fell');
    expect(alarms).not.toContain('`general` answers instead');
  });

  it('learn from checks and escalations, not from what nobody checked or named', () => {
    const room = openRoom();
    const checks = [{ check: 'schema' as const, passed: true, score: 1, detail: '' }];
    const outcomes = (change: Partial<Receipt>) => {
      const before = room.drift.state.outcomes;
      room.drift.learn(answered(room, 'quick', change));
      return room.drift.state.outcomes - before;
    };
    expect(outcomes({ confidence: 0.7, checks })).toBe(1);
    expect(outcomes({ confidence: 0.7, checks: [] })).toBe(0);
    const named = { ...decided(room, COLOUR), tasks: [] };
    expect(outcomes({ confidence: 0.7, checks, route: named })).toBe(0);
    const escalated = [
      sampleAttempt({ spoke: 'quick', outcome: 'escalated' }),
      sampleAttempt({ spoke: 'general', outcome: 'released' }),
    ];
    expect(outcomes({ confidence: 0.7, checks, attempts: escalated })).toBe(2);
    const gone = [sampleAttempt({ spoke: 'gone', outcome: 'released' })];
    expect(outcomes({ confidence: 0.7, checks, attempts: gone })).toBe(0);
    room.drift.learnSaid(answered(room, 'quick', { at: now - 1 }), thumb(0));
    expect(room.drift.state.outcomes).toBe(3);
  });

  it('begin to learn anew where what was learned is damaged', async () => {
    const room = openRoom();
    room.drift.learnSaid(answered(room, 'quick'), thumb(1));
    await room.close();
    const file = join(home, 'gate', 'drift.json');
    expect(openRoom().status().drift?.outcomes).toBe(1);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200));
    expect(openRoom().status().drift?.outcomes).toBe(0);
  });

  it('compare a new gate with the one in force, on rows that neither was fitted on', () => {
    openRoom().choose(fitted().version);
    const same = fitted(1);
    expect(same.rivalry).toMatchObject({ isPromoted: false, costRatio: 1 });
    const bold = fitGateInHome({
      home,
      file: written(pastRequests(500, 5)),
      alpha: 0.3,
      delta: 0.1,
      seed: 5,
      days: 90,
      now,
    });
    expect(bold.rivalry?.rows).toBeGreaterThan(100);
    expect(bold.rivalry?.costRatio).toBeLessThanOrEqual(1.02);
  });

  it('are certified anew on newer rows, without a row that they were fitted on', () => {
    const room = openRoom();
    const { version } = fitted();
    const again = () =>
      fitGateInHome({
        home,
        file: written(`${pastRequests(500, 1)}\n${pastRequests(300, 9)}`),
        alpha: 0.1,
        delta: 0.1,
        seed: 2,
        days: 30,
        now,
        certifyOnly: true,
      });
    expect(again).toThrow(/no fitted gate is in force/);
    room.choose(version);
    const { report, version: newer } = again();
    expect(newer).toBe(version + 1);
    // Of the 250 held-out rows of the fit and the new ones a fifth only places thresholds.
    expect(report.rows.heldOut).toBeLessThanOrEqual(440);
    expect(report.rows.heldOut).toBeGreaterThan(200);
    expect(room.choose(newer).certificate).toMatchObject({ alpha: 0.1 });
    const model = (one: number) => readFileSync(join(home, 'gate', String(one), 'model.bin'));
    expect(model(newer).equals(model(version))).toBe(true);
    expect(chosen(room, 'Add 1234 and 77')).toBe('general');
  });

  it('say what a file lacks', () => {
    const withoutCosts = pastRequests(60, 1).replaceAll(/,"costs":\{[^}]*\}/g, '');
    expect(() => fitted(1, withoutCosts)).toThrow(/what the models cost/);
    expect(() => fitted(1, pastRequests(12, 1))).toThrow(
      /has 12 graded requests; 28 more are needed/,
    );
  });
});
