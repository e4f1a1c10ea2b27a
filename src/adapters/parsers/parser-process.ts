import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CadreError } from '../../core/errors.ts';
import type { ParsedDocument, Parser } from '../../core/ports.ts';
import { isPaged } from './formats.ts';
import type { ParseReply, ParseRequest, ParseStep } from './parse-protocol.ts';
import { ReadingTime } from './reading-time.ts';

export interface ParserOptions {
  /** Documents that are read side by side; 2 when absent. */
  readonly children?: number;
  /** A document, or each page of it whose text is recognised, may take so long; 20 when absent. */
  readonly seconds?: number;
  /** Heap of a child; 512 when absent. Its whole resident memory may be twice that. */
  readonly megabytes?: number;
  /** Documents that may wait; 256 when absent. */
  readonly queueLength?: number;
  /** Entry point of the child; the parse worker when absent. */
  readonly workerFile?: string;
}

const WORKER_FILE = fileURLToPath(new URL('../../workers/parse.ts', import.meta.url));
const MEMORY_CHECK_MS = 250;
const IDLE_MS = 30_000;
const PAGE_BYTES = 4096;
/** A fresh process costs 150 ms; one that has read so many documents has earned its end. */
const DOCUMENTS_PER_CHILD = 500;

interface Child {
  readonly process: ChildProcess;
  documents: number;
  idleTimer: NodeJS.Timeout | undefined;
}

/**
 * Reads documents in child processes: a limited heap, no right to write, one document at a time, a
 * fresh process after every PDF and every failure. Rejects with `document_unreadable` (the message
 * is the reason, `param` the file), `overloaded`, `shutting_down`, or the signal's reason.
 */
export function createParser(options: ParserOptions = {}): Parser & { doClose(): Promise<void> } {
  const pool = new ChildPool(options);
  return {
    doParse: (file, { signal }) => pool.parse(file, signal),
    doClose: () => pool.close(),
  };
}

class ChildPool {
  readonly #options: Required<ParserOptions>;
  readonly #idle: Child[] = [];
  readonly #all = new Set<Child>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #calls = 0;
  #closed = false;

  constructor(options: ParserOptions) {
    this.#options = {
      children: options.children ?? 2,
      seconds: options.seconds ?? 20,
      megabytes: options.megabytes ?? 512,
      queueLength: options.queueLength ?? 256,
      workerFile: options.workerFile ?? WORKER_FILE,
    };
  }

  async parse(file: string, signal: AbortSignal): Promise<ParsedDocument> {
    await this.#enter(signal);
    try {
      signal.throwIfAborted();
      if (this.#closed) throw new CadreError('shutting_down', 'the parser is closed');
      const child = this.#idle.pop() ?? this.#start();
      clearTimeout(child.idleTimer);
      const reply = await this.#ask(child, file, signal);
      return documentOf(reply, file);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((child) => this.#end(child)));
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.length >= this.#options.queueLength)
      throw new CadreError('overloaded', `${this.#waiting.length} documents wait to be read`);
    while (this.#running >= this.#options.children) {
      await new Promise<void>((resolve, reject) => {
        const turn = () => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        const leave = () => {
          this.#waiting.splice(this.#waiting.indexOf(turn), 1);
          reject(signal.reason);
        };
        this.#waiting.push(turn);
        signal.addEventListener('abort', leave, { once: true });
      });
    }
    this.#running += 1;
  }

  #start(): Child {
    const process = fork(this.#options.workerFile, [], {
      execArgv: [
        `--max-old-space-size=${this.#options.megabytes}`,
        '--permission',
        '--allow-fs-read=*',
        '--disable-warning=ExperimentalWarning',
      ],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const child: Child = { process, documents: 0, idleTimer: undefined };
    this.#all.add(child);
    process.once('exit', () => {
      this.#all.delete(child);
      const index = this.#idle.indexOf(child);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    return child;
  }

  /** One document by one child; the child survives only a document that it read in good order. */
  async #ask(child: Child, file: string, signal: AbortSignal): Promise<ParseReply> {
    this.#calls += 1;
    child.documents += 1;
    try {
      const reply = await converse(
        child.process,
        { call: this.#calls, file, seconds: this.#options.seconds },
        signal,
        this.#options,
      );
      const isSpent = child.documents >= DOCUMENTS_PER_CHILD || isPaged(file);
      if (isSpent || this.#closed) await this.#end(child);
      else this.#rest(child);
      return reply;
    } catch (thrown) {
      await this.#end(child);
      throw thrown;
    }
  }

  #rest(child: Child): void {
    this.#idle.push(child);
    child.idleTimer = setTimeout(() => this.#end(child), IDLE_MS);
    child.idleTimer.unref();
    child.process.unref();
    child.process.channel?.unref();
  }

  async #end(child: Child): Promise<void> {
    clearTimeout(child.idleTimer);
    const { process } = child;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.ref();
    process.kill('SIGKILL');
    await ended;
  }
}

function converse(
  child: ChildProcess,
  request: ParseRequest,
  signal: AbortSignal,
  limits: { readonly seconds: number; readonly megabytes: number },
): Promise<ParseReply> {
  child.ref();
  child.channel?.ref();
  return new Promise<ParseReply>((resolve, reject) => {
    const unreadable = (reason: string) => settle(() => reject(problem(reason, request.file)));
    let steps = 0;
    const onMessage = (reply: ParseReply | ParseStep) => {
      if (reply.call !== request.call) return;
      if (!('step' in reply)) settle(() => resolve(reply));
      else if (++steps <= ReadingTime.mostSteps) timer.refresh();
    };
    const onExit = () => unreadable('reading it took more memory than a document may, or failed');
    const onError = (error: Error) => unreadable(`reading it failed (${error.message})`);
    const onAbort = () => settle(() => reject(signal.reason));
    const timer = setTimeout(
      () => unreadable(`reading it took longer than ${limits.seconds} s`),
      limits.seconds * 1000,
    );
    const watch = setInterval(async () => {
      if ((await residentBytes(child.pid)) > limits.megabytes * 2e6)
        unreadable(`reading it took more than ${limits.megabytes * 2} MB of memory`);
    }, MEMORY_CHECK_MS);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      clearInterval(watch);
      signal.removeEventListener('abort', onAbort);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      finish();
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    child.send(request, (error) => error !== null && onError(error));
  });
}

/** Linux only; elsewhere the heap limit stands alone. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES;
}

/** Cuts the blocks; a reply whose offsets do not fit its text is not believed. */
function documentOf(reply: ParseReply, file: string): ParsedDocument {
  if ('problem' in reply) throw problem(reply.problem, file);
  const { text, pages, flags } = reply;
  const fits = (place: Place, outer: Place) =>
    place.start >= outer.start && place.end <= outer.end && place.start < place.end;
  const whole = { start: 0, end: text.length };
  const isHonest =
    reply.blocks.every(
      (block) => fits(block, whole) && (block.cells ?? []).every((cell) => fits(cell, block)),
    ) && (pages ?? []).every((page) => page.lines.every((line) => fits(line, whole)));
  if (!isHonest) throw problem('its parser gave places outside the text', file);
  const blocks = reply.blocks.map((place) => ({
    ...place,
    text: text.slice(place.start, place.end),
  }));
  return {
    text,
    blocks,
    ...(pages === undefined ? {} : { pages }),
    ...(flags === undefined ? {} : { flags }),
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function problem(reason: string, file: string): CadreError {
  return new CadreError('document_unreadable', reason, { param: file });
}
