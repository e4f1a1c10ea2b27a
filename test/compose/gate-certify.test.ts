import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { fitGateInHome, type GateFitWish } from '../../src/compose/gate-fit.ts';
import { joinGateInHome } from '../../src/compose/gate-join.ts';
import { pastRequests } from './gate-home.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const WISH = { seed: 1, days: 90, now: NOW };

/** A gate with a loss in force; each test has a copy. */
let template: string;
let home: string;
beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), 'cadre-certify-'));
  fitGateInHome({ ...WISH, home: template, file: { text: pastRequests(500, 1) }, alpha: 0.06 });
  new GateFiles(join(template, 'gate')).choose(1);
}, 60_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cadre-certify-'));
  cpSync(template, home, { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
afterAll(() => rmSync(template, { recursive: true, force: true }));

const files = () => new GateFiles(join(home, 'gate'));
const made = (text: string, change: Partial<GateFitWish> = {}) =>
  fitGateInHome({ ...WISH, home, file: { text }, ...change });
const certify = (text: string, change: Partial<GateFitWish> = {}) =>
  made(text, { certifyOnly: true, ...change });
/** Requests that the gate of the template never saw. */
const newer = (count: number) => pastRequests(count, 9).replaceAll('"prompt":"', '"prompt":"Now: ');
const certificateOf = (version: number) =>
  JSON.parse(readFileSync(join(home, 'gate', String(version), 'certificate.json'), 'utf8'));

/** Rows changed one by one. */
function changed(text: string, change: (row: Row, at: number) => object): string {
  return text
    .split('\n')
    .map((line, at) => JSON.stringify(change(JSON.parse(line) as Row, at)))
    .join('\n');
}
interface Row {
  readonly prompt: string;
  readonly scores: Readonly<Record<string, number | null>>;
  readonly costs: Readonly<Record<string, number>>;
}

/** The prices of models as a file. */
function listed(prices: object): string {
  const file = join(home, 'prices.json');
  writeFileSync(file, JSON.stringify(prices));
  return file;
}

describe('a gate that is certified anew', { timeout: 60_000 }, () => {
  it('keeps its kind of promise unless told another', () => {
    expect(certificateOf(certify(newer(300)).version)).toMatchObject({
      alpha: 0.06,
      delta: 0.1,
    });
    const target = { of: 'dollars' as const, limit: 6400, mostPerRequest: 20 };
    files().choose(made(pastRequests(600, 4), { target, delta: 0.2 }).version);
    const again = certificateOf(certify(newer(500)).version);
    expect(again).toMatchObject({ target, delta: 0.2 });
    const other = certificateOf(certify(newer(500), { alpha: 0.1 }).version);
    expect(other).toMatchObject({ alpha: 0.1, delta: 0.2 });
    expect(other.target).toBeUndefined();
  });

  it('does not take over with a worse promise, but does where the old one holds no more', () => {
    const one = JSON.stringify({ ...JSON.parse(newer(1)), prompt: 'Name the colour of it' });
    expect(certify(one).renewal).toMatchObject({
      isPromoted: false,
      words: expect.stringMatching(
        /^worse: keeps 0 % of 1 new requests .* the promise in force 100 %/,
      ),
    });
    expect(certify(newer(400), { alpha: 0.1 }).renewal).toMatchObject({ isPromoted: true });
    expect(certify(one, { now: NOW + 91 * 86_400_000 }).renewal?.isPromoted).toBe(true);
    rmSync(join(home, 'gate', '1', 'certificate.json'));
    expect(certify(one).renewal?.isPromoted).toBe(true);
  });

  it('takes no other reference', () => {
    expect(() => certify(newer(60), { reference: 'quick' })).toThrow(
      /certified against the reference that it was fitted with/,
    );
  });

  it('leaves those that joined out of the promise where no row grades them', () => {
    const text = changed(pastRequests(60, 5), ({ prompt, scores }) => ({
      prompt,
      scores: { ...scores, fresh: 1 },
    }));
    files().choose(joinGateInHome({ home, spoke: 'fresh', file: { text }, now: NOW }).version);
    expect(() => certify(text)).toThrow(/fitted on all rows of the file, or joined by them/);
    const { version } = certify(newer(300));
    expect(certificateOf(version).models).toEqual(['quick', 'general']);
    expect(files().has(version, 'joined.bin')).toBe(true);
    // Also where the rows name it without a grade; with grades it needs costs too.
    const named = changed(newer(300), (row) => ({
      ...row,
      scores: { ...row.scores, fresh: null },
    }));
    expect(certificateOf(certify(named).version).models).toEqual(['quick', 'general']);
    expect(() => certify(named.replaceAll('null', '1'))).toThrow(
      /nothing says what fresh costs: give/,
    );
  });

  it('refuses prices that lack a model', () => {
    const modelsFile = listed({ quik: 1, general: 10 });
    expect(() => certify(newer(60), { modelsFile })).toThrow(
      /no price of quick; did you mean it by quik\?/,
    );
  });

  it.each(['[]', '', '{}', '[1]', 'null'])(
    'says that nobody knows what it was fitted on: %s',
    (text) => {
      writeFileSync(join(home, 'gate', '1', 'fitted-prompts.json'), text);
      const damage = /fitted-prompts\.json does not tell what the gate was fitted on/;
      expect(() => certify(newer(60))).toThrow(damage);
      const joined = () =>
        joinGateInHome({ home, spoke: 'fresh', file: { text: rowsOf('fresh') }, now: NOW });
      expect(joined).toThrow(damage);
      expect(made(pastRequests(80, 2)).rivalry).toBeUndefined();
    },
  );
});

function rowsOf(id: string): string {
  return changed(pastRequests(30, 5), ({ prompt }) => ({ prompt, scores: { [id]: 1 } }));
}

describe('a new fit', { timeout: 60_000 }, () => {
  it('works beside a gate that lost its certificate', () => {
    rmSync(join(home, 'gate', '1', 'certificate.json'));
    expect(made(pastRequests(80, 2)).version).toBe(2);
  });

  it('is compared also where it has a model that the gate in force lacks', () => {
    const text = changed(pastRequests(500, 5), (row) => ({
      ...row,
      scores: { ...row.scores, poor: 0 },
      costs: { ...row.costs, poor: 5 },
    }));
    const { rivalry } = made(text);
    expect(rivalry?.rows).toBeGreaterThan(100);
    expect(rivalry?.gain.high).toBeLessThan(0.1);
  });

  it('wins nothing by requests that nobody graded', () => {
    // The cheap one's grades at colours are missing, which is where the gate in force asks it.
    const text = changed(pastRequests(600, 5), (row, at) => ({
      ...row,
      scores:
        row.prompt.startsWith('Name') && at % 10 > 0 ? { ...row.scores, quick: null } : row.scores,
    }));
    const { rivalry, report } = made(text);
    expect(rivalry?.isPromoted).toBe(false);
    expect(report.quality.reference).toBeGreaterThan(0.8);
  });

  it.each([
    ['39 rows', pastRequests(39, 1), /has 39 graded requests; 1 more are needed, 40 at least/],
    [
      'one row again and again',
      Array.from({ length: 200 }, () => pastRequests(1, 1)).join('\n'),
      /has 1 graded requests \(199 repeated left out\); 39 more/,
    ],
    [
      'no grade at all',
      changed(pastRequests(60, 1), (row) => ({ ...row, scores: { quick: null, general: null } })),
      /has 0 graded requests \(60 without any grade\); 40 more/,
    ],
  ])('says how many requests are missing: %s', (_name, text, message) => {
    expect(() => made(text)).toThrow(message);
  });

  it('says that the reference alone keeps a target, where it does', () => {
    const text = changed(pastRequests(140, 1), (row) => ({
      ...row,
      seconds: { quick: 1, general: 2 },
    }));
    const { report } = made(text, { target: { of: 'latency', limit: 1e12 } });
    expect(report.words).toMatch(/^nothing would have been saved: general alone keeps the target/);
  });
});
