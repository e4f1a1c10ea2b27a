import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AdapterFile } from '../../core/adapter.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelEvent, ModelRequest } from '../../core/ports.ts';
import { EventBuffer } from './llama-buffer.ts';
import type { LlamaCommand, LlamaReport } from './llama-messages.ts';
import { Pace, type Phase } from './llama-pace.ts';

type Ready = Extract<LlamaReport, { type: 'ready' }>;

interface Loading {
  readonly resolve: (ready: Ready) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: (progress: number) => void;
}

/** Loading may read a gigabyte from a cold disk without a word. */
const LOAD_SECONDS = 180;
/** A process that was asked to end and has not is killed. */
const STOP_SECONDS = 5;
/** Last words of the engine that are kept for the error message. */
const MOST_WORDS = 2000;

/** The parent's side of one model process. */
export class LlamaChild {
  readonly #id: string;
  readonly #stallSeconds: number;
  readonly #onExit: (reason: string) => void;
  readonly #onMemory: () => void;
  readonly #child: ChildProcess;
  readonly #streams = new Map<number, EventBuffer>();
  readonly #counts = new Map<number, PromiseWithResolvers<number>>();
  #loading: Loading | undefined;
  readonly #gone = Promise.withResolvers<void>();
  #fault: CadreError | undefined;
  #isStopping = false;
  #lastWords = '';
  #nextId = 1;
  #tokenCount = 0;
  #movedAt = performance.now();
  readonly #pace = new Pace();
  #batchTokens = 1;
  #isLoaded = false;
  #memoryBytes = 0;
  #adapterCount = 0;

  constructor(
    id: string,
    stallSeconds: number,
    onExit: (reason: string) => void,
    onMemory: () => void = () => undefined,
  ) {
    this.#id = id;
    this.#stallSeconds = stallSeconds;
    this.#onExit = onExit;
    this.#onMemory = onMemory;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = new URL(`../../workers/llama.${extension}`, import.meta.url);
    this.#child = fork(fileURLToPath(entry), [], {
      execPath: process.execPath,
      execArgv: [],
      serialization: 'advanced',
      // Keys and proxies of the parent are none of a model's business.
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-MOST_WORDS);
    });
    this.#child.on('message', (report: LlamaReport) => this.#onReport(report));
    this.#child.once('error', (error) => this.#onGone(`could not start: ${error.message}`));
    this.#child.once('exit', (code, signal) =>
      this.#onGone(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
    const watch = setInterval(() => this.#watch(), 1000);
    watch.unref();
    this.#gone.promise.then(() => clearInterval(watch));
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects with `model_damaged`, `out_of_memory`, `worker_crashed` or the signal's reason. */
  async doLoad(
    command: Extract<LlamaCommand, { type: 'load' }>,
    onProgress: (progress: number) => void,
    signal: AbortSignal,
  ): Promise<Ready> {
    const kill = () => this.#kill(new CadreError('cancelled', `loading ${this.#id} was cancelled`));
    signal.addEventListener('abort', kill, { once: true });
    this.#batchTokens = command.batchTokens;
    try {
      signal.throwIfAborted();
      const ready = await new Promise<Ready>((resolve, reject) => {
        this.#loading = { resolve, reject, onProgress };
        this.#send(command);
      });
      this.#isLoaded = true;
      this.#memoryBytes = ready.memoryBytes;
      return ready;
    } catch (error) {
      this.#isStopping = true;
      this.#child.kill('SIGKILL');
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#loading = undefined;
      signal.removeEventListener('abort', kill);
    }
  }

  /** Measured when adapters last came or left; 0 before it is loaded. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Adapters in memory, of the same moment. */
  get adapterCount(): number {
    return this.#adapterCount;
  }

  async *doChat(
    request: ModelRequest,
    signal: AbortSignal,
    adapter?: AdapterFile,
  ): AsyncGenerator<ModelEvent> {
    signal.throwIfAborted();
    this.#throwIfGone();
    const id = this.#takeId();
    const buffer = new EventBuffer((type) => {
      // While it is paused nothing moves; what comes then is no long step, and the model is not stuck.
      if (type === 'resume') this.#movedAt = performance.now();
      this.#send({ type, id });
    });
    const onAbort = () => buffer.fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#streams.set(id, buffer);
    this.#send({ type: 'chat', id, request, ...(adapter === undefined ? {} : { adapter }) });
    try {
      yield* buffer.read();
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#streams.delete(id);
      // A caller that stops reading early means it, too.
      if (!buffer.isOver) this.#send({ type: 'cancel', id });
    }
  }

  /** Tokens of the prompt; what the template refuses is refused here, too. */
  async doCount(request: ModelRequest, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    this.#throwIfGone();
    const id = this.#takeId();
    const counted = Promise.withResolvers<number>();
    this.#counts.set(id, counted);
    const onAbort = () => counted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#send({ type: 'count', id, request });
    try {
      return await counted.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#counts.delete(id);
    }
  }

  /** From its next step on; at most as many as it was loaded with. */
  useThreads(count: number): void {
    this.#send({ type: 'threads', count });
  }

  /** Ends the process and waits until it is gone. Running requests reject. */
  async doStop(): Promise<void> {
    this.#isStopping = true;
    this.#send({ type: 'unload' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_SECONDS * 1000);
    await this.#gone.promise;
    clearTimeout(timer);
  }

  #takeId(): number {
    this.#nextId += 1;
    // A request after a quiet hour must not look stalled.
    if (this.#streams.size + this.#counts.size === 0) this.#movedAt = performance.now();
    return this.#nextId;
  }

  #onReport(report: LlamaReport): void {
    if (report.type === 'heartbeat') {
      if (report.tokenCount !== this.#tokenCount) this.#movedAt = performance.now();
      this.#tokenCount = report.tokenCount;
      return;
    }
    if (report.type === 'event') this.#note(report.event);
    this.#movedAt = performance.now();
    if (report.type === 'loading') this.#loading?.onProgress(report.progress);
    else if (report.type === 'ready') this.#loading?.resolve(report);
    else if (report.type === 'memory') {
      this.#memoryBytes = report.memoryBytes;
      this.#adapterCount = report.adapterCount;
      this.#onMemory();
    } else if (report.type === 'event') this.#streams.get(report.id)?.push(report.event);
    else if (report.type === 'counted') this.#counts.get(report.id)?.resolve(report.tokens);
    else {
      const param = report.param === undefined ? {} : { param: report.param };
      const error = new CadreError(report.code, report.message, param);
      if (report.id === null) this.#loading?.reject(error);
      else {
        this.#streams.get(report.id)?.fail(error, true);
        this.#counts.get(report.id)?.reject(error);
      }
    }
  }

  #phase(): Phase {
    return [...this.#streams.values()].some((stream) => !stream.hasBegun) ? 'reading' : 'writing';
  }

  #note(event: ModelEvent): void {
    if (event.type === 'prompt-read') {
      const read = event.promptTokens - event.cachedTokens;
      // Of a long prompt every step reads so many, and between two steps nothing is heard.
      if (read > 0) this.#pace.note('reading', (event.ms / read) * this.#batchTokens);
    } else if (this.#phase() === 'writing')
      this.#pace.note('writing', performance.now() - this.#movedAt);
  }

  #watch(): void {
    const silentMs = performance.now() - this.#movedAt;
    // A slow reader of an answer that is written already waits for nothing of the model.
    const isAsked = [...this.#streams.values()].some((one) => !(one.isPaused || one.isOver));
    const isWaited = this.#loading !== undefined || isAsked || this.#counts.size > 0;
    const phase = this.#phase();
    const allowed = this.#isLoaded
      ? this.#pace.patienceMs(phase, 1000 * this.#stallSeconds)
      : 1000 * Math.max(LOAD_SECONDS, this.#stallSeconds);
    if (!isWaited || silentMs < allowed) return;
    const usual = this.#isLoaded ? this.#pace.usualMs(phase) : undefined;
    const beside =
      usual === undefined
        ? ''
        : `, where ${phase} usually goes on every ${(usual / 1000).toFixed(2)} s`;
    this.#kill(
      new CadreError(
        this.#isLoaded ? 'model_stuck' : 'worker_crashed',
        `${this.#id} made no progress for ${Math.round(silentMs / 1000)} s${beside}`,
      ),
    );
  }

  #kill(fault: CadreError): void {
    this.#fault ??= fault;
    this.#child.kill('SIGKILL');
  }

  #onGone(how: string): void {
    const words = this.#lastWords.trim().split('\n').at(-1) ?? '';
    const reason = `the process of ${this.#id} ended: ${how}${words === '' ? '' : ` (${words})`}`;
    this.#fault ??= this.#isStopping
      ? new CadreError('model_unavailable', `${this.#id} was unloaded`)
      : new CadreError('worker_crashed', reason);
    this.#loading?.reject(this.#fault);
    for (const stream of this.#streams.values()) stream.fail(this.#fault, true);
    for (const counted of this.#counts.values()) counted.reject(this.#fault);
    this.#gone.resolve();
    if (this.#isLoaded && !this.#isStopping) this.#onExit(this.#fault.message);
  }

  #throwIfGone(): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#isStopping)
      throw new CadreError('model_unavailable', `${this.#id} is being unloaded`);
  }

  #send(command: LlamaCommand): void {
    // A closed channel is reported by `exit`; the error of this one message says nothing new.
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }
}
