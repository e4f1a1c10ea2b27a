import type { Call, Caller } from '../../src/core/call.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { RouteDecision } from '../../src/core/decision.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Farm, FarmStatus, ModelName } from '../../src/core/farm.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';
import { unreadVectorStores } from '../fixtures/unread-vector-stores.ts';
import { untaughtTraining } from '../fixtures/untaught-training.ts';

export type Script = (call: Call, signal: AbortSignal) => AsyncIterable<CadreEvent>;

export interface ScriptedFarm extends Farm {
  /** Calls in the order in which they came. */
  readonly calls: Call[];
  readonly keys: Map<string, Caller>;
  script: Script;
}

const ABLE = { ready: true, created: 1, contextLength: 4096, tools: true, vision: false };
export const NAMES: readonly ModelName[] = [
  { id: 'auto', kind: 'virtual', description: 'The gate decides.', ...ABLE },
  { id: 'small', kind: 'spoke', description: 'A spoke.', model: 'smollm2-q4_1', ...ABLE },
  { id: 'knowledge:law', kind: 'knowledge', description: 'Law.', ...ABLE, tools: false },
  { id: 'bge-small', kind: 'embedder', description: 'Vectors.', ...ABLE, tools: false },
];

const STATUS: FarmStatus = {
  version: '0.1.0',
  home: '/home',
  pid: 1,
  uptimeSeconds: 1,
  ready: true,
  draining: false,
  memoryBudget: 1,
  memoryUsed: 0,
  memorySaved: 0,
  fleet: { loads: 0, evictions: 0, loadsByCount: 0, slots: 1, recent: [] },
  threads: 1,
  threadHolders: [],
  activeRequests: 0,
  offline: false,
  config: { loadedAt: 1, needsRestart: [] },
};

/** The farm as the server sees it, with a script in the place of everything behind it. */
export function createScriptedFarm(
  config: unknown = {},
  changes: Partial<Farm> = {},
): ScriptedFarm {
  const objects = temporaryObjects();
  const farm: ScriptedFarm = {
    calls: [],
    keys: new Map(),
    script: (call) => answer(call, ['Hello', ' world']),
    config: parseConfig(config),
    ...untaughtTraining(objects),
    version: '0.1.0',
    home: '/home',
    startedAt: 0,
    ask(call, signal) {
      farm.calls.push(call);
      return farm.script(call, signal);
    },
    async embed({ id, texts, model, caller }) {
      const vectors = texts.map((_text, index) => Float32Array.of(index, 0.5));
      const cutCount = texts.filter((text) => text.length > 10_000).length;
      const receipt = receiptOf(id, caller.key);
      return { vectors, model, tokens: texts.length, cutCount, receipt };
    },
    async rerank({ id, documents, model, caller }) {
      // The longest fits best.
      const ranked = documents
        .map((text, index) => ({ index, score: text.length / 1000 }))
        .toSorted((a, b) => b.score - a.score);
      const receipt = receiptOf(id, caller.key);
      return { ranked, model, tokens: 10 * documents.length, legs: ['lexical'], receipt };
    },
    async moderate({ id, texts, caller }) {
      const results = texts.map((text) => {
        const isBad = text.includes('bad');
        return { flagged: isBad, scores: { hate: isBad ? 0.9 : 0.1 }, categories: { hate: isBad } };
      });
      const receipt = receiptOf(id, caller.key);
      return { model: 'cadre-moderation-starter', features: 'n-grams', results, receipt };
    },
    objects,
    vectorStores: unreadVectorStores(objects),
    countTokens: async ({ messages }) => 10 * messages.length,
    batches: { wake: () => {}, cancel: async () => undefined },
    listNames: () => NAMES,
    authenticate: async (secret) => farm.keys.get(secret),
    isKeyless: async () => farm.keys.size === 0,
    takeRate: () => ({ allowed: true, standing: {} }),
    reserveTokens: () => ({ allowed: true, standing: {} }),
    shareTokens: () => {},
    settleTokens: () => {},
    rateStanding: () => undefined,
    storeProblem: async () => undefined,
    status: () => STATUS,
    models: () => [],
    spokes: () => [],
    async *importModel({ file, id = file }) {
      yield { id, stage: 'ready', bytes: 1, totalBytes: 1, problems: [] };
    },
    planQuantisation: async ({ id }) => ({
      model: id,
      fileBytes: 100,
      memoryBytes: 200,
      memoryBudget: 1000,
      forms: [],
    }),
    async *quantise({ id }) {
      yield { stage: 'making', model: id, done: 1, total: 2 };
    },
    async *pull(id) {
      yield { id, stage: 'fetching', bytes: 1, totalBytes: 2, problems: [] };
      yield { id, stage: 'ready', bytes: 2, totalBytes: 2, problems: [] };
    },
    unload: async () => true,
    load: async () => undefined,
    unpin: () => true,
    servers: async () => [],
    devices: {
      content: async () => Uint8Array.of(),
      join: () => ({ answer: () => undefined, refuse: () => undefined, leave: () => undefined }),
    },
    receipts: async ({ key }) =>
      [receiptOf('req_mine', 'a'), receiptOf('req_other', 'b')].filter(
        (receipt) => key === undefined || receipt.key === key,
      ),
    receipt: async (id) => (id === 'req_other' ? receiptOf(id, 'b') : undefined),
    events: async () => [],
    giveFeedback: async () => {},
    outcomes: async () => [],
    gate: () => NO_GATE,
    gradedRequests: async () => ({ rows: [], keptCount: 0 }),
    chooseGate: () => NO_GATE,
    gateCurve: (version) => `<svg>${version}</svg>`,
    rollbackGate: () => NO_GATE,
    shadow: async () => NO_SHADOWS,
    changeShadow: async ({ rate = 0 }) => ({ ...NO_SHADOWS, rate }),
    shadowsOf: async () => [],
    decide: async () => DECISION,
    collections: async () => [],
    documents: async () => [],
    standing: async () => undefined,
    document: async () => undefined,
    documentText: async () => undefined,
    async *index() {},
    warnings: () => [],
    stands: async () => () => true,
    changeCollection: async () => undefined,
    sayOfDocument: async () => undefined,
    dropCollection: async () => true,
    fitWeight: async (collection, { dryRun }) => ({
      ...{ collection, weight: 0.8, before: 0.8, defaultWeight: 0.8, isChanged: false },
      ...{ reason: 'no other weight finds more', queries: 12, unknownDocuments: 0 },
      ...{ signals: { judged: 12, opened: 0, answered: 0 }, isDryRun: dryRun },
    }),
    noteOpening: async () => true,
    search: async () => ({ passages: [], legs: ['lexical'], indexVersion: 1, ms: 1 }),
    addKey: async (request) => ({
      row: { id: 'key_1', hash: 'abc', createdAt: 1, ...request },
      secret: 'sk-new',
    }),
    listKeys: async () => [],
    revokeKey: async (id) => id === 'key_1',
    metrics: () => 'cadre_up 1\n',
    signIn: (token) => (token === 'once' ? 'session-secret' : undefined),
    isSession: (secret) => secret === 'session-secret',
    mintToken: () => 'once',
    stop: () => {},
    ...changes,
  };
  return farm;
}

const CHOSEN = { spoke: 'quick', probability: 0.8, cost: 0, latencyMs: 900, resident: true };
const DECISION: RouteDecision = {
  spoke: 'quick',
  promise: 0.6,
  chosen: CHOSEN,
  candidates: [CHOSEN],
  rejected: [{ id: 'coder', code: 'not-installed', reason: 'is not installed' }],
  tasks: [{ task: 'greeting', probability: 1 }],
  features: { words: 1 },
  reasons: ['the only spoke that may serve (0.80)'],
  cascade: [],
};
const NO_SHADOWS = {
  rate: 0,
  spokes: [],
  budget: 0,
  seconds: 600,
  setBy: 'configuration' as const,
  today: { day: '2026-11-26', dollars: 0, seconds: 0 },
  sampled: 0,
  waiting: 0,
  dropped: {},
  answers: 0,
  graded: 0,
  failed: 0,
  agreements: [],
  notes: [],
};
const NO_GATE = { version: 0, versions: [], promises: [] };

export const CALLER: Caller = { key: 'a', principals: ['public'], keepsText: false };

/** An answer of one choice, piece by piece. */
export async function* answer(call: Call, pieces: readonly string[]): AsyncGenerator<CadreEvent> {
  yield accepted(call);
  for (const text of pieces) yield { type: 'text-delta', choice: 0, text };
  yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
  yield ended(call);
}

export function accepted(call: Call): CadreEvent {
  const { id, request, depth } = call;
  return { type: 'request-accepted', id, at: 1, model: request.model, depth };
}

export function ended(call: Call): CadreEvent {
  const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2 };
  return { type: 'answer-ended', usage, receipt: receiptOf(call.id, call.caller.key) };
}

export function failed(call: Call, code: 'no_spoke' | 'internal' | 'cancelled'): CadreEvent {
  const receipt = { ...receiptOf(call.id, call.caller.key), outcome: 'failed' as const };
  return { type: 'request-failed', code, message: 'the secret reason', receipt };
}

export function receiptOf(id: string, key: string): Receipt {
  const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2 };
  return {
    id,
    children: [],
    depth: 0,
    at: 1,
    requestedModel: 'auto',
    key,
    outcome: 'answered',
    attempts: [
      {
        spoke: 'small',
        model: 'smollm2',
        destination: 'local',
        usage,
        promptMs: 1,
        generationMs: 1,
        outcome: 'released',
      },
    ],
    sources: [],
    checks: [],
    finishReason: 'stop',
    usage,
    totalMs: 2,
    stages: [],
    cost: { total: 0, reference: 0, referenceName: 'none' },
    energy: { joules: 0, tier: 'modelled' },
    featureHashes: [],
    ledger: null,
  };
}

/** Waits for an abort the way a model does. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
