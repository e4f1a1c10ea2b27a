import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClassifierOptions,
  createClassifier,
  type TrainedClassifier,
} from '../../src/adapters/models/classifier-process.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { Embedder } from '../../src/core/ports.ts';
import { plainVector, tradeRows } from './training-rows.ts';

const signal = new AbortController().signal;
const call = { signal };
let folder = '';
let examples = '';
let modelFile = '';
const opened: TrainedClassifier[] = [];

function open(options: Partial<ClassifierOptions> = {}): TrainedClassifier {
  const classifier = createClassifier({
    id: 'trades',
    examplesFolder: examples,
    modelFile,
    ...options,
  });
  opened.push(classifier);
  return classifier;
}

function writeExamples(labels?: string[]): void {
  const rows = tradeRows(15, 1, labels);
  for (const label of new Set(rows.map((row) => row.label))) {
    const own = rows.filter((row) => row.label === label).map((row) => row.text);
    writeFileSync(join(examples, `${label}.txt`), own.join('\n'));
  }
}

/** Answers like an embedding model once `installed` is set. */
function plainEmbedder() {
  const calls: string[][] = [];
  const embedder: Embedder & { installed: boolean; hangs: boolean } = {
    id: 'plain',
    dimensions: 16,
    installed: true,
    hangs: false,
    doEmbed: async (texts, _kind, options) => {
      calls.push([...texts]);
      if (!embedder.installed) throw new CadreError('model_unavailable', 'plain is not installed');
      if (embedder.hangs) {
        await new Promise((_, reject) =>
          options.signal.addEventListener('abort', () => reject(options.signal.reason)),
        );
      }
      return texts.map(plainVector);
    },
  };
  return { embedder, calls };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-classifier-'));
  examples = join(folder, 'examples');
  modelFile = join(folder, 'home', 'classifiers', 'trades.bin');
  mkdirSync(examples);
  writeExamples();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((classifier) => classifier.doClose()));
  rmSync(folder, { recursive: true, force: true });
});

describe('a classifier from a folder of examples', { timeout: 120_000 }, () => {
  it('trains, answers with a ranking, and says none for foreign and empty text', async () => {
    const classifier = open();
    expect(classifier.state.phase).toBe('idle');
    const answer = await classifier.doClassify('how long do I cook the potatoes', call);
    expect(answer).toMatchObject({ label: 'kitchen', features: 'n-grams' });
    expect(answer.confidence).toBeGreaterThan(0.5);
    expect(answer.ranked.map((one) => one.label).sort()).toEqual(classifier.labels);
    expect(answer.ranked[0]).toEqual({ label: 'kitchen', probability: answer.confidence });
    expect((await classifier.doClassify('zxcvb qwrtp', call)).label).toBeNull();
    expect((await classifier.doClassify(' \n', call)).label).toBeNull();
    expect(classifier.state).toMatchObject({
      phase: 'ready',
      features: 'n-grams',
      isTraining: false,
      report: { rowCount: expect.any(Number) },
    });
  });

  it('answers after a restart as it did when it was trained', async () => {
    const { embedder } = plainEmbedder();
    const texts = ['how long do I cook the potatoes', 'block my card', 'water the roses', 'zxcvb'];
    const answersOf = (classifier: TrainedClassifier) =>
      Promise.all(texts.map((text) => classifier.doClassify(text, call)));
    const trained = open({ embedder });
    await trained.doImprove(call);
    const before = await answersOf(trained);
    expect(before[1]?.label).toBe('bank');
    expect(await answersOf(open({ embedder }))).toEqual(before);
    const words = await answersOf(open());
    expect(words[0]?.label).toBe('kitchen');
  });

  it('uses the file while the examples are the same, and replaces it when they change', async () => {
    await open().doPrepare(call);
    const kept = statSync(modelFile);
    const second = open();
    await second.doPrepare(call);
    expect(statSync(modelFile).ino).toBe(kept.ino);
    expect(second.labels).toHaveLength(4);
    rmSync(join(examples, 'garden.txt'));
    const third = open();
    await third.doPrepare(call);
    expect(third.labels).toEqual(['bank', 'kitchen', 'travel']);
    expect(statSync(modelFile).ino).not.toBe(kept.ino);
    expect(readdirSync(join(folder, 'home', 'classifiers'))).toEqual(['trades.bin']);
  });

  it('writes the same bytes from the same examples and seed', async () => {
    await open().doPrepare(call);
    const first = readFileSync(modelFile);
    rmSync(modelFile);
    await open().doPrepare(call);
    expect(readFileSync(modelFile).equals(first)).toBe(true);
  });

  it('trains again when the file is damaged, and says so', async () => {
    await open().doPrepare(call);
    const bytes = readFileSync(modelFile);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 255;
    writeFileSync(modelFile, bytes);
    const classifier = open();
    const answer = await classifier.doClassify('book a flight to Rome', call);
    expect(answer.label).toBe('travel');
    expect(classifier.state.problem).toMatch(/checksum.*trained again/);
    const after = open();
    await after.doPrepare(call);
    expect(after.state.problem).toBeUndefined();
  });

  it('answers without a place to keep its file', async () => {
    writeFileSync(join(folder, 'home'), 'in the way');
    const classifier = open();
    expect((await classifier.doClassify('block my card', call)).label).toBe('bank');
    expect(classifier.state.problem).toMatch(/could not be kept/);
  });

  it('names what is wrong with the examples, and works after they are corrected', async () => {
    rmSync(examples, { recursive: true });
    const classifier = open();
    const wrong = (message: RegExp) =>
      expect(classifier.doClassify('book a flight', call)).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringMatching(message),
      });
    await wrong(/cannot be read/);
    expect(classifier.state.phase).toBe('failed');
    mkdirSync(examples);
    await wrong(/holds no \.txt/);
    writeExamples(['travel']);
    await wrong(/1 labels, at least two/);
    writeFileSync(join(examples, 'latin.txt'), Buffer.from([0x66, 0xfc, 0x72]));
    await wrong(/latin\.txt: is not UTF-8/);
    rmSync(join(examples, 'latin.txt'));
    writeExamples();
    expect((await classifier.doClassify('book a flight', call)).label).toBe('travel');
    expect(classifier.state.phase).toBe('ready');
    expect(classifier.state.problem).toBeUndefined();
  });

  it('reports examples that it left out', async () => {
    writeFileSync(join(examples, 'more.csv'), 'text,label\nodd one,travel\nodd one,bank\n');
    const classifier = open();
    await classifier.doPrepare(call);
    expect(classifier.state.exampleProblems).toEqual([
      'left out, under bank and travel: "odd one"',
      expect.stringMatching(/repeated/),
    ]);
  });

  it('lets a caller leave while others wait for the training', async () => {
    const classifier = open();
    const controller = new AbortController();
    const leaving = classifier.doClassify('block my card', { signal: controller.signal });
    const staying = classifier.doClassify('block my card', call);
    controller.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    expect((await staying).label).toBe('bank');
  });

  it('ends the training when it is closed', async () => {
    const classifier = open();
    const waiting = expect(classifier.doPrepare(call)).rejects.toMatchObject({
      name: 'AbortError',
    });
    await classifier.doClose();
    await waiting;
  });
});

describe('a classifier with an embedder', { timeout: 120_000 }, () => {
  it('answers by n-grams until the embedder is there, then by both', async () => {
    const { embedder } = plainEmbedder();
    embedder.installed = false;
    const classifier = open({ embedder });
    expect((await classifier.doClassify('block my card', call)).features).toBe('n-grams');
    await classifier.doImprove(call);
    expect(classifier.state).toMatchObject({
      features: 'n-grams',
      problem: 'no embedding head: plain is not installed',
    });
    embedder.installed = true;
    await classifier.doImprove(call);
    const answer = await classifier.doClassify('block my card', call);
    expect(answer).toMatchObject({ label: 'bank', features: 'n-grams+embedding' });
    expect(classifier.state.problem).toBeUndefined();
  });

  it('keeps the embedding head in the file, and does without the embedder again', async () => {
    const { embedder, calls } = plainEmbedder();
    await open({ embedder }).doImprove(call);
    calls.length = 0;
    const again = open({ embedder });
    expect((await again.doClassify('block my card', call)).features).toBe('n-grams+embedding');
    expect(calls).toEqual([['block my card']]);
    expect((await open().doClassify('block my card', call)).features).toBe('n-grams');
    embedder.installed = false;
    expect((await again.doClassify('block my card', call)).features).toBe('n-grams');
  });

  it('does not wait for an embedder that hangs, but obeys the caller', async () => {
    const { embedder } = plainEmbedder();
    const classifier = open({ embedder });
    await classifier.doImprove(call);
    embedder.hangs = true;
    expect(await classifier.doClassify('block my card', call)).toMatchObject({
      label: 'bank',
      features: 'n-grams',
    });
    const controller = new AbortController();
    const leaving = classifier.doClassify('block my card', { signal: controller.signal });
    controller.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
  });

  it('trains the head anew for another embedder', async () => {
    const { embedder } = plainEmbedder();
    await open({ embedder }).doImprove(call);
    const other = open({ embedder: { ...embedder, id: 'other' } });
    await other.doPrepare(call);
    expect((await other.doClassify('block my card', call)).features).toBe('n-grams');
    await other.doImprove(call);
    expect((await other.doClassify('block my card', call)).features).toBe('n-grams+embedding');
  });
});
