import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { createLlamaLoader } from '../../src/adapters/models/llama-process.ts';
import { busyHolder, withThreads } from '../../src/compose/threads.ts';
import type { ModelEvent, ModelLease } from '../../src/core/ports.ts';
import { ModelResidency } from '../../src/fleet/residency.ts';
import type { ThreadHold } from '../../src/fleet/thread-lease.ts';
import { threadLease } from '../fixtures/thread-lease.ts';
import {
  ask,
  ENTRY,
  estimateNothing,
  NEVER,
  randomModel,
  request,
} from '../workers/llama-harness.ts';

const file = randomModel();
const threads = threadLease();
/** Two threads on a busy core wait for each other at each step. */
const SHORT = { maxTokens: 3 };
const residency = new ModelResidency(
  {
    loader: createLlamaLoader({
      threads: threads.threads,
      onLoaded: (id, useThreads) => threads.follow(id, useThreads),
      slots: 1,
      contextTokens: 2048,
      batchTokens: 64,
      stallSeconds: 60,
      locate: () => ({ path: file.path }),
      estimate: estimateNothing,
    }),
    clock: { now: Date.now, elapsed: () => performance.now() },
    wait: async (ms, { signal }) => void (await sleep(ms, undefined, { signal })),
    freeMemory: () => 1e12,
    requireInstalled: () => ENTRY,
  },
  { memoryBudget: 1e12, slots: 1, queueLength: 8, patienceMs: 1000, contextTokens: 2048 },
);
const acquire = withThreads(threads, residency.acquire.bind(residency));
afterAll(async () => {
  await residency.close();
  file.remove();
});

it('lends a model all threads, and fewer from the next step on when another one begins', async () => {
  const lease = await acquire('random', { signal: NEVER });
  expect((await ask(lease.model, request('Alone', SHORT))).ended.threads).toBe(2);
  const setBusy = busyHolder(threads, 'embedder');
  setBusy(true);
  expect((await ask(lease.model, request('Not alone', SHORT))).ended.threads).toBe(1);
  setBusy(false);
  expect((await ask(lease.model, request('Alone again', SHORT))).ended.threads).toBe(2);
  lease.release();
  expect(threads.holders()).toEqual([]);
});

it('changes the threads of an answer that is being written', async () => {
  const lease = await acquire('random', { signal: NEVER });
  const events: ModelEvent[] = [];
  const other = { holder: 'other', priority: 'interactive', most: 2 } as const;
  let hold: ThreadHold | undefined;
  try {
    for await (const event of lease.model.doChat(request('Go on', { maxTokens: 1000 }), {
      signal: NEVER,
    })) {
      events.push(event);
      // After so many that they show in the mean of all.
      if (events.length === 100) hold = threads.take(other);
    }
  } finally {
    hold?.release();
    lease.release();
  }
  const last = events.at(-1);
  const mean = last?.type === 'ended' ? (last.threads ?? 0) : 0;
  expect(mean).toBeGreaterThan(1);
  expect(mean).toBeLessThan(2);
});

it.runIf(process.platform === 'linux')(
  'has the threads back of a model that was killed',
  async () => {
    const lease = await acquire('random', { signal: NEVER });
    expect(threads.holders().map(({ holder }) => holder)).toContain('random');
    const answer = answerOf(lease);
    for (const pid of execFileSync('pgrep', ['-P', String(process.pid), '-f', 'workers/llama'])
      .toString()
      .split(/\s+/)
      .filter(Boolean))
      process.kill(Number(pid), 'SIGKILL');
    await expect(answer).rejects.toMatchObject({ code: 'worker_crashed' });
    expect(threads.holders().map(({ holder }) => holder)).not.toContain('random');
  },
);

/** Asks and gives the model back, as the pipeline does. */
async function answerOf(lease: ModelLease): Promise<void> {
  try {
    await ask(lease.model, request('Die', { maxTokens: 1900 }));
  } finally {
    lease.release();
  }
}
