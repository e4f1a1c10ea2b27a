import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSigner } from '../../src/adapters/stores/signing-key.ts';
import { writeMicroModel } from '../../src/base/micro-model.ts';
import { EMBEDDER } from '../../src/compose/models.ts';
import { loadSettings } from '../../src/compose/settings.ts';
import { openStore } from '../../src/compose/store.ts';
import { SpecialistRegistry } from '../../src/learn/specialist-registry.ts';
import { targetsOf, writeRandomAdapter } from '../../test/fixtures/random-adapter.ts';
import { HEAD_LABELS, randomHead } from './fleet-heads.ts';

/** As the adapters that `trainers/lora` makes: rank 16 on all matrices of a block, half precision. */
const RANK = 16;
const ALPHA = 32;
/** Products of 0.01: the base still speaks, each adapter in its own way. */
const EXPONENT = -6;

export interface FleetHome {
  readonly path: string;
  readonly adapters: readonly string[];
  readonly heads: readonly string[];
  remove(): void;
}

/** A home with so many adapters over one model as spokes, and so many heads as live specialists. */
export async function makeFleetHome(
  model: { readonly id: string; readonly path: string },
  counts: { readonly adapters: number; readonly heads: number },
): Promise<FleetHome> {
  const path = mkdtempSync(join(tmpdir(), 'cadre-fleet-'));
  const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  symlinkSync(join(owner, 'models'), join(path, 'models'));
  const named = (kind: string, count: number) =>
    Array.from({ length: count }, (_, place) => `${kind}-${String(place + 1).padStart(3, '0')}`);
  const adapters = named('adapter', counts.adapters);
  await writeAdapters(path, model, adapters);
  const heads = named('head', counts.heads);
  await writeHeads(path, heads);
  return {
    path,
    adapters,
    heads,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

async function writeAdapters(
  path: string,
  model: { readonly id: string; readonly path: string },
  names: readonly string[],
): Promise<void> {
  const targets = await targetsOf(model.path);
  mkdirSync(join(path, 'lora'));
  for (const [seed, name] of names.entries())
    writeRandomAdapter(join(path, 'lora', `${name}.gguf`), {
      seed,
      rank: RANK,
      alpha: ALPHA,
      exponent: EXPONENT,
      targets,
    });
  const spokes = names.map(
    (id) =>
      `  - { id: ${id}, model: ${model.id}, adapter: lora/${id}.gguf, maxTokens: 4, sampling: { temperature: 0 } }`,
  );
  const fleet =
    'fleet: { starter: false, offline: true, threads: 1, contextTokens: 1024, memoryBudget: 6000000000, adapterMemory: 3000000000 }';
  writeFileSync(join(path, 'cadre.yaml'), [fleet, 'spokes:', ...spokes, ''].join('\n'));
}

async function writeHeads(path: string, names: readonly string[]): Promise<void> {
  const settings = await loadSettings({ CADRE_HOME: path }, path);
  const store = await openStore(settings, () => undefined);
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const registry = new SpecialistRegistry({
    objects: store,
    signer: openSigner(join(path, 'specialists.pem')),
    hash: sha256,
    clock: { now: Date.now, elapsed: () => performance.now() },
    takesOtherKeys: false,
  });
  for (const [seed, name] of names.entries()) {
    const bytes = writeMicroModel(randomHead(seed, EMBEDDER));
    const made = await registry.add(
      draftOf(name, seed, bytes.length),
      'loopback',
      { bytes, taught: new Uint8Array(8) },
      { by: 'farm', reason: 'generated' },
    );
    const move = { to: 'live', act: 'promoted', by: 'farm', reason: 'generated' } as const;
    await registry.move(made.row.id, ['candidate'], move);
  }
  await store.doClose();
}

/** Nothing was measured of it: it is as large and as fast as a real one, and knows nothing. */
function draftOf(name: string, seed: number, bytes: number) {
  return {
    name,
    kind: 'intents',
    code: 'bench',
    seed,
    parent: null,
    job: 'bench',
    data: { hash: 'none', name: 'random', provenance: 'file', testHash: null },
    report: {
      rows: 0,
      labels: Array.from({ length: HEAD_LABELS }, (_, label) => `label-${label}`),
      leftOut: [],
      warnings: ['random weights'],
      measuredOn: 'held-out',
      evaluationRows: 0,
      accuracy: 0,
      accuracyLow: 0,
      accuracyHigh: 1,
      answeredShare: 1,
      servedAccuracy: 0,
      calibrationError: 0,
      outOfScopeArea: 0.5,
      detectableGap: null,
      rung: 'random',
      rungs: [],
      bytes,
      msPerRequest: 0,
      comparison: null,
    },
  } as const;
}
