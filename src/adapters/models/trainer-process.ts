import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CadreError } from '../../core/errors.ts';
import {
  ADAPTER_FILE,
  RESULT_FILE,
  type Trainer,
  type TrainerOptions,
  type TrainerOrder,
  type TrainerResult,
} from '../../core/trainer.ts';
import { sendSignal } from '../process-group.ts';
import { endLeftover, noteTrainer } from './trainer-leftover.ts';
import { TrainerLines } from './trainer-lines.ts';
import { readTrainerResult } from './trainer-result.ts';

export interface TrainerCommand {
  readonly id: string;
  /** Program and arguments; `{order}`, `{folder}`, `{base}` in them stand for paths. */
  readonly words: readonly string[];
  /** Of which it sees what finds programs and devices. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds without a line of the contract until it counts as stuck. */
  readonly silenceMs: number;
  /** Between the polite and the hard end. */
  readonly graceMs: number;
}

/** Beyond its own limit of minutes: to read the base and write the adapter. */
const BESIDE_MS = 900_000;
/** Until what it printed last is read. */
const DRAIN_MS = 2000;
/** What finds programs and devices; keys and proxies of the farm are none of a trainer's business. */
const PASSED = ['PATH', 'LANG', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'SystemRoot'];

/** A trainer that is a program of this machine, watched from its start to its end. */
export function createTrainerProcess(command: TrainerCommand): Trainer {
  return {
    id: command.id,
    doTrain: (order, options) => train(command, order, options),
  };
}

async function train(
  command: TrainerCommand,
  order: TrainerOrder,
  { signal, onLine }: TrainerOptions,
): Promise<TrainerResult> {
  signal.throwIfAborted();
  await mkdir(order.folder, { recursive: true, mode: 0o700 });
  await endLeftover(order.folder, command.graceMs);
  for (const name of [RESULT_FILE, ADAPTER_FILE])
    await rm(join(order.folder, name), { force: true, recursive: true });
  const path = join(order.folder, 'order.json');
  await writeFile(path, JSON.stringify(order, null, 1), { mode: 0o600 });
  signal.throwIfAborted();
  const [program = '', ...rest] = wordsOf(command, order, path);
  const child = spawn(program, rest, {
    cwd: order.folder,
    env: environmentOf(command, order),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it starts ends with it.
    detached: process.platform !== 'win32',
  });
  yieldTo(child.pid);
  const [{ end, lastWords }] = await Promise.all([
    new TrainerWatch(command, order, child).run(signal, onLine),
    noteTrainer(order.folder, child.pid),
  ]);
  signal.throwIfAborted();
  if (end !== undefined)
    throw new CadreError(
      'trainer_failed',
      `the trainer ${command.id} ${end}${lastWords === undefined ? '' : `: ${lastWords}`}`,
    );
  return readTrainerResult(command.id, order);
}

/** Requests go first; where the system does not let it, both share the cores. */
function yieldTo(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It ended at once, which is told elsewhere.
  }
}

function wordsOf({ words }: TrainerCommand, order: TrainerOrder, path: string): string[] {
  const places = { order: path, folder: order.folder, base: order.base.path };
  const filled = words.map((word) =>
    word.replace(/\{(order|folder|base)\}/g, (_, name: keyof typeof places) => places[name]),
  );
  return words.some((word) => word.includes('{order}')) ? filled : [...filled, path];
}

function environmentOf(
  { environment }: TrainerCommand,
  { folder, limits }: TrainerOrder,
): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    HOME: folder,
    TMPDIR: folder,
    // Libraries of linear algebra start a thread per core unless they are told otherwise.
    OMP_NUM_THREADS: String(limits.threads),
  };
}

/** One run of the program, until nothing of it is left. */
class TrainerWatch {
  readonly #command: TrainerCommand;
  readonly #order: TrainerOrder;
  readonly #child: ChildProcess;
  #fault: string | undefined;

  constructor(command: TrainerCommand, order: TrainerOrder, child: ChildProcess) {
    this.#command = command;
    this.#order = order;
    this.#child = child;
  }

  /** `end`: how it went wrong, in words; undefined where it said that it is done. */
  async run(signal: AbortSignal, onLine: TrainerOptions['onLine']) {
    const child = this.#child;
    const { silenceMs } = this.#command;
    const silence = setTimeout(
      () => this.#stop(`said nothing for ${seconds(silenceMs)} and was stopped`),
      silenceMs,
    );
    const lines = new TrainerLines(
      (line) => {
        silence.refresh();
        onLine?.(line);
      },
      () => this.#stop('printed without end and was stopped'),
    );
    if (child.stdout !== null) lines.readOutput(child.stdout);
    if (child.stderr !== null) lines.readComplaints(child.stderr);
    // It need not read its stdin, which only ends when the farm does.
    child.stdin?.on('error', () => undefined);
    const mostMs = this.#order.limits.minutes * 60_000 + BESIDE_MS;
    const deadline = setTimeout(
      () => this.#stop(`took longer than ${seconds(mostMs)} and was stopped`),
      mostMs,
    );
    const cancel = () => this.#stop('was stopped');
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const end = await this.#ended();
      return { end: this.#fault ?? end, lastWords: lines.lastWords };
    } finally {
      clearTimeout(silence);
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
    }
  }

  async #ended(): Promise<string | undefined> {
    const child = this.#child;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const end = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve(
          error.code === 'ENOENT'
            ? `cannot be started: there is no program ${this.#command.words[0]}`
            : `cannot be started: ${error.message}`,
        ),
      );
      child.once('exit', (code, name) => {
        if (code === 0) resolve(undefined);
        else resolve(name === null ? `ended with ${code}` : `was killed (${name})`);
      });
    });
    // What it started ends with it, and with that its output; what left the group is not waited for.
    if (child.pid !== undefined) sendSignal(child.pid, 'SIGKILL');
    const waited = new AbortController();
    await Promise.race([
      closed,
      sleep(DRAIN_MS, undefined, { signal: waited.signal }).catch(() => undefined),
    ]);
    waited.abort();
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    return end;
  }

  #stop(fault: string): void {
    const { pid } = this.#child;
    if (this.#fault !== undefined || pid === undefined) return;
    this.#fault = fault;
    sendSignal(pid, 'SIGTERM');
    const hard = setTimeout(() => sendSignal(pid, 'SIGKILL'), this.#command.graceMs);
    this.#child.once('exit', () => clearTimeout(hard));
  }
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`;
}
