import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { seededRandom } from '../../src/base/random.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { GateRoom } from '../../src/compose/gate-room.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { decideRoute } from '../../src/gate/route.ts';
import { ask, general, input, quick } from '../gate/farm.ts';

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
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** `quick` is as good as `general` at colours and knows no sums. */
function pastRequests(count: number, seed: number): string {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const isSum = random() < 0.5;
    const prompt = isSum
      ? `Add ${Math.floor(9999 * random())} and ${at}`
      : `Name the colour of thing ${at}`;
    const right = random() < 0.9 ? 1 : 0;
    return JSON.stringify({
      prompt,
      scores: { quick: isSum ? 0 : right, general: right },
      costs: { quick: 1, general: 10 },
    });
  }).join('\n');
}

const fitted = (seed = 1, text = pastRequests(500, seed)) =>
  fitGateInHome({ home, file: written(text), alpha: 0.05, delta: 0.1, seed, days: 90, now });

/** The text as a file. */
function written(text: string): string {
  const file = join(home, 'past.jsonl');
  writeFileSync(file, text);
  return file;
}

const openRoom = () =>
  new GateRoom({
    files: new GateFiles(join(home, 'gate')),
    starter: createStarterEstimator(),
    clock: { now: () => now },
    log: (line) => log.push(line),
  });

/** Whom `auto` asks now, of the cheap and the dear one. */
function chosen(room: GateRoom, text: string): string {
  const { estimator, certificate } = room.inForce;
  const spokes = [
    { ...quick, price: { input: 1, output: 1 } },
    { ...general, price: { input: 10, output: 10 } },
  ];
  const wish = { ...input(ask(text), { spokes }), ...(certificate ? { certificate } : {}) };
  const result = decideRoute(wish, estimator);
  if ('rejected' in result) throw new Error(JSON.stringify(result.rejected));
  return result.decision.spoke;
}

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

  it('go back one by one, at last to the starter’s table', () => {
    const room = openRoom();
    fitted(1);
    fitted(2);
    room.choose(2);
    expect(room.rollback().version).toBe(1);
    expect(room.rollback().version).toBe(0);
    expect(room.inForce.certificate).toBeUndefined();
    expect(() => room.choose(9)).toThrow(/no gate 9/);
  });

  it('end their promise on its last day, while the farm runs', () => {
    const room = openRoom();
    room.choose(fitted().version);
    expect(room.inForce.certificate).toBeDefined();
    now += 91 * DAY_MS;
    expect(room.inForce.certificate).toBeUndefined();
    expect(room.status().problem).toMatch(/expired/);
    expect(log.at(-1)).toMatch(/expired/);
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

  it('say what a file lacks', () => {
    const withoutCosts = pastRequests(60, 1).replaceAll(/,"costs":\{[^}]*\}/g, '');
    expect(() => fitted(1, withoutCosts)).toThrow(/what the models cost/);
    expect(() => fitted(1, pastRequests(12, 1))).toThrow(/graded rows/);
  });
});
