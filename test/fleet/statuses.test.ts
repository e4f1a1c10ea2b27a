import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadedModel, ModelLoader } from '../../src/core/ports.ts';
import { Catalogue } from '../../src/fleet/catalogue.ts';
import { ModelPuller } from '../../src/fleet/puller.ts';
import { ModelResidency } from '../../src/fleet/residency.ts';
import { ModelStatuses } from '../../src/fleet/statuses.ts';
import { HandClock } from '../fixtures/hand-clock.ts';
import { calm, FILE_SOURCES, ModelHome } from '../fixtures/model-home.ts';

let at: ModelHome;
let puller: ModelPuller;
let residency: ModelResidency;
let statuses: ModelStatuses;
let exit: (reason: string) => void;
let loading: Promise<void> | undefined;

beforeEach(() => {
  at = new ModelHome();
  const clock = new HandClock();
  const loaded: LoadedModel = {
    model: { id: 'tiny', doChat: () => (async function* () {})() },
    memoryBytes: 77,
    loadMs: 12,
    doUnload: async () => {},
  };
  loading = undefined;
  const loader: ModelLoader = {
    doEstimate: async () => 80,
    doLoad: async (_entry, { onExit, onProgress }) => {
      exit = onExit;
      onProgress(0.4);
      await loading;
      return loaded;
    },
  };
  puller = new ModelPuller({ files: at.files, sources: FILE_SOURCES }, at.library);
  residency = new ModelResidency(
    {
      loader,
      clock,
      wait: clock.wait,
      freeMemory: () => Number.POSITIVE_INFINITY,
      requireInstalled: (id) => at.library.requireInstalled(id),
    },
    { memoryBudget: 100, slots: 1, queueLength: 4, contextTokens: 128, patienceMs: 5000 },
  );
  const catalogue = new Catalogue({ version: 1, models: [at.entry] });
  statuses = new ModelStatuses(catalogue, at.library, puller, residency);
});
afterEach(() => at.remove());

const state = () => statuses.status('tiny').state;

async function install(): Promise<void> {
  for await (const { stage } of puller.pull(at.entry, { signal: calm() }))
    if (stage === 'fetching') expect(state()).toBe('pulling');
}

describe('the picture of a model', () => {
  it('follows it from absent to resident and back', async () => {
    expect(statuses.statuses()).toEqual([
      expect.objectContaining({ id: 'tiny', state: 'absent', pulledBytes: 0, memoryBytes: 0 }),
    ]);
    await install();
    expect(statuses.status('tiny')).toMatchObject({
      state: 'installed',
      pulledBytes: at.bytes.length,
      fileBytes: at.bytes.length,
    });
    const lease = await residency.acquire('tiny', { signal: calm() });
    expect(statuses.status('tiny')).toMatchObject({
      state: 'resident',
      memoryBytes: 77,
      activeRequests: 1,
      loadMs: 12,
    });
    lease.release();
    await residency.unload('tiny');
    expect(statuses.status('tiny')).toMatchObject({ state: 'installed', memoryBytes: 0 });
  });

  it('tells how far a model is while it loads, and what it will take', async () => {
    await install();
    const gate = Promise.withResolvers<void>();
    loading = gate.promise;
    const acquiring = residency.acquire('tiny', { signal: calm() });
    await vi.waitFor(() => expect(statuses.status('tiny').loadedShare).toBe(0.4));
    expect(statuses.status('tiny')).toMatchObject({ state: 'loading', memoryBytes: 80 });
    gate.resolve();
    await acquiring;
    expect(statuses.status('tiny')).not.toHaveProperty('loadedShare');
  });

  it('shows a crash and its reason', async () => {
    await install();
    await residency.acquire('tiny', { signal: calm() });
    exit('signal 11');
    expect(statuses.status('tiny')).toMatchObject({
      state: 'failed',
      problem: '`tiny` stopped: signal 11',
    });
  });

  it('shows why a model could not be had', async () => {
    at.remove();
    await expect(install()).rejects.toMatchObject({ code: 'source_failed' });
    expect(statuses.status('tiny').state).toBe('absent');
    expect(statuses.status('tiny').problem).toContain('there is no file');
  });

  it('shows models that live elsewhere under the same budget', () => {
    const letGo = residency.hold('tiny', 50);
    expect(statuses.status('tiny')).toMatchObject({ state: 'resident', memoryBytes: 50 });
    letGo();
    expect(state()).toBe('absent');
  });

  it('keeps the last speed that could be measured', () => {
    expect(statuses.status('tiny')).not.toHaveProperty('promptTokensPerSecond');
    statuses.recordSpeed('tiny', 120, 30);
    statuses.recordSpeed('tiny', undefined, Number.POSITIVE_INFINITY);
    statuses.recordSpeed('tiny', 0, 25);
    expect(statuses.status('tiny')).toMatchObject({
      promptTokensPerSecond: 120,
      generatedTokensPerSecond: 25,
    });
  });
});
