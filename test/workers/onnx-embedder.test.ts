import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  createOnnxEmbedder,
  type OnnxEmbedder,
  type OnnxEmbedderOptions,
} from '../../src/adapters/models/onnx-embedder.ts';
import { OnnxProcess } from '../../src/adapters/models/onnx-process.ts';
import { rowOf, TinyOnnx, WORDS } from './tiny-onnx.ts';

const tiny = new TinyOnnx();
const opened: OnnxEmbedder[] = [];
const signal = new AbortController().signal;

function open(options: Partial<OnnxEmbedderOptions> = {}): OnnxEmbedder {
  const embedder = createOnnxEmbedder({
    entry: tiny.entry(),
    locate: tiny.locate,
    threads: 1,
    ...options,
  });
  opened.push(embedder);
  return embedder;
}

/** The mean of the words' rows, of length 1; worked out here without the model. */
function expected(words: readonly string[]): Float32Array {
  const rows = words.map((word) => rowOf(WORDS.indexOf(word)));
  const sum = rowOf(0).map((_, at) => rows.reduce((total, row) => total + (row[at] ?? 0), 0));
  const length = Math.hypot(...sum);
  return Float32Array.from(sum, (value) => value / length);
}

function expectClose(vector: Float32Array | undefined, wanted: Float32Array): void {
  expect(vector).toHaveLength(wanted.length);
  wanted.forEach((value, at) => {
    expect(vector?.[at]).toBeCloseTo(value, 5);
  });
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((embedder) => embedder.doClose()));
});
afterAll(() => tiny.remove());

describe('an ONNX embedder', () => {
  it('gives one unit vector per text, in order, equal for equal texts in any company', async () => {
    const embedder = open();
    const texts = ['red car', 'Green BOAT boat', 'red car', ''];
    const vectors = await embedder.doEmbed(texts, 'passage', { signal });
    expect(vectors).toHaveLength(4);
    expectClose(vectors[0], expected(['[CLS]', 'red', 'car', '[SEP]']));
    expectClose(vectors[1], expected(['[CLS]', 'green', 'boat', 'boat', '[SEP]']));
    expectClose(vectors[3], expected(['[CLS]', '[SEP]']));
    expect(vectors[2]).toEqual(vectors[0]);
    expect(await embedder.doEmbed(['red car'], 'passage', { signal })).toEqual([vectors[0]]);
  });

  it('puts the prefix before queries only, and counts tokens', async () => {
    const embedder = open();
    const query = await embedder.doEmbedCounted(['car'], 'query', { signal });
    expectClose(query.vectors[0], expected(['[CLS]', 'find', ':', 'car', '[SEP]']));
    expect(query.tokenCount).toBe(5);
    const passage = await embedder.doEmbedCounted(['car', 'boat'], 'passage', { signal });
    expect(passage.tokenCount).toBe(6);
  });

  it('compares token by token, without marks and prefix', async () => {
    const embedder = open();
    const scores = await embedder.doMatch?.('red car', ['car red', 'red boat', 'green'], {
      signal,
      budgetMs: 60_000,
    });
    expect(scores).toHaveLength(3);
    const [same = 0, half = 0, none = 0] = scores ?? [];
    expect(same).toBeCloseTo(1, 1);
    expect(half).toBeLessThan(same);
    expect(none).toBeLessThan(half);
    const spent = await embedder.doMatch?.('red', ['red'], { signal, budgetMs: 0 });
    expect(spent).toEqual([]);
  });

  it('takes the first state with cls pooling', async () => {
    const embedder = open({ entry: tiny.entry('tiny.onnx', 'cls') });
    const [vector] = await embedder.doEmbed(['red boat'], 'passage', { signal });
    expectClose(vector, expected(['[CLS]']));
  });

  it('cuts a long text and keeps its end mark', async () => {
    const embedder = open({ entry: tiny.entry('tiny.onnx', 'mean', 4) });
    const { vectors, tokenCount, cutCount } = await embedder.doEmbedCounted(
      ['red car boat boat boat', 'red'],
      'passage',
      { signal },
    );
    expect([tokenCount, cutCount]).toEqual([7, 1]);
    expectClose(vectors[0], expected(['[CLS]', 'red', 'car', '[SEP]']));
  });

  it('says that a file is missing, and works once it is there', async () => {
    let present = false;
    const embedder = open({ locate: (file) => (present ? tiny.locate(file) : undefined) });
    expect(embedder.isInstalled()).toBe(false);
    const missing = { code: 'model_unavailable' };
    await expect(embedder.doEmbed(['car'], 'query', { signal })).rejects.toMatchObject(missing);
    present = true;
    expect(embedder.isInstalled()).toBe(true);
    expect(await embedder.doEmbed(['car'], 'query', { signal })).toHaveLength(1);
    const gone = open({ locate: () => '/nowhere/at/all.onnx' });
    await expect(gone.doLoad({ signal })).rejects.toMatchObject(missing);
  });

  it('names a damaged model and wrong dimensions, and leaves the others alone', async () => {
    const process = new OnnxProcess();
    const damaged = open({ entry: tiny.entry('broken.onnx'), process });
    await expect(damaged.doEmbed(['car'], 'query', { signal })).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining('broken.onnx'),
    });
    const entry = tiny.entry();
    const wrong = open({
      entry: {
        ...entry,
        id: 'wrong',
        embedding: { dimensions: 5, pooling: 'cls', queryPrefix: '', maxTokens: 8 },
      },
      process,
    });
    await expect(wrong.doLoad({ signal })).rejects.toMatchObject({ code: 'model_damaged' });
    const fine = open({ process });
    expect(await fine.doEmbed(['car'], 'query', { signal })).toHaveLength(1);
    await process.doClose();
  });

  it('loads again in a new process after a crash', async () => {
    const host = new OnnxProcess();
    const embedder = open({ process: host });
    const before = await embedder.doEmbed(['red car'], 'passage', { signal });
    const many = embedder.doEmbed(Array(2000).fill('red car'), 'passage', { signal });
    process.kill(host.pid ?? 0, 'SIGKILL');
    await expect(many).rejects.toMatchObject({ code: 'worker_crashed' });
    expect(embedder.memoryBytes()).toBe(0);
    expect(await embedder.doEmbed(['red car'], 'passage', { signal })).toEqual(before);
    expect(embedder.memoryBytes()).toBeGreaterThan(1e6);
    await host.doClose();
  });

  it('drops the texts of an aborted call', async () => {
    const embedder = open();
    await embedder.doLoad({ signal });
    const controller = new AbortController();
    const many = embedder.doEmbed(Array(4000).fill('red car'), 'passage', {
      signal: controller.signal,
    });
    controller.abort(new Error('left'));
    await expect(many).rejects.toThrow('left');
    expect(await embedder.doEmbed(['car'], 'passage', { signal })).toHaveLength(1);
    await expect(
      embedder.doEmbed(['car'], 'query', { signal: AbortSignal.abort(new Error('late')) }),
    ).rejects.toThrow('late');
  });

  it('refuses more than its queue holds, for each kind by itself', async () => {
    const embedder = open({ queueLength: 3 });
    const first = embedder.doEmbed(['a', 'b', 'c'], 'passage', { signal });
    await expect(embedder.doEmbed(['d'], 'passage', { signal })).rejects.toMatchObject({
      code: 'overloaded',
      retryAfter: 1,
    });
    expect(await embedder.doEmbed(['car'], 'query', { signal })).toHaveLength(1);
    expect(await first).toHaveLength(3);
    expect(await embedder.doEmbed(['d'], 'passage', { signal })).toHaveLength(1);
  });

  it('answers no texts with no vectors and without a process', async () => {
    const embedder = open();
    expect(await embedder.doEmbed([], 'query', { signal })).toEqual([]);
    expect(embedder.memoryBytes()).toBe(0);
  });

  it('is not made from a model that does not embed', () => {
    const { embedding, ...entry } = tiny.entry();
    expect(embedding).toBeDefined();
    expect(() => createOnnxEmbedder({ entry, locate: tiny.locate, threads: 1 })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });
});
