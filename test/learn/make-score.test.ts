import { describe, expect, it } from 'vitest';
import { ratedTexts } from '../../bench/lib/rated-texts.ts';
import { gradeText, readGradeModel } from '../../src/base/grade-model.ts';
import { readGradedRows } from '../../src/learn/graded-rows.ts';
import { makeScore } from '../../src/learn/make-score.ts';

const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
async function inputOf(rows: readonly unknown[]) {
  return {
    data: await readGradedRows('rows.jsonl', lines(rows), 1),
    seed: 1,
    source: 'test',
    cpuMs: () => 0,
    onRung: () => undefined,
  };
}
const reviews = ratedTexts(1, 200);
const unseen = ratedTexts(2, 300).map(({ text, score }) => ({ text, grade: score }));
/** Vectors of two numbers, of which the first tells how kind a text is. */
const knowing = (noise: number) => ({
  id: 'knowing',
  embed: async (texts: readonly string[]) => ({
    vectors: texts.map((text) => {
      const kind = text.match(/great|lovely|excellent|superb|friendly|perfect|quick|clean/g) ?? [];
      return Float32Array.of(kind.length / 4, noise * (text.length % 7));
    }),
    cpuMs: texts.length,
  }),
});

describe('makeScore', () => {
  it('gives texts that it was not taught numbers near theirs, and says how near', async () => {
    const { bytes, report } = await makeScore({ ...(await inputOf(reviews)), test: unseen });
    const model = readGradeModel(bytes);
    const kind = gradeText(model, 'the staff was lovely, a superb room, clean bath, great view');
    const rude = gradeText(model, 'the staff was rude, a dirty room, cold bath, awful view');
    expect(kind.value).toBeGreaterThan(4);
    expect(rude.value).toBeLessThan(2);
    // As told in the report, counted here by hand.
    const errors = unseen.map(({ text, grade }) => Math.abs(gradeText(model, text).value - grade));
    const share = errors.filter((error) => error <= 0.5).length / errors.length;
    const meanError = errors.reduce((sum, one) => sum + one, 0) / errors.length;
    expect(report.accuracy).toBeCloseTo(share, 10);
    expect(report.grades).toMatchObject({ low: 1, high: 5, step: 1, tolerance: 0.5 });
    expect(report.grades?.meanError).toBeCloseTo(meanError, 10);
    expect(meanError).toBeLessThan((report.grades?.plainError ?? 0) / 4);
    expect(report.grades?.rankCorrelationLow).toBeGreaterThan(0.9);
    expect(report.calibrationError).toBeLessThan(0.1);
    expect(report.detectableGap).toBeGreaterThan(0);
  });

  it('makes the same bytes of the same rows and seed', async () => {
    const [one, other] = await Promise.all([
      makeScore({ ...(await inputOf(reviews.slice(0, 80))), embedder: knowing(1) }),
      makeScore({ ...(await inputOf(reviews.slice(0, 80))), embedder: knowing(1) }),
    ]);
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
  });

  it('climbs to vectors where they are nearer by more than chance, and stops at the target', async () => {
    const input = await inputOf(reviews.slice(0, 60));
    const all = await makeScore({ ...input, embedder: knowing(0) });
    expect(all.report.rungs.map((one) => one.rung)).toEqual(['n-grams', 'embedding', 'ensemble']);
    expect(all.report.rung).not.toBe('n-grams');
    expect(all.report.accuracy).toBe(1);
    const aimed = await makeScore({ ...input, embedder: knowing(0), target: 0.2 });
    expect(aimed.report.rungs.map((one) => one.rung)).toEqual(['n-grams']);
  });

  it('counts what is within the given tolerance, and refuses one that takes everything', async () => {
    const input = { ...(await inputOf(reviews.slice(0, 60))), test: unseen.slice(0, 100) };
    const [near, far] = [await makeScore(input), await makeScore({ ...input, tolerance: 1.5 })];
    expect(far.report.accuracy).toBeGreaterThan(near.report.accuracy);
    expect(far.report.grades?.tolerance).toBe(1.5);
    await expect(makeScore({ ...input, tolerance: 4 })).rejects.toThrow(/would be right/);
  });

  it('measures on rows that it was not taught also where all texts are nearly alike', async () => {
    const words = 'the pump in the cellar of the old house near the river has a pressure of';
    const rows = Array.from({ length: 40 }, (_, at) => ({
      text: `${words} ${at % 2 === 0 ? 'little' : 'much'} bar ${at}`,
      score: at % 2,
    }));
    const { report } = await makeScore(await inputOf(rows));
    expect(report.evaluationRows).toBe(40);
    expect(report.accuracy).toBe(1);
    expect(report.warnings[0]).toContain('nearly repeat each other');
  });

  it('says where the texts do not tell the numbers', async () => {
    const others = ratedTexts(3, reviews.length);
    const mixed = reviews.map(({ text }, at) => ({ text, score: others[at]?.score }));
    const { report } = await makeScore(await inputOf(mixed));
    expect(report.warnings[0]).toContain('not surely nearer than always the middle number');
  });
});

describe('beside the version that serves', () => {
  const incumbentOf = async (rows: readonly unknown[]) => {
    const { bytes } = await makeScore(await inputOf(rows));
    const parts = { model: readGradeModel(bytes), bytes: bytes.length, knows: () => false };
    return { version: 1, attempt: 1, ...parts };
  };

  it('lets a nearer one pass, and not one that is further off', async () => {
    const [poor, good] = [await incumbentOf(reviews.slice(0, 20)), await incumbentOf(reviews)];
    const better = await makeScore({
      ...(await inputOf(reviews)),
      test: unseen,
      incumbent: poor,
    });
    expect(better.report.comparison).toMatchObject({ rows: 300, verdict: 'better', passes: true });
    expect(better.report.comparison?.grades?.gainLow).toBeGreaterThan(0);
    expect(better.report.comparison?.reasons[0]).toMatch(
      /off by 0\.\d+ on average, those of version 1/,
    );
    const worse = await makeScore({
      ...(await inputOf(reviews.slice(0, 20))),
      test: unseen,
      incumbent: good,
    });
    expect(worse.report.comparison).toMatchObject({ verdict: 'worse', passes: false });
  });

  it('calls too few rows underpowered', async () => {
    const incumbent = await incumbentOf(reviews);
    const same = { ...(await inputOf(reviews)), test: unseen.slice(0, 40), incumbent };
    expect((await makeScore(same)).report.comparison?.verdict).toBe('underpowered');
  });

  it('keeps one of another scale out, however near it is', async () => {
    const incumbent = await incumbentOf(reviews.map((row) => ({ ...row, score: row.score * 20 })));
    const { report } = await makeScore({ ...(await inputOf(reviews)), test: unseen, incumbent });
    expect(report.comparison).toMatchObject({ verdict: 'better', passes: false });
    expect(report.comparison?.reasons.join()).toContain('those of version 1 from 20 to 100');
  });
});
