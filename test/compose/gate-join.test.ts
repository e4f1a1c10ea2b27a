import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { seededRandom } from '../../src/base/random.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { joinGateInHome } from '../../src/compose/gate-join.ts';
import { GateRoom } from '../../src/compose/gate-room.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { coder as farmCoder, general, quick } from '../gate/farm.ts';
import { sampleAttempt } from '../record/samples.ts';
import { decided, pastRequests } from './gate-home.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const COLOUR = 'Name the colour of thing 77';
const SUM = 'Add 1234 and 77';
const coder = { ...farmCoder, tasks: [], price: { input: 2, output: 2 } };

/** A gate for `quick` and `general`, in force; each test has a copy. */
let template: string;
let home: string;
let log: string[];
let room: GateRoom;

beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), 'cadre-gate-'));
  fitGateInHome({
    home: template,
    file: { text: pastRequests(500, 1) },
    ...{ alpha: 0.05, delta: 0.1, seed: 1, days: 90, now: NOW },
  });
  new GateFiles(join(template, 'gate')).choose(1);
}, 60_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cadre-gate-'));
  cpSync(template, home, { recursive: true });
  log = [];
  room = openRoom();
});
afterEach(async () => {
  await room.close();
  rmSync(home, { recursive: true, force: true });
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

function openRoom(): GateRoom {
  return new GateRoom({
    files: new GateFiles(join(home, 'gate')),
    starter: createStarterEstimator(),
    clock: { now: () => NOW },
    log: (line) => log.push(line),
    spokeOf: (id) => [quick, general, coder].find((one) => one.id === id),
  });
}

/** `coder` is good at sums and knows no colours; `others` are graded on the same requests. */
function coderRequests(count: number, seed: number, others: readonly string[] = ['general']) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const isSum = random() < 0.5;
    const prompt = isSum
      ? `Add ${Math.floor(9999 * random())} and ${at + 1000 * seed}`
      : `Name the colour of thing ${at + 1000 * seed}`;
    const right = random() < 0.9 ? 1 : 0;
    const all = { coder: isSum ? right : 0, quick: isSum ? 0 : right, general: right };
    const scores = Object.entries(all).filter(([id]) => id === 'coder' || others.includes(id));
    const costs = { coder: 2, quick: 1, general: 10 };
    return JSON.stringify({ prompt, scores: Object.fromEntries(scores), costs });
  }).join('\n');
}

const joined = (text = coderRequests(120, 3), spoke = 'coder') =>
  joinGateInHome({ home, spoke, file: { text }, now: NOW });

const candidate = (text: string) =>
  decided(room, text, [coder]).candidates.find((one) => one.spoke === 'coder');

describe('a spoke that joins the gate in force', { timeout: 60_000 }, () => {
  it('is known by its rows, changes nothing of the promise, and goes with a rollback', () => {
    const before = room.status();
    const result = joined();
    expect(result).toMatchObject({ version: 2, rows: 120, withReference: 120 });
    expect(result.quality?.spoke).toBeLessThan(result.quality?.reference ?? 0);
    expect(room.status().version).toBe(1);
    const status = room.choose(2);
    expect(status.joined).toEqual([{ spoke: 'coder', rows: 120, isCertified: false }]);
    expect(status.certificate).toEqual(before.certificate);
    expect(status.promises).toEqual(before.promises);
    expect(status.versions[1]?.report?.joined).toEqual([{ model: 'coder', rows: 120 }]);
    expect(candidate(SUM)).toMatchObject({ joinedRows: 120 });
    expect(candidate(SUM)?.probability).toBeGreaterThan(0.7);
    expect(candidate(COLOUR)?.probability).toBeLessThan(0.3);
    // The certificate speaks of the two that it was made for.
    expect(decided(room, SUM, [coder]).spoke).toBe('general');
    expect(decided(room, COLOUR, [coder]).spoke).toBe('quick');
    expect(room.rollback().joined).toBeUndefined();
    expect(candidate(SUM)?.joinedRows).toBeUndefined();
  });

  it('is chosen by its estimate where no certificate decides, which says by how many rows', () => {
    joined(coderRequests(60, 3, []));
    room.choose(2);
    const { spoke, reasons } = decided(room, SUM, [coder], { isBound: false });
    expect(spoke).toBe('coder');
    expect(reasons).toContain('`coder` joined the gate, known by 60 rows');
    expect(decided(room, COLOUR, [coder], { isBound: false }).spoke).toBe('quick');
  });

  it('answers under a certificate that was made with it, from rows that it did not join by', () => {
    joined();
    room.choose(2);
    const text = [coderRequests(120, 3), coderRequests(500, 5, ['quick', 'general'])].join('\n');
    const certified = fitGateInHome({
      home,
      file: { text },
      certifyOnly: true,
      ...{ alpha: 0.1, delta: 0.1, seed: 2, days: 30, now: NOW },
    });
    expect(certified.report.rows.heldOut).toBeLessThanOrEqual(400);
    const { joined: known, certificate } = room.choose(certified.version);
    expect(certificate?.models).toEqual(['quick', 'general', 'coder']);
    expect(known).toEqual([{ spoke: 'coder', rows: 120, isCertified: true }]);
    expect(decided(room, SUM, [coder]).spoke).toBe('coder');
    expect(decided(room, COLOUR, [coder]).spoke).toBe('quick');
    expect(() => joined(coderRequests(40, 8))).toThrow(/gate 3 knows coder already/);
  });

  it('leaves the alarms of the others as they are, over a restart too', async () => {
    const fall = sampleReceipt('req_a', {
      at: NOW,
      route: decided(room, COLOUR),
      attempts: [sampleAttempt({ spoke: 'quick', outcome: 'released' })],
    });
    const thumb = { receipt: 'req_a', source: 'thumbs', key: 'key_a', score: 0, at: NOW } as const;
    for (let at = 0; at < 60; at += 1) room.drift.learnSaid(fall, [thumb]);
    expect(decided(room, COLOUR).spoke).toBe('general');
    joined();
    const { drift } = room.status();
    expect(room.choose(2).drift).toEqual(drift);
    expect(decided(room, COLOUR, [coder]).spoke).toBe('general');
    await room.close();
    room = openRoom();
    expect(room.status().drift).toEqual(drift);
    expect(room.rollback().drift).toEqual(drift);
  });

  it('may join again with more rows, and beside another', () => {
    joined(coderRequests(40, 3));
    room.choose(2);
    joined(coderRequests(150, 4));
    room.choose(3);
    joined(coderRequests(30, 6).replaceAll('"coder"', '"extract"'), 'extract');
    expect(room.choose(4).joined).toMatchObject([
      { spoke: 'coder', rows: 150 },
      { spoke: 'extract', rows: 30 },
    ]);
  });

  it('is left out with a warning where its file is damaged; the rest decides as before', () => {
    joined();
    room.choose(2);
    const file = join(home, 'gate', '2', 'joined.bin');
    const bytes = readFileSync(file);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    room = openRoom();
    const status = room.status();
    expect(status.problem).toMatch(/what joined the gate cannot be read.*cadre gate join/);
    expect(log.join()).toContain('what joined the gate cannot be read');
    expect(status).toMatchObject({ version: 2, certificate: { models: ['quick', 'general'] } });
    expect(status.joined).toBeUndefined();
    expect(candidate(SUM)?.joinedRows).toBeUndefined();
    expect(decided(room, COLOUR, [coder]).spoke).toBe('quick');
    expect(joined().version).toBe(3);
    expect(room.choose(3).problem).toBeUndefined();
  });

  it.each([
    ['too few rows', coderRequests(12, 3), 'coder', /^12 requests of .* grade coder; 8 more are/],
    [
      'no row of its own',
      coderRequests(30, 3),
      'poet',
      /^0 requests.*\(it grades coder, general\)/,
    ],
    ['a spoke that was fitted', coderRequests(30, 3), 'quick', /gate 1 knows quick already/],
    ['a wrong score', '{"prompt":"a","scores":{"coder":1.5}}', 'coder', /:1: a score is 0 … 1/],
    ['no JSON', 'nonsense', 'coder', /:1 is not a JSON object/],
  ])('is refused for %s', (_name, text, spoke, message) => {
    expect(() => joined(text, spoke)).toThrow(message);
    expect(room.status().versions).toHaveLength(1);
  });

  it('has nothing to join where no gate is fitted', () => {
    room.choose(0);
    expect(() => joined()).toThrow(/no fitted gate is in force that coder could join/);
    const files = new GateFiles(join(home, 'gate'));
    files.choose(files.add({ 'scope.json': '{}' }));
    expect(() => joined()).toThrow(/came with the farm takes nobody in: `cadre gate fit`/);
  });
});
