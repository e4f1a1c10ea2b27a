import { HASHING_DEFAULTS } from '../../src/base/hashing.ts';
import type { MicroModelMode, MicroModelParts } from '../../src/base/micro-model.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { SoftmaxModel } from '../../src/base/softmax.ts';

/** Dimensions of the embedder's vectors, labels of a head, n-gram features that it knows. */
const DIMENSIONS = 384;
export const HEAD_LABELS = 27;
const NGRAMS = 64;

const MODE: MicroModelMode = {
  mixing: { weight: 0.7, ngramTemperature: 1, embeddingTemperature: 1, temperature: 1 },
  // Every text belongs to some label: random weights know no novelty.
  novelty: { softening: 1, slope: 1, offset: 5, threshold: -1e9 },
};
const REPORT = {
  rowCount: 0,
  heldOutCount: 0,
  accuracy: 0,
  accuracyLow: 0,
  accuracyHigh: 1,
  calibrationError: 0,
  noveltyArea: 0.5,
};

/** A micro-model of random int8 weights, as large as one of 27 labels on vectors of 384 numbers. */
export function randomHead(seed: number, embedder: string): MicroModelParts {
  const random = seededRandom(seed);
  const softmax = (columns: Int32Array): SoftmaxModel => ({
    classCount: HEAD_LABELS + 1,
    columns,
    weights: Int8Array.from({ length: columns.length * (HEAD_LABELS + 1) }, () =>
      Math.floor(random() * 255 - 127),
    ),
    scales: new Float32Array(columns.length).fill(0.05),
    bias: new Float32Array(HEAD_LABELS + 1),
  });
  const space = 2 ** HASHING_DEFAULTS.bits;
  const hashed = new Set<number>();
  while (hashed.size < NGRAMS) hashed.add(Math.floor(random() * space));
  return {
    labels: Array.from({ length: HEAD_LABELS }, (_, label) => `label-${label}`),
    source: `random ${seed}`,
    hashing: HASHING_DEFAULTS,
    ngrams: softmax(Int32Array.from([...hashed].toSorted((a, b) => a - b))),
    ngramMode: MODE,
    ngramReport: REPORT,
    embedding: {
      embedder,
      head: softmax(Int32Array.from({ length: DIMENSIONS }, (_, column) => column)),
      mode: MODE,
      report: REPORT,
    },
  };
}
