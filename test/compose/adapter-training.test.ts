import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackageClient } from '../../src/adapters/egress/package-client.ts';
import { type AdapterParts, requireAdapterOrder } from '../../src/compose/adapter-training.ts';
import { acquireAdapted } from '../../src/compose/adapters.ts';
import { composeTrainers } from '../../src/compose/trainers.ts';
import { createTrainingRun } from '../../src/compose/training-run.ts';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import { parseConfig } from '../../src/core/config.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { LoadedModel } from '../../src/core/ports.ts';
import type { TrainingJobBody, TrainingOrderWords } from '../../src/core/training-job.ts';
import { adapterFiles } from '../fixtures/adapter-files.ts';
import { noGeneralists } from '../fixtures/no-generalists.ts';
import { RANDOM_MODEL_TARGETS, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { writeRandomModel } from '../fixtures/random-gguf.ts';
import { newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { threadLease } from '../fixtures/thread-lease.ts';
import { ENTRY, loadModel } from '../workers/llama-harness.ts';

const SCRIPT = resolve(import.meta.dirname, '..', 'fixtures', 'scripted-trainer.ts');
const folder = mkdtempSync(join(tmpdir(), 'cadre-adapter-training-'));
const model = join(folder, 'base.gguf');
writeRandomModel(model, { seed: 1 });
const hash = createHash('sha256').update(readFileSync(model)).digest('hex');
const [first] = ENTRY.files;
if (first === undefined) throw new Error('the random model has a file');
const entry = {
  ...ENTRY,
  files: [{ ...first, bytes: readFileSync(model).length, sha256: hash }],
};
const shape = { seed: 3, rank: 4, alpha: 8, exponent: -2, targets: RANDOM_MODEL_TARGETS };
const adapter = join(folder, 'good.gguf');
writeRandomAdapter(adapter, { ...shape, baseHash: hash });
const foreign = join(folder, 'foreign.gguf');
writeRandomAdapter(foreign, { ...shape, baseHash: 'f'.repeat(64) });
const data = join(folder, 'rows.jsonl');
const ROWS = Array.from({ length: 60 }, (_, at) => ({
  prompt: `Tell the answer that belongs to the question: what is ${at * 37} of ${['cedar', 'ember', 'fjord', 'grove'][at % 4]} number ${at}`,
  completion: `answer ${at}`,
}));
writeFileSync(data, ROWS.map((row) => JSON.stringify(row)).join('\n'));

let loaded: LoadedModel;
beforeAll(async () => {
  loaded = await loadModel(model, { adapters: { contexts: 1, bytes: 1e8 } });
});
afterAll(async () => {
  await loaded.doUnload();
  rmSync(folder, { recursive: true, force: true });
});

/** A home whose trainer does as it is told, over a real process of a model of random weights. */
function homeWith(mode: string, file: string) {
  const { objects, registry, room } = newSpecialistRoom({ entry, path: model });
  const home = mkdtempSync(join(folder, 'home-'));
  const files = adapterFiles(home, { entry, path: model });
  const lease = async () => {
    made.leaseFails();
    return { model: loaded.model, release: () => undefined };
  };
  const config = parseConfig({
    trainers: [
      { id: 'scripted', command: [process.execPath, SCRIPT, mode], settings: { adapter: file } },
    ],
  });
  const adapters: AdapterParts = {
    trainers: composeTrainers({
      config: () => config,
      environment: process.env,
      home,
      clients: new PackageClient({}, () => 'a test'),
      threads: 2,
    }),
    models: {
      catalogue: { find: (id) => (id === 'random' ? entry : undefined) },
      statusOf: () => ({ state: 'installed' }) as ModelStatus,
      acquire: lease,
      acquireAdapted: (_id, path) => acquireAdapted(files, entry, path, lease),
      adapters: files,
      threadLease: threadLease(),
    },
    pathOf: () => model,
    spokes: () => [],
    folder: join(home, 'training'),
  };
  const run = createTrainingRun({
    objects,
    registry,
    room,
    adapters,
    traffic: {
      doListReceipts: async () => [],
      doGetText: async () => undefined,
      doGetFeedback: async () => [],
    },
    embedder: () => undefined,
    generalists: noGeneralists,
    clock: { now: Date.now, elapsed: () => performance.now() },
    watts: () => 30,
    storedBytesPerKey: () => 1e9,
  });
  const told: string[] = [];
  const stop = new AbortController();
  /** A job as the queue keeps it, run to its end. */
  const train = async (status: TrainingJobBody['status'] = 'running') => {
    const body = { order: orderOf(), status } as TrainingJobBody;
    const row = {
      kind: 'fine_tuning_job',
      id: 'ftjob-a',
      key: 'loopback',
      createdAt: 1,
      body,
    } as const;
    await objects.doPutObject(row);
    const say = async ({ message }: { readonly message: string }) => void told.push(message);
    return run(row, { signal: stop.signal, requireOwn: async () => undefined, say });
  };
  const work = () => (existsSync(adapters.folder) ? readdirSync(adapters.folder) : []);
  const made = { adapters, registry, room, train, told, stop, work, leaseFails: () => undefined };
  return made;
}

function orderOf(change: Partial<NonNullable<TrainingOrderWords['adapter']>> = {}) {
  return {
    kind: 'adapter',
    name: 'answers',
    data: { kind: 'path', path: data },
    test: null,
    target: null,
    seed: 7,
    promote: false,
    adapter: { base: 'random', trainer: 'scripted', mayInstall: false, ...change },
  } as const satisfies TrainingOrderWords;
}

describe('an adapter', { timeout: 60_000 }, () => {
  it('is made by a trainer, measured on rows that it did not see, and kept with its base', async () => {
    const { train, told, registry, work } = homeWith('follows', adapter);
    expect(await train()).toMatchObject({ result: 'answers@1' });
    const [version] = await registry.versions('answers');
    const { manifest, stage } = version?.body ?? {};
    expect(stage).toBe('live');
    expect(manifest).toMatchObject({ kind: 'adapter', base: { model: 'random', hash } });
    const { rows = 0, evaluationRows = 0, rungs = [], msPerRequest = 0 } = manifest?.report ?? {};
    // 30 watts of all cores that a language model keeps busy, to three digits.
    expect(manifest?.report.joules).toBe(Number(((msPerRequest / 1000) * 30).toPrecision(3)));
    expect(evaluationRows).toBeGreaterThan(3);
    expect(rows + evaluationRows).toBe(60);
    expect(rungs.map((one) => one.rung)).toEqual(['random', 'adapter']);
    // Fewer than 20 rows with the same beginning are no figure for the gate.
    expect(evaluationRows).toBeLessThan(20);
    expect(manifest?.report).toMatchObject({ instructions: [], generalist: expect.anything() });
    const content = version && (await registry.read(version));
    expect(content?.bytes.length).toBe(readFileSync(adapter).length);
    expect(content?.taught.length).toBe(8 * rows);
    expect(told.join('\n')).toMatch(
      /begins\nstep 1 of 2, loss 0.9\nstep 2 of 2, loss 0.5\nmeasuring/,
    );
    expect(work()).toEqual([]);
  });

  it('for another base is refused, and what served before serves', async () => {
    const good = homeWith('follows', adapter);
    await good.train();
    const { train, room, registry, work } = homeWith('follows', foreign);
    await expect(train()).rejects.toMatchObject({
      code: 'adapter_refused',
      message: expect.stringContaining('it was made for the file ffffffffffff…'),
    });
    expect(await registry.versions('answers')).toEqual([]);
    expect(work()).toEqual([]);
    expect(await room.liveOf('answers')).toBeUndefined();
    expect((await good.room.liveOf('answers'))?.body.manifest.version).toBe(1);
  });

  it.each([
    ['fails', 'row 3 has 9000 tokens'],
    ['dies', 'was killed (SIGKILL)'],
    ['lies-about-bytes', 'says another hash'],
  ])('whose trainer %s is not made, and nothing is left of it', async (mode, words) => {
    const { train, registry, work } = homeWith(mode, adapter);
    await expect(train()).rejects.toMatchObject({
      code: 'trainer_failed',
      message: expect.stringContaining(words),
    });
    expect(await registry.versions('answers')).toEqual([]);
    expect(work()).toEqual([]);
  });

  it('that the farm leaves goes on from its checkpoint; one that was cancelled leaves nothing', async () => {
    const left = homeWith('stops', adapter);
    const going = left.train();
    while (!left.told.some((line) => line.startsWith('step 1'))) await sleep(20);
    left.stop.abort(new CadreError('shutting_down', 'the farm is stopping'));
    await expect(going).rejects.toMatchObject({ code: 'shutting_down' });
    expect(left.work()).toEqual(['ftjob-a']);
    expect(readdirSync(join(left.adapters.folder, 'ftjob-a'))).toContain('checkpoint');

    const ended = homeWith('stops', adapter);
    const job = ended.train('cancelled');
    while (!ended.told.some((line) => line.startsWith('step 1'))) await sleep(20);
    ended.stop.abort(new CadreError('cancelled', 'The job was cancelled.'));
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(ended.work()).toEqual([]);
  });

  it('is not lost where the model is busy or gone for a moment, nor begun where it cannot be', async () => {
    const busy = homeWith('follows', adapter);
    let turns = 0;
    busy.leaseFails = () => {
      turns += 1;
      if (turns === 5) throw new CadreError('worker_crashed', 'the process of random ended');
    };
    expect(await busy.train()).toMatchObject({ result: 'answers@1' });
    const full = homeWith('follows', adapter);
    full.leaseFails = () => {
      throw new CadreError('out_of_memory', 'random does not fit');
    };
    await expect(full.train()).rejects.toMatchObject({ code: 'out_of_memory' });
    expect(full.told.join()).not.toContain('begins');
  });

  it('is not begun without a base, a trainer, or what the trainer runs on', async () => {
    const { adapters } = homeWith('follows', adapter);
    const problemOf = async (order: TrainingOrderWords) =>
      requireAdapterOrder(adapters, order).then(
        () => undefined,
        ({ code, param, message }: CadreError) => ({ code, param, message }),
      );
    expect(await problemOf(orderOf())).toBeUndefined();
    const { adapter: _, ...without } = orderOf();
    expect(await problemOf(without)).toMatchObject({ code: 'invalid_request', param: 'base' });
    expect(await problemOf(orderOf({ base: 'gpt-4o' }))).toMatchObject({ param: 'base' });
    expect(await problemOf(orderOf({ trainer: 'script' }))).toMatchObject({
      param: 'trainer',
      message: expect.stringContaining('did you mean “scripted”?'),
    });
    const missing = await problemOf(orderOf({ trainer: 'lora' }));
    expect(missing).toMatchObject({
      code: 'trainer_missing',
      message: expect.stringContaining('5.6 GB on the disk'),
    });
    expect(await problemOf(orderOf({ trainer: 'lora', mayInstall: true }))).toBeUndefined();
  });
});
