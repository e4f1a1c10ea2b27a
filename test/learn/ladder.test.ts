import { describe, expect, it } from 'vitest';
import { writeMicroModel } from '../../src/base/micro-model.ts';
import type { RungReport } from '../../src/core/specialist.ts';
import { climbLadder } from '../../src/learn/ladder.ts';
import { plainVector, tradeRows } from './training-rows.ts';

const rows = tradeRows(20, 1);
let clock = 0;
let embeddings = 0;
const input = {
  rows,
  source: 'test',
  seed: 1,
  cpuMs: () => {
    clock += 20;
    return clock;
  },
  embedder: {
    id: 'plain',
    async embed(texts: readonly string[]) {
      embeddings += 1;
      return { vectors: texts.map(plainVector), cpuMs: 7 * texts.length };
    },
  },
};

/** Two labels that every rung tells apart by one word. */
const spelled = (perLabel: number) =>
  ['open', 'shut'].flatMap((label) =>
    Array.from({ length: perLabel }, (_, at) => ({ text: `the gate ${at} is ${label}`, label })),
  );

describe('climbLadder', { timeout: 120_000 }, () => {
  it('stops at the cheapest rung that reaches the target, without embedding anything', async () => {
    embeddings = 0;
    const climb = await climbLadder(input, { target: 0.5 });
    expect(climb.rungs.map((rung) => rung.rung)).toEqual(['n-grams']);
    expect(climb.chosen).toBe('n-grams');
    expect(climb.model.embedding).toBeUndefined();
    expect(climb.reason).toContain('target');
    expect(embeddings).toBe(0);
  });

  it('tries every rung for a target that none reaches, and says so', async () => {
    embeddings = 0;
    const told: RungReport[] = [];
    const climb = await climbLadder(input, { target: 1.1, onRung: (rung) => told.push(rung) });
    expect(embeddings).toBe(2);
    expect(climb.rungs.map((rung) => rung.rung)).toEqual(['n-grams', 'student', 'ensemble']);
    expect(told).toEqual(climb.rungs);
    expect(climb.reason).toContain('none reaches the target');
    const costs = climb.rungs.map((rung) => rung.msPerRequest);
    expect([...costs].sort((left, right) => left - right)).toEqual(costs);
    expect(costs.at(-1)).toBeGreaterThan(7);
  });

  it('takes the cheaper of two that are equally right only where enough rows show it', async () => {
    const chosenOf = async (perLabel: number) =>
      (await climbLadder({ ...input, rows: spelled(perLabel) })).chosen;
    expect(await chosenOf(6)).toBe('ensemble');
    expect(await chosenOf(250)).toBe('n-grams');
  });

  it('takes a dearer rung that is better', async () => {
    // Letters in random order: n-grams know nothing, the vectors know the label.
    const noise = rows.map((row, at) => ({ ...row, text: `${at * 7919}` }));
    const labels = [...new Set(rows.map((row) => row.label))];
    const oracle = {
      id: 'oracle',
      embed: async (texts: readonly string[]) => ({
        vectors: texts.map((text) => {
          const label = noise.find((row) => row.text === text)?.label ?? '';
          return new Float32Array(8)
            .fill(0)
            .fill(1, labels.indexOf(label), labels.indexOf(label) + 1);
        }),
        cpuMs: 0,
      }),
    };
    const climbed = await climbLadder({ ...input, rows: noise, embedder: oracle });
    expect(climbed.chosen).toBe('ensemble');
  });

  it('gives the same bytes for the same input', async () => {
    const [one, two] = [await climbLadder(input), await climbLadder(input)];
    expect(writeMicroModel(one.model)).toEqual(writeMicroModel(two.model));
  });

  it('works without an embedder and refuses one that loses vectors', async () => {
    const { embedder: _, ...alone } = input;
    expect((await climbLadder(alone)).chosen).toBe('n-grams');
    const broken = { id: 'broken', embed: async () => ({ vectors: [], cpuMs: 0 }) };
    await expect(climbLadder({ ...input, embedder: broken })).rejects.toThrow(/0 vectors/);
  });
});
