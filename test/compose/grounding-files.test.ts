import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateGroundingFiles } from '../../src/compose/grounding-evaluation.ts';
import { readGrounding, SAFE_THRESHOLD } from '../../src/compose/grounding-files.ts';
import { SHIPPED_SCORER } from '../../src/verify/support-scorer.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-grounding-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PARTS = 'valve pump filter gasket sensor motor hose belt lamp switch'.split(' ');
const COLOURS = 'red blue green black white yellow brown grey'.split(' ');

/** Supported claims repeat a sentence; the others say something else of the same document. */
function write(name: string, from: number, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const at = from + index;
    const part = PARTS[at % PARTS.length];
    const colour = COLOURS[at % COLOURS.length];
    const evidence = [
      `Machine number ${at} stands in the long hall beside the eastern wall.`,
      `Its ${part} is ${colour} and was made in Oslo by a small family firm.`,
    ];
    const supported = at % 2 === 0;
    const claim = supported
      ? `The ${part} is ${colour} and was made in Oslo by a family firm.`
      : `The ${part} tastes sweet whenever students sing about distant mountains.`;
    return JSON.stringify({ claim, evidence, label: supported ? 'supported' : 'not', gold: [1] });
  });
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const now = Date.parse('2026-11-27T00:00:00Z');
const DAY_MS = 86_400_000;
const wish = {
  seed: 1,
  threshold: 0.5,
  home: folder,
  now,
  isFresh: false,
  isAlone: false,
  onProgress: () => {},
  openEmbedding: async () => undefined,
};
const inForce = (promise: number | undefined, later = 0) =>
  readGrounding({
    home: folder,
    promise,
    supportThreshold: 0.5,
    embedder: undefined,
    now: now + later,
    log: () => {},
  });

describe('evaluating, teaching and certifying the support check', () => {
  it('scores rows, finds their sentences and learns from no document that it scores', async () => {
    const data = write('data.jsonl', 0, 200);
    const { evaluation, picture } = await evaluateGroundingFiles({
      ...wish,
      data,
      train: write('train.jsonl', 100, 200),
      isUsed: false,
    });
    expect(evaluation.balancedAccuracy.value).toBeGreaterThan(0.9);
    expect(evaluation.spans?.hitAt1.value).toBeGreaterThan(0.9);
    expect(evaluation.learned).toEqual({ rows: 100, overlapLeftOut: 100 });
    expect(picture).toContain('<svg');
    await expect(
      evaluateGroundingFiles({ ...wish, data, train: data, isUsed: false }),
    ).rejects.toThrow(/every document in it is among those that are scored/);
  });

  it('learns what is usual here from the sentences alone, and not where it is told not to', async () => {
    const data = write('usual.jsonl', 0, 200);
    const turned = join(folder, 'turned.jsonl');
    const lines = readFileSync(data, 'utf8').trim().split('\n');
    const swapped = lines.map((line) => {
      const row = JSON.parse(line) as { label: string };
      return JSON.stringify({ ...row, label: row.label === 'supported' ? 'not' : 'supported' });
    });
    writeFileSync(turned, swapped.join('\n'));
    const isUsed = false;
    const { evaluation } = await evaluateGroundingFiles({ ...wish, data, isUsed });
    const other = await evaluateGroundingFiles({ ...wish, data: turned, isUsed });
    expect(evaluation.usualOf).toBe(200);
    // The scores are the same whatever the labels say, so the share right is turned with them.
    expect(other.evaluation.auroc.value).toBeCloseTo(1 - evaluation.auroc.value);
    const alone = await evaluateGroundingFiles({ ...wish, data, isUsed, isAlone: true });
    expect(alone.evaluation.usualOf).toBe(0);
    expect(alone.evaluation.balancedAccuracy.value).toBe(evaluation.alone.balancedAccuracy);
  });

  it('promises nothing until a certificate is there, keeps it, and loses it when it expires', async () => {
    expect(inForce(undefined)).toEqual({ scorer: SHIPPED_SCORER, threshold: 0.5 });
    const before = inForce(0.05);
    expect(before.threshold).toBe(SAFE_THRESHOLD);
    expect(before.promise).toContain('nothing is promised: there is no certificate');
    const { evaluation } = await evaluateGroundingFiles({
      ...wish,
      data: write('data.jsonl', 0, 300),
      train: write('more.jsonl', 1000, 200),
      certify: { alpha: 0.05, delta: 0.1 },
      isUsed: true,
    });
    const after = inForce(0.05);
    expect(after.threshold).toBe(evaluation.certified?.threshold);
    expect(after.scorer.experts).toContainEqual(
      expect.objectContaining({ name: 'own', rows: 200 }),
    );
    expect(after.promise).toBe('at most 5 % of the shown sentences unsupported, 90 % confidence');
    expect(inForce(0.05, 91 * DAY_MS)).toMatchObject({ threshold: SAFE_THRESHOLD });
    expect(inForce(0.01)).toMatchObject({ threshold: SAFE_THRESHOLD });
  });

  it('passes over a damaged scorer of the home', () => {
    writeFileSync(join(folder, 'grounding', 'scorer.json'), '{}');
    expect(inForce(undefined).scorer).toBe(SHIPPED_SCORER);
  });
});
