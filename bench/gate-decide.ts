/** How long does one decision of the gate take, 11 spokes and a prompt of 1 KB? */
import { textPart } from '../src/core/chat.ts';
import { createStarterEstimator } from '../src/gate/estimator.ts';
import { readSurface } from '../src/gate/features.ts';
import { decideRoute, type GateInput, type GateSpoke } from '../src/gate/route.ts';
import { quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';

const ROUNDS = 4000;
const WARM_UP = 2000;

const LETTER =
  'Our tenant in the second house reported that the heating has been broken since Monday and that ' +
  'the boiler makes a loud noise at night; could you please write a friendly reply that says a ' +
  'technician comes on Thursday between 9 and 12, and that the rent is reduced by 10 percent until ' +
  'it works again? ';

function spoke(id: string, change: Partial<GateSpoke>): GateSpoke {
  return {
    id,
    kind: 'chat',
    destination: 'local',
    modelId: 'qwen2.5-coder-1.5b-instruct-q4_k_m',
    installed: true,
    healthy: true,
    resident: true,
    fits: true,
    contextLength: 4096,
    maxTokens: 512,
    addedTokens: 0,
    tools: false,
    vision: false,
    continues: true,
    output: 'text',
    tasks: [],
    fallback: [],
    secondsPerPromptToken: 0.013,
    secondsPerToken: 0.045,
    loadSeconds: 5,
    dollarsPerSecond: 1.25e-6,
    ...change,
  };
}

const spokes: readonly GateSpoke[] = [
  spoke('quick', { modelId: 'smollm2-135m-instruct-q4_1', secondsPerToken: 0.02 }),
  spoke('coder', { tasks: ['code'] }),
  spoke('general', { tools: true }),
  spoke('extract', { modelId: 'qwen2.5-coder-0.5b-instruct-q4_k_m', output: 'json' }),
  spoke('grounded', { kind: 'grounded', fallback: ['grounded-large'] }),
  spoke('grounded-large', { kind: 'grounded' }),
  spoke('hub', { kind: 'hub', modelId: 'hub' }),
  spoke('topics', { kind: 'classifier', labels: ['billing', 'shipping', 'returns', 'other'] }),
  spoke('remote-small', { destination: 'vendor', price: { input: 0.15, output: 0.6 } }),
  spoke('remote-large', { destination: 'vendor', price: { input: 2.5, output: 10 } }),
  spoke('absent', { installed: false }),
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
const figures = (times: readonly number[]) => ({
  p50: Number(quantile(times, 0.5).toFixed(1)),
  p95: Number(quantile(times, 0.95).toFixed(1)),
});
printResult('gate-decide', 0, {
  unit: 'microseconds',
  spokes: spokes.length,
  promptCharacters: 1024,
  decide: figures(decide),
  features: figures(surface),
  taskPosterior: figures(estimate),
  loadMs: Number(loadMs.toFixed(1)),
});
