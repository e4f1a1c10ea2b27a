import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createClassifier } from '../../src/adapters/models/classifier-process.ts';
import { createOnnxEmbedder } from '../../src/adapters/models/onnx-embedder.ts';
import { lockfileSchema, type ModelFile } from '../../src/core/catalogue.ts';
import { TinyOnnx } from '../workers/tiny-onnx.ts';
import { findModel } from './model-paths.ts';

const root = resolve(import.meta.dirname, '..', '..');
const lock = lockfileSchema.parse(
  JSON.parse(readFileSync(resolve(root, 'models.lock.json'), 'utf8')),
);
const bge = lock.models.find((model) => model.id.startsWith('bge-small'));
const paths = new Map<ModelFile, string | undefined>(
  (bge?.files ?? []).map((file) => [file, findModel(file)]),
);
const missing = paths.size < 2 || [...paths.values()].includes(undefined);
const signal = new AbortController().signal;

const dot = (left: Float32Array | undefined, right: Float32Array | undefined) =>
  (left ?? new Float32Array()).reduce((sum, value, at) => sum + value * (right?.[at] ?? 0), 0);

describe.skipIf(missing)('bge-small', { timeout: 300_000 }, () => {
  const tiny = new TinyOnnx();
  const embedder = createOnnxEmbedder({
    entry: bge ?? tiny.entry(),
    locate: (file) => paths.get(file),
    threads: 1,
  });
  afterAll(async () => {
    await embedder.doClose();
    tiny.remove();
  });

  it('puts paraphrases nearer than strangers, with unit vectors of 384 numbers', async () => {
    const [freeze, stolen, weather] = await embedder.doEmbed(
      ['How do I freeze my card?', 'My card was stolen, block it now', 'Will it rain in Oslo?'],
      'passage',
      { signal },
    );
    expect(freeze).toHaveLength(384);
    expect(dot(freeze, freeze)).toBeCloseTo(1, 4);
    expect(dot(freeze, stolen)).toBeGreaterThan(0.65);
    expect(dot(freeze, weather)).toBeLessThan(0.6);
  });

  it('finds the passage that answers a query', async () => {
    const passages = await embedder.doEmbed(
      [
        'Parcels to Norway need four to six working days.',
        'A jacket that does not fit can be exchanged within thirty days.',
        'Invoices are sent on the first day of the month.',
      ],
      'passage',
      { signal },
    );
    const [query] = await embedder.doEmbed(['how long does shipping take'], 'query', { signal });
    const scores = passages.map((passage) => dot(query, passage));
    expect(scores.indexOf(Math.max(...scores))).toBe(0);
  });

  it('gives a text the same vector alone and among others', async () => {
    const text = 'The pump must be serviced every 1,200 hours.';
    const [alone] = await embedder.doEmbed([text], 'passage', { signal });
    const among = await embedder.doEmbed(['short', text, 'word '.repeat(300)], 'passage', {
      signal,
    });
    expect(among[1]).toEqual(alone);
  });

  it('cuts what is longer than 512 tokens and reads an empty text', async () => {
    const { vectors, tokenCount } = await embedder.doEmbedCounted(
      ['word '.repeat(2000), ''],
      'passage',
      { signal },
    );
    expect(tokenCount).toBe(514);
    expect(vectors.every((vector) => vector.every(Number.isFinite))).toBe(true);
  });

  it('lifts the starter classifier over its n-grams', async () => {
    const classifier = createClassifier({
      id: 'topic',
      examplesFolder: resolve(root, 'starter', 'support-topics'),
      modelFile: resolve(tiny.folder, 'topic.bin'),
      embedder,
    });
    await classifier.doPrepare({ signal });
    const before = classifier.state.report?.accuracy ?? 1;
    await classifier.doImprove({ signal });
    const after = classifier.state.report;
    expect(after?.accuracyLow).toBeGreaterThan(before);
    expect(after?.noveltyArea).toBeGreaterThan(0.8);
    const label = async (text: string) => (await classifier.doClassify(text, { signal })).label;
    expect(await label('my parcel never showed up')).toBe('delivery');
    expect(await label('what is the capital of France?')).toBeNull();
    await classifier.doClose();
  });
});
