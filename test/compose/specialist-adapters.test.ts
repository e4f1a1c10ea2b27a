import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SpecialistManifest, SpecialistReport } from '../../src/core/specialist.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';
import { draftOf, newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { ENTRY } from '../workers/llama-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-specialist-adapters-'));
const path = join(folder, 'base.gguf');
writeRandomModel(path, { seed: 1 });
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const weights = readFileSync(path);
const hash = sha256(weights);
const [first] = ENTRY.files;
if (first === undefined) throw new Error('the random model has a file');
const base = {
  path,
  entry: { ...ENTRY, files: [{ ...first, bytes: weights.length, sha256: hash }] },
};

function adapterBytes(seed: number, width = 32): Buffer {
  const file = join(folder, 'made.gguf');
  const targets =
    width === 32 ? RANDOM_MODEL_TARGETS : ([['blk.0.attn_q.weight', [width, width]]] as const);
  writeRandomAdapter(file, { seed, rank: 4, alpha: 8, exponent: -2, targets });
  return readFileSync(file);
}

function registryWith() {
  const { registry, shelf, room } = newSpecialistRoom(base);
  /** Stores a version and lets it serve. */
  const serve = async (
    bytes: Buffer,
    named: SpecialistManifest['base'],
    figures: Partial<SpecialistReport> = {},
  ) => {
    const { report, ...draft } = {
      ...draftOf(null),
      kind: 'adapter' as const,
      ...(named === undefined ? {} : { base: named }),
    };
    const content = { bytes, taught: Buffer.alloc(8) };
    const made = await registry.add(
      { ...draft, report: { ...report, ...figures } },
      'loopback',
      content,
      { by: 'farm', reason: 'a test' },
    );
    await registry.move(made.row.id, ['candidate'], {
      to: 'live',
      act: 'promoted',
      by: 'farm',
      reason: 'a test',
    });
    await shelf.refresh();
  };
  const spokeOf = (id: string) => shelf.current.spokes.find((spoke) => spoke.id === id);
  return { shelf, room, serve, spokeOf };
}

describe('a specialist that is an adapter', () => {
  it('is a spoke of its base, by name and by version, and known by its figures', async () => {
    const { shelf, serve, spokeOf } = registryWith();
    const bytes = adapterBytes(1);
    await serve(bytes, { model: 'random', hash });
    for (const id of ['pets', 'pets@1']) {
      expect(spokeOf(id)).toMatchObject({ model: 'random', kind: 'chat', id });
      expect(sha256(readFileSync(spokeOf(id)?.adapter ?? ''))).toBe(sha256(bytes));
      // Four rows right of four, by Laplace's rule.
      expect(shelf.current.measuredOf(id)).toMatchObject({ rate: 5 / 6, rows: 4 });
      expect(shelf.current.classifierOf(id)).toBeUndefined();
    }
  });

  it('is known to the gate by the jobs of its rows, beside the models that were asked them', async () => {
    const { shelf, serve } = registryWith();
    const generalist = { model: 'large', rows: 38, accuracy: 0.5, ownAccuracy: 1 };
    const rung = { accuracyLow: 0, accuracyHigh: 1, bytes: 0, msPerRequest: 1 };
    const instruction = { place: 'system', length: 40, hash: 7, rows: 18, accuracy: 0.5 } as const;
    const figures = {
      evaluationRows: 18,
      instructions: [instruction],
      generalist: { ...generalist, differenceLow: 0, differenceHigh: 1, msPerAnswer: 1 },
      rungs: [
        { ...rung, rung: 'random', accuracy: 0.25, rows: 8 },
        { ...rung, rung: 'adapter', accuracy: 0.5 },
      ],
    };
    await serve(adapterBytes(1), { model: 'random', hash }, figures);
    const job = { place: 'system', length: 40, hash: 7, rate: 0.5, rows: 18 };
    expect(shelf.current.measuredOf('pets')).toMatchObject({
      jobs: [job],
      beside: [
        { model: 'large', rate: 0.5, rows: 38 },
        { model: 'random', rate: 0.3, rows: 8 },
      ],
    });
    // Of rows without the instruction they say nothing of the job.
    await serve(adapterBytes(3), { model: 'random', hash }, { ...figures, evaluationRows: 19 });
    expect(shelf.current.measuredOf('pets')).toMatchObject({ jobs: [job], beside: [] });
    // Figures of several jobs together say nothing of one of them.
    const two = {
      ...figures,
      evaluationRows: 36,
      instructions: [instruction, { ...instruction, hash: 8 }],
    };
    await serve(adapterBytes(2), { model: 'random', hash }, two);
    expect(shelf.current.measuredOf('pets')?.beside).toEqual([]);
    expect(shelf.current.measuredOf('pets')?.jobs).toHaveLength(2);
  });

  it('is the same until another version takes its place', async () => {
    const { shelf, serve, spokeOf } = registryWith();
    await serve(adapterBytes(1), { model: 'random', hash });
    const before = shelf.current;
    const adapter = spokeOf('pets')?.adapter;
    await shelf.refresh();
    expect(shelf.current).toBe(before);
    await serve(adapterBytes(2), { model: 'random', hash });
    expect(shelf.current).not.toBe(before);
    expect(spokeOf('pets')?.adapter).not.toBe(adapter);
  });

  it.each([
    ['another file', () => adapterBytes(2), { model: 'random', hash: 'b'.repeat(64) }, 'bbbb'],
    ['another size', () => adapterBytes(2, 64), { model: 'random', hash }, '32 × 32 of random'],
    ['another model', () => adapterBytes(2), { model: 'larger', hash }, 'does not hold'],
    ['nothing', () => Buffer.from('a model'), { model: 'random', hash }, 'GGUF'],
  ])('of %s leaves the one before in its place and says why', async (_, bytes, named, why) => {
    const { shelf, serve, spokeOf } = registryWith();
    await serve(adapterBytes(1), { model: 'random', hash });
    const before = spokeOf('pets')?.adapter;
    await serve(bytes(), named);
    expect(spokeOf('pets')?.adapter).toBe(before);
    expect(spokeOf('pets@2')).toBeUndefined();
    expect(shelf.problemOf('pets@2')).toContain(why);
  });
});
