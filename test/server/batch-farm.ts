import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { QueueParts } from '../../src/batch/parts.ts';
import { type BatchQueue, createBatchQueue } from '../../src/batch/queue.ts';
import type { Caller } from '../../src/core/call.ts';
import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import type { Farm } from '../../src/core/farm.ts';
import { type Answer, type RunningServer, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm, type ScriptedFarm } from './scripted-farm.ts';
import { uploaded } from './upload.ts';

/** One line of a batch's input for the chat endpoint. */
export function chatLine(customId: string, content: string, more: JsonObject = {}): string {
  const body = { model: 'small', messages: [{ role: 'user', content }], ...more };
  return JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body });
}

export interface ResultLine {
  readonly id: string;
  readonly custom_id: string | null;
  readonly response: { status_code: number; request_id: string; body: JsonObject } | null;
  readonly error: { code: string; message: string } | null;
}

/** A scripted farm whose batches are run by the real queue over a real store. */
export class BatchFarm {
  readonly farm: ScriptedFarm;
  readonly running: RunningServer;
  readonly #parts: QueueParts;
  #queue: BatchQueue | undefined;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(farm: ScriptedFarm, running: RunningServer, parts: Partial<QueueParts>) {
    this.farm = farm;
    this.running = running;
    this.#parts = {
      objects: farm.objects,
      callerOf: async (key) => [...farm.keys.values()].find((one) => one.key === key) ?? LOOPBACK,
      clock: { now: () => Date.now(), elapsed: () => performance.now() },
      sleep: rest,
      nextTurn: () => nextTurn(),
      holder: 'one',
      isAlone: true,
      concurrent: 1,
      quietMs: 0,
      requestMs: 60_000,
      lineBytes: 100_000,
      log: (line) => running.lines.push({ line }),
      ...parts,
    };
  }

  /** `config` is cadre.yaml's; `isRunning` false leaves the queue still. */
  static async start(
    options: {
      readonly parts?: Partial<QueueParts>;
      readonly config?: object;
      readonly isRunning?: boolean;
      /** Waits between tries take no time. */
      readonly hurries?: boolean;
    } = {},
  ): Promise<BatchFarm> {
    let made: BatchFarm | undefined;
    const batches: Farm['batches'] = {
      wake: () => made?.queue.wake(),
      cancel: async (id) => made?.queue.cancel(id),
    };
    const farm = createScriptedFarm(options.config ?? {}, { batches });
    const hurry = {
      sleep: (ms: number, signal: AbortSignal) => rest(ms < 40_000 ? 0 : ms, signal),
    };
    const parts = { ...(options.hurries ? hurry : {}), ...options.parts };
    made = new BatchFarm(farm, await startServer(farm), parts);
    if (options.isRunning !== false) made.resume();
    onTestFinished(() => made?.halt());
    return made;
  }

  get queue(): BatchQueue {
    this.#queue ??= createBatchQueue(this.#parts);
    return this.#queue;
  }

  get port(): number {
    return this.running.port;
  }

  /** A new process, as it were: nothing is left of the old one but the store. */
  resume(): void {
    this.#queue = createBatchQueue(this.#parts);
    this.#stop = new AbortController();
    this.#running = this.#queue.run(this.running.server.batchWire, this.#stop.signal);
  }

  async halt(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async make(
    lines: readonly string[],
    more: JsonObject = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { authorization } = headers;
    const auth = authorization === undefined ? {} : { authorization };
    const file = await uploaded(this.port, `${lines.join('\n')}\n`, 'batch', auth);
    return this.create({ input_file_id: file, ...more }, headers);
  }

  create(body: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const whole = { endpoint: '/v1/chat/completions', completion_window: '24h', ...body };
    return send(this.port, { path: '/v1/batches', body: JSON.stringify(whole), headers });
  }

  async get(path: string): Promise<JsonObject> {
    return JSON.parse((await send(this.port, { path })).text);
  }

  /** Waits until the batch is in one of the states. */
  async until(id: JsonValue | undefined, ...states: readonly string[]): Promise<JsonObject> {
    let batch: JsonObject = {};
    await expect
      .poll(
        async () => {
          batch = await this.get(`/v1/batches/${id}`);
          return states.includes(String(batch['status']));
        },
        { timeout: 20_000, interval: 20 },
      )
      .toBe(true);
    return batch;
  }

  /** The lines of a result file; none where there is no file. */
  async lines(file: JsonValue | undefined): Promise<ResultLine[]> {
    if (typeof file !== 'string') return [];
    const { text } = await send(this.port, { path: `/v1/files/${file}/content` });
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ResultLine);
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}

const LOOPBACK: Caller = { ...CALLER, key: 'loopback', principals: ['public', 'operator'] };
