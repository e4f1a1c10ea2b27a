import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import type { PolicyVerdict, Rejection, RouteDecision } from '../../src/core/decision.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import {
  decideRoute,
  type GateInput,
  type GateResult,
  type GateSpoke,
} from '../../src/gate/route.ts';

export const estimator = createStarterEstimator();

/** A healthy local 1.5B spoke, changed where a test says so. */
export function spoke(id: string, change: Partial<GateSpoke> = {}): GateSpoke {
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

const SMALL = { modelId: 'smollm2-135m-instruct-q4_1', secondsPerPromptToken: 0.004 };
const HALF = { modelId: 'qwen2.5-coder-0.5b-instruct-q4_k_m', secondsPerPromptToken: 0.006 };

export const quick = spoke('quick', { ...SMALL, secondsPerToken: 0.02 });
export const coder = spoke('coder', { tasks: ['code'] });
export const general = spoke('general', { tools: true });
export const extract = spoke('extract', { ...HALF, output: 'json', secondsPerToken: 0.035 });
export const grounded = spoke('grounded', {
  ...HALF,
  kind: 'grounded',
  secondsPerToken: 0.035,
  fallback: ['grounded-large'],
});
export const groundedLarge = spoke('grounded-large', { kind: 'grounded' });
export const hub = spoke('hub', { kind: 'hub', modelId: 'hub', tasks: ['multi-part'] });
export const topics = spoke('topics', {
  kind: 'classifier',
  modelId: 'classifier:topics',
  labels: ['billing', 'shipping', 'returns', 'technical'],
  secondsPerToken: 0,
  secondsPerPromptToken: 0.00001,
});
export const frontier = spoke('frontier', {
  destination: 'vendor',
  modelId: 'vendor/big',
  price: { input: 2.5, output: 10 },
  contextLength: 128_000,
  tools: true,
  vision: true,
  secondsPerToken: 0.017,
  secondsPerPromptToken: 0.0005,
  dollarsPerSecond: 0,
});

export const STARTER: readonly GateSpoke[] = [
  quick,
  coder,
  general,
  extract,
  grounded,
  groundedLarge,
  hub,
  topics,
];

export const VERDICT: PolicyVerdict = {
  label: 'internal',
  labelReasons: ['default'],
  destinations: [
    { destination: 'local', allowed: true, reason: 'stays on this machine' },
    { destination: 'vendor', allowed: true, reason: 'cleared for internal' },
  ],
};

export function ask(text: string, change: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'auto',
    sampling: {},
    messages: [{ role: 'user', content: textPart(text) }],
    ...change,
  };
}

export function input(request: ChatRequest, change: Partial<GateInput> = {}): GateInput {
  return {
    request,
    verdict: VERDICT,
    spokes: STARTER,
    promise: 0.6,
    promptTokens: 60,
    mostPromptTokens: change.promptTokens ?? 60,
    depth: 0,
    ...change,
  };
}

export function decide(request: ChatRequest | string, change: Partial<GateInput> = {}): GateResult {
  const asked = typeof request === 'string' ? ask(request) : request;
  return decideRoute(input(asked, change), estimator);
}

/** The decision; fails the test when every spoke was rejected. */
export function chosen(
  request: ChatRequest | string,
  change: Partial<GateInput> = {},
): RouteDecision {
  const result = decide(request, change);
  if ('rejected' in result)
    throw new Error(`all rejected: ${result.rejected.map((one) => `${one.id} ${one.reason}`)}`);
  return result.decision;
}

/** Why a spoke was turned away; undefined when it was a candidate. */
export function rejectionOf(result: GateResult, id: string): Rejection | undefined {
  const rejected = 'rejected' in result ? result.rejected : result.decision.rejected;
  return rejected.find((one) => one.id === id);
}
