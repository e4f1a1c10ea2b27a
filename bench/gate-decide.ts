/**
 * How long does one decision of the gate take, 11 spokes and a prompt of 1 KB: by the starter's table,
 * and by a gate that was fitted for all 11 on 14,000 generated requests; and how long does that fit
 * take, and how large is its file?
 */
import { seededRandom } from '../src/base/random.ts';
import { readText } from '../src/base/text-reading.ts';
import { textPart } from '../src/core/chat.ts';
import { createStarterEstimator } from '../src/gate/estimator.ts';
import { readSurface } from '../src/gate/features.ts';
import { createFittedEstimator } from '../src/gate/fitted-estimator.ts';
import { decideRoute, type GateInput, type GateSpoke } from '../src/gate/route.ts';
import { fitGateModel } from '../src/gate/success/gate-model.ts';
import { encodeGateModel } from '../src/gate/success/model-file.ts';
import type { GradedRows } from '../src/gate/success/rows.ts';
import { localSpoke } from './lib/local-spoke.ts';
import { quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';

const SEED = 7;
const FITTED_ROWS = 14_000;
const ROUNDS = 4000;
const WARM_UP = 2000;

const LETTER =
  'Our tenant in the second house reported that the heating has been broken since Monday and that ' +
  'the boiler makes a loud noise at night; could you please write a friendly reply that says a ' +
  'technician comes on Thursday between 9 and 12, and that the rent is reduced by 10 percent until ' +
  'it works again? ';

const spokes: readonly GateSpoke[] = [
  localSpoke('quick', { modelId: 'smollm2-135m-instruct-q4_1', secondsPerToken: 0.02 }),
  localSpoke('coder', { tasks: ['code'] }),
  localSpoke('general', { tools: true }),
  localSpoke('extract', { modelId: 'qwen2.5-coder-0.5b-instruct-q4_k_m', output: 'json' }),
  localSpoke('grounded', { kind: 'grounded', fallback: ['grounded-large'] }),
  localSpoke('grounded-large', { kind: 'grounded' }),
  localSpoke('hub', { kind: 'hub', modelId: 'hub' }),
  localSpoke('topics', { kind: 'classifier', labels: ['billing', 'shipping', 'returns', 'other'] }),
  localSpoke('remote-small', { destination: 'vendor', price: { input: 0.15, output: 0.6 } }),
  localSpoke('remote-large', { destination: 'vendor', price: { input: 2.5, output: 10 } }),
  localSpoke('absent', { installed: false }),
];
const input: GateInput = {
  request: {
    model: 'auto',
    sampling: {},
    messages: [{ role: 'user', content: textPart(LETTER.repeat(4).slice(0, 1024)) }],
  },
  verdict: {
    label: 'internal',
    labelReasons: ['default'],
    destinations: [
      { destination: 'local', allowed: true, reason: 'local' },
      { destination: 'vendor', allowed: true, reason: 'cleared' },
    ],
  },
  spokes,
  promise: 0.6,
  mostPromptTokens: 400,
  promptTokens: 300,
  depth: 0,
  evidence: { strength: 0.4, collection: 'handbook', required: false },
};

/** Microseconds of each round. */
function measure(work: () => unknown): number[] {
  for (let round = 0; round < WARM_UP; round += 1) work();
  return Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    work();
    return (performance.now() - start) * 1000;
  });
}

const started = performance.now();
const estimator = createStarterEstimator();
const loadMs = performance.now() - started;
const decide = measure(() => decideRoute(input, estimator));
const surface = measure(() => readSurface(input.request));
const read = readSurface(input.request);
const estimate = measure(() => estimator.estimate(input.request, read));

/** Requests of 13 kinds with words of their own; how well a model does depends on both. */
function generatedRows(): GradedRows {
  const random = seededRandom(SEED);
  const words = LETTER.match(/\w+/g) ?? [];
  const texts = Array.from({ length: FITTED_ROWS }, (_, row) => {
    const kind = row % 13;
    const own = Array.from({ length: 60 }, () => {
      const word = words[Math.floor(random() * words.length)];
      return random() < 0.5 ? word : `${word}${kind}${Math.floor(20 * random())}`;
    });
    return { task: `kind-${kind}`, text: own.join(' ') };
  });
  return {
    models: spokes.map(({ id }) => id),
    readings: texts.map(({ text }) => readText(text)),
    tasks: texts.map(({ task }) => task),
    scores: Float64Array.from({ length: FITTED_ROWS * spokes.length }, (_, at) =>
      random() < 0.2 + (0.6 * ((at % spokes.length) + (at % 13))) / 24 ? 1 : 0,
    ),
    weights: new Float64Array(FITTED_ROWS).fill(1),
  };
}

const rows = generatedRows();
const before = process.cpuUsage();
const model = fitGateModel(rows, 9, SEED);
const fitCpu = process.cpuUsage(before);
const fittedEstimator = createFittedEstimator(estimator, model);
const fitted = measure(() => decideRoute(input, fittedEstimator));
const figures = (times: readonly number[]) => ({
  p50: Number(quantile(times, 0.5).toFixed(1)),
  p95: Number(quantile(times, 0.95).toFixed(1)),
  p99: Number(quantile(times, 0.99).toFixed(1)),
});
printResult('gate-decide', SEED, {
  unit: 'microseconds',
  spokes: spokes.length,
  promptCharacters: 1024,
  decide: figures(decide),
  fittedDecide: figures(fitted),
  fittedRows: FITTED_ROWS,
  fitCpuSeconds: Number(((fitCpu.user + fitCpu.system) / 1e6).toFixed(1)),
  fileMegabytes: Number((encodeGateModel(model).length / 1e6).toFixed(2)),
  features: figures(surface),
  taskPosterior: figures(estimate),
  loadMs: Number(loadMs.toFixed(1)),
});
