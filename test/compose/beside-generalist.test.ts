import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { besideGeneralist, type GeneralistModels } from '../../src/compose/beside-generalist.ts';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { SampledRow } from '../../src/core/generalist.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { asksOf } from '../../src/learn/generalist-question.ts';
import { noGeneralists } from '../fixtures/no-generalists.ts';
import { ENTRY, loadModel, randomModel } from '../workers/llama-harness.ts';

const NEVER = new AbortController().signal;
const LABELS = ['cat', 'dog'];
const SAMPLE = Array.from({ length: 50 }, (_, at) => ({
  text: `text ${at}`,
  label: LABELS[at % 2] ?? '',
  isRight: at % 10 !== 0,
}));

function statusOf(id: string, parameters: number, more: Partial<ModelStatus> = {}): ModelStatus {
  return {
    id,
    title: id,
    capabilities: ['chat'],
    contextLength: 4096,
    licence: '',
    parameters,
    state: 'installed',
    starter: false,
    fileBytes: parameters,
    pulledBytes: 0,
    memoryBytes: 0,
    activeRequests: 0,
    queuedRequests: 0,
    ...more,
  };
}

/** Models that always say the first label. */
function modelsOf(statuses: readonly ModelStatus[], failAt = Number.POSITIVE_INFINITY) {
  const asked: ModelRequest[] = [];
  const used: { id: string; priority: string | undefined; released: boolean }[] = [];
  const models: GeneralistModels = {
    statuses: () => statuses,
    memoryBudget: 1000,
    async acquire(id, { priority }) {
      const use = { id, priority, released: false };
      used.push(use);
      const release = () => {
        use.released = true;
      };
      async function* doChat(request: ModelRequest): AsyncGenerator<ModelEvent> {
        asked.push(request);
        if (asked.length > failAt) throw new CadreError('worker_crashed', 'it died');
        yield { type: 'text', text: '"cat"', logprobs: [] };
      }
      return { model: { id, doChat }, release };
    },
  };
  return { models, asked, used };
}

const wishOf = (sample: readonly SampledRow[] = SAMPLE, signal = NEVER, labels = LABELS) => ({
  asks: asksOf('intents', { labels }, sample),
  seed: 1,
  signal,
  onRow: () => undefined,
});

describe('besideGeneralist', () => {
  it('asks the largest that fits, in the background, bound to the labels', async () => {
    const { models, asked, used } = modelsOf([
      statusOf('small', 100),
      statusOf('large', 500),
      statusOf('too large', 900),
      statusOf('absent', 550, { state: 'absent' }),
      statusOf('embedder', 540, { capabilities: ['embed'] }),
    ]);
    const report = await besideGeneralist(models, wishOf());
    // Given back after each row, so that others come between.
    const use = { id: 'large', priority: 'background', released: true };
    expect(used).toEqual(Array.from({ length: 40 }, () => use));
    expect(asked).toHaveLength(40);
    expect(asked[0]?.jsonSchema).toEqual({ type: 'string', enum: LABELS });
    expect(report).toMatchObject({ model: 'large', rows: 40, accuracy: 0.5, ownAccuracy: 0.9 });
    if ('notAsked' in report) throw new Error(report.notAsked);
    expect(report.differenceLow).toBeGreaterThan(0.1);
    expect(report.differenceHigh).toBeLessThan(0.7);
  });

  it('counts what was answered before the model failed, and says why where that is too little', async () => {
    const late = modelsOf([statusOf('one', 100)], 12);
    expect(await besideGeneralist(late.models, wishOf())).toMatchObject({ rows: 12 });
    const early = modelsOf([statusOf('one', 100)], 2);
    const report = await besideGeneralist(early.models, wishOf());
    expect(report).toEqual({ notAsked: 'one: it died (worker_crashed)' });
    expect(early.used.every((one) => one.released)).toBe(true);
  });

  it('is not asked without a model, with few rows or with labels beyond its context', async () => {
    const { models } = modelsOf([statusOf('one', 100)]);
    expect(await besideGeneralist(noGeneralists, wishOf())).toHaveProperty('notAsked');
    expect(await besideGeneralist(models, wishOf(SAMPLE.slice(0, 9)))).toHaveProperty('notAsked');
    const long = SAMPLE.map((row, at) => (at < 41 ? { ...row, text: 'x'.repeat(1001) } : row));
    expect(await besideGeneralist(models, wishOf(long))).toHaveProperty('notAsked');
    const labels = Array.from({ length: 2000 }, (_, at) => `label ${at}`);
    const many = wishOf(SAMPLE, NEVER, labels);
    expect(await besideGeneralist(models, many)).toHaveProperty('notAsked');
  });

  it('is waited for no longer than its deadline', async () => {
    const { models } = modelsOf([statusOf('one', 100)]);
    const slow: GeneralistModels = {
      ...models,
      async acquire(_, { signal }) {
        await sleep(60_000, undefined, { signal });
        throw new Error('it was waited for');
      },
    };
    const report = await besideGeneralist(slow, { ...wishOf(), deadlineMs: 20 });
    expect(report).toEqual({ notAsked: 'one answered 0 rows in 0.02 s' });
  });

  it('ends with the job', async () => {
    const stop = new AbortController();
    const { models } = modelsOf([statusOf('one', 100)]);
    stop.abort(new Error('cancelled'));
    const failing = { ...models, acquire: async () => Promise.reject(stop.signal.reason) };
    const asking = besideGeneralist(failing, wishOf(SAMPLE, stop.signal));
    await expect(asking).rejects.toThrow('cancelled');
  });
});

describe('besideGeneralist with a model of random weights', () => {
  async function farmOf(): Promise<GeneralistModels> {
    const { path, remove } = randomModel();
    const loaded = await loadModel(path);
    onTestFinished(async () => {
      await loaded.doUnload();
      remove();
    });
    return {
      statuses: () => [statusOf(ENTRY.id, 100)],
      memoryBudget: 1000,
      acquire: async () => ({ model: loaded.model, release: () => undefined }),
    };
  }

  it('binds its answers to the labels, and tells how long they take', async () => {
    const report = await besideGeneralist(await farmOf(), wishOf(SAMPLE, NEVER, ['cat']));
    // Of one label it can give that alone, which every second row wants.
    expect(report).toMatchObject({ model: ENTRY.id, rows: 40, accuracy: 0.5, ownAccuracy: 0.9 });
    expect(report).toHaveProperty('msPerAnswer', expect.any(Number));
  });

  it('asks for the fields of texts, too', async () => {
    const sample = Array.from({ length: 10 }, (_, at) => ({
      text: `Ruth comes on day ${at}`,
      label: JSON.stringify([{ field: 'person', value: 'Ruth' }]),
      isRight: true,
    }));
    const wish = { ...wishOf(), asks: asksOf('extract', { labels: ['person'] }, sample) };
    // Random weights copy no name.
    expect(await besideGeneralist(await farmOf(), wish)).toMatchObject({
      rows: 10,
      accuracy: 0,
      ownAccuracy: 1,
      differenceLow: 1,
    });
  });
});
