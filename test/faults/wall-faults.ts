import { expect } from 'vitest';
import type { Fault, FaultProvider } from './fault-provider.ts';
import type { Mode, RunningTestFarm, Seen } from './running-farm.ts';
import { chat } from './running-farm.ts';
import { firstWords, SIXTY, USAGE, type WireDialect } from './scripted-answer.ts';

/** One fault of the wall with what a correct gateway makes of it. */
export interface WallFault {
  /** What the provider does, by the first part of the model's name; healthy without. */
  readonly fault: Fault;
  /** Over the settings of the primary's destination; waits are shortened. */
  readonly destination?: object;
  /** Spokes that may stand in, in order. */
  readonly fallback?: readonly string[];
  readonly check: (stage: Stage) => Promise<void>;
}

export interface Stage {
  readonly farm: RunningTestFarm;
  readonly provider: FaultProvider;
  readonly dialect: WireDialect;
  readonly mode: Mode;
  /** Name of the primary, as a spoke and as a model of the provider. */
  readonly name: string;
}

function ask({ farm, name, mode }: Stage): Promise<Seen> {
  return chat(farm.url, name, mode);
}

function expectWhole({ name }: Stage, seen: Seen, spoke: string | undefined = name): void {
  expect(seen).toMatchObject({
    status: 200,
    text: SIXTY,
    finish: 'stop',
    usage: USAGE,
    spoke,
    isClean: true,
    error: undefined,
  });
}

/** Words were shown, so the end is an error of the stream, and no success. */
function expectBroken(seen: Seen, words: number, code: string): void {
  expect(seen).toMatchObject({
    text: firstWords(words),
    finish: undefined,
    isClean: false,
    error: { code },
  });
}

/** A fault within the answer: an error after shown words, else the whole answer from elsewhere. */
async function checkBroken(stage: Stage, words: number, code: string): Promise<void> {
  const seen = await ask(stage);
  if (stage.mode === 'stream') expectBroken(seen, words, code);
  else expectWhole(stage, seen, 'fallback');
}

/** Answered by the primary itself after so many requests to it. */
async function checkItself(stage: Stage, hits: number): Promise<void> {
  expectWhole(stage, await ask(stage));
  expect(stage.provider.hits(stage.name)).toBe(hits);
}

async function checkElsewhere(stage: Stage, mostHits: number, spoke = 'fallback'): Promise<void> {
  expectWhole(stage, await ask(stage), spoke);
  expect(stage.provider.hits(stage.name)).toBeLessThanOrEqual(mostHits);
}

async function cutAfter(answer: Parameters<Fault>[0], words: number): Promise<void> {
  await answer.head();
  await answer.words(0, words);
  answer.cut();
}

/** Primaries that were told to be healthy again. */
const healed = new Set<string>();

/** The first request and at most two repetitions. */
const MOST_HITS = 3;
/** Long enough for any machine, short enough to wait for. */
const SHORT = { firstByteSeconds: 0.5 };

export const WALL: Readonly<Record<string, WallFault>> = {
  '429-retry-after-once': {
    fault: (answer, turn) =>
      turn === 0
        ? answer.refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' })
        : answer.healthy(),
    async check(stage) {
      await checkItself(stage, 2);
      const [first, second] = stage.provider.to(stage.name);
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
    },
  },
  '429-for-good': {
    fault: (answer) => answer.refuse(429, 'rate_limit_error', 'slow down'),
    check: (stage) => checkElsewhere(stage, MOST_HITS),
  },
  '500-once': {
    fault: (answer, turn) => (turn === 0 ? answer.refuse(500) : answer.healthy()),
    check: (stage) => checkItself(stage, 2),
  },
  '503-for-good': {
    fault: (answer) => answer.refuse(503, 'overloaded_error', 'busy'),
    check: (stage) => checkElsewhere(stage, MOST_HITS),
  },
  'reset-once': {
    fault: (answer, turn) => (turn === 0 ? answer.reset() : answer.healthy()),
    check: (stage) => checkItself(stage, 2),
  },
  'no-response': {
    fault: () => undefined,
    destination: SHORT,
    check: (stage) => checkElsewhere(stage, 1),
  },
  'slow-first-token': {
    async fault(answer) {
      await answer.head();
      await new Promise((resolve) => setTimeout(resolve, 600));
      await answer.words(0, USAGE.completion);
      await answer.end();
    },
    check: (stage) => checkItself(stage, 1),
  },
  'cut-after-40': {
    fault: (answer) => cutAfter(answer, 40),
    check: (stage) => checkBroken(stage, 40, 'upstream_failed'),
  },
  'stall-once': {
    async fault(answer, turn) {
      if (turn > 0) return answer.healthy();
      await answer.head();
      await answer.words(0, 20);
    },
    destination: { betweenBytesSeconds: 1 },
    async check(stage) {
      await checkBroken(stage, 20, 'upstream_timeout');
      expectWhole(stage, await ask(stage));
    },
  },
  'malformed-chunk': {
    async fault(answer) {
      await answer.head();
      await answer.words(0, 20);
      await answer.write('data: {"choices":[{"delta":{"content":"x\n\n');
      await answer.words(20, USAGE.completion);
      await answer.end();
    },
    check: (stage) => checkBroken(stage, 20, 'upstream_failed'),
  },
  'no-done': {
    async fault(answer) {
      await answer.head();
      await answer.words(0, USAGE.completion);
      await answer.write(answer.wire.finish + answer.wire.usage);
    },
    destination: { endSeconds: 0.2 },
    check: (stage) => checkItself(stage, 1),
  },
  'context-length': {
    fault: (answer) =>
      answer.refuse(400, 'context_length_exceeded', 'prompt is too long: 9 tokens'),
    fallback: ['fallback', 'larger'],
    async check(stage) {
      await checkElsewhere(stage, 1, 'larger');
    },
  },
  'content-filter': {
    fault: (answer) => answer.refuse(400, 'content_filter', 'category violence, severity high'),
    async check(stage) {
      const seen = await ask(stage);
      expect(seen).toMatchObject({ status: 400, text: '', error: { code: 'content_filter' } });
      expect(seen.error?.message).toContain('category violence, severity high');
      expect(stage.provider.hits(stage.name)).toBe(1);
      expect((await stage.farm.receipt(seen.receipt)).attempts).toHaveLength(1);
    },
  },
  'cut-and-no-prefill': {
    fault: (answer, turn) => (turn === 0 ? cutAfter(answer, 40) : answer.reset()),
    fallback: ['picky'],
    async check(stage) {
      const seen = await ask(stage);
      if (stage.mode === 'whole') return expectWhole(stage, seen, 'picky');
      // The true fault, not what a stand-in might say of half an answer.
      expectBroken(seen, 40, 'upstream_failed');
      expect(seen.error?.message).not.toContain('assistant prefill');
      // Before the first word the whole answer comes from the stand-in.
      expectWhole(stage, await ask(stage), 'picky');
    },
  },
  'down-then-healthy': {
    fault: (answer, _turn, { model, provider }) =>
      healed.has(`${provider} ${model}`) ? answer.healthy() : answer.refuse(503),
    destination: {
      breaker: { failures: 3, seconds: 0.2, longestSeconds: 0.4 },
      retry: { most: 0 },
    },
    check: checkReturn,
  },
  '503-and-fallback': {
    fault: (answer) => answer.refuse(503, 'overloaded_error', 'busy'),
    destination: { retry: { most: 0 } },
    async check(stage) {
      const seen = await ask(stage);
      expectWhole(stage, seen, 'fallback');
      const { attempts, cost, usage } = await stage.farm.receipt(seen.receipt);
      expect(attempts).toMatchObject([
        { spoke: stage.name, outcome: 'failed', fault: 'overloaded' },
        { spoke: 'fallback', outcome: 'released', cause: 'fallback' },
      ]);
      expect(attempts[0]?.usage).toMatchObject({ promptTokens: 0, completionTokens: 0 });
      expect(usage).toMatchObject({
        promptTokens: USAGE.prompt,
        completionTokens: USAGE.completion,
      });
      // 2 dollars per million read, 4 per million written at the fallback alone.
      expect(cost.total).toBeCloseTo((USAGE.prompt * 2 + USAGE.completion * 4) / 1e6, 9);
    },
  },
};

/** Twenty requests: all are served; few meet the dead primary, a probe finds it healthy again. */
async function checkReturn(stage: Stage): Promise<void> {
  let served = 0;
  for (; served < 10; served += 1) expectWhole(stage, await ask(stage), 'fallback');
  // Three failures open the circuit; the pauses let fewer than one probe per request through.
  const meanwhile = stage.provider.hits(stage.name);
  expect(meanwhile).toBeGreaterThanOrEqual(3);
  healed.add(`${stage.provider.url} ${stage.name}`);
  for (; served < 20; served += 1) {
    const seen = await ask(stage);
    expectWhole(stage, seen, seen.spoke);
    if (seen.spoke === stage.name) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (; served < 20; served += 1) expectWhole(stage, await ask(stage));
}
