import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { CadreError } from '../../core/errors.ts';
import { sendSignal } from '../process-group.ts';
import { lastReason } from './client-output.ts';

/** One start of a registry's ordinary client. */
export interface PackageCommand {
  readonly program: 'npm' | 'python3' | 'mvn';
  readonly args: readonly string[];
  /** Working folder, made when missing. */
  readonly folder: string;
  /** Added to the environment of the client. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the permit is asked for, e.g. `registry:pypi`. */
  readonly destination: string;
  /** Milliseconds until it is ended. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Gets what it prints, line by line. */
  readonly onLine?: (line: string) => void;
}

/** What to install when a program is not there. */
const INSTALL: Readonly<Record<PackageCommand['program'], string>> = {
  npm: 'install Node.js with npm',
  python3: 'install Python 3 with pip',
  mvn: 'install Apache Maven',
};

/** Enough for the line that says what went wrong; clients can print without end. */
const OUTPUT_KEPT = 16_384;
/** Between the polite and the hard end of a client. */
const GRACE_MS = 2000;

/**
 * Runs package clients, so that a company's mirrors, proxies and credentials hold as they are
 * configured for them. Starting one is opening a connection, so it needs leave like any other.
 */
export class PackageClient {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #refuse: (destination: string) => string | undefined;

  /**
   * `environment`: what the clients see (their own settings live there); the composition root
   * leaves out what is none of their business. `refuse`: why a destination may not be reached now
   * (offline, policy), undefined = it may.
   */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    refuse: (destination: string) => string | undefined,
  ) {
    this.#environment = environment;
    this.#refuse = refuse;
  }

  /**
   * Resolves when the client ended well. Rejects with `egress_refused` without leave, with
   * `source_failed` when it is missing, fails or takes too long, with `disk_full` when the disk is,
   * and with the signal's reason on an abort; the client and its children are ended then.
   */
  async doRun(command: PackageCommand): Promise<void> {
    const { program, destination, signal } = command;
    signal.throwIfAborted();
    const refusal = this.#refuse(destination);
    if (refusal !== undefined) throw new CadreError('egress_refused', `${destination}: ${refusal}`);
    await mkdir(command.folder, { recursive: true });
    const child = spawn(program, command.args, {
      cwd: command.folder,
      env: { ...this.#environment, ...command.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: mvn and pyenv are scripts whose children must end with them.
      detached: process.platform !== 'win32',
    });
    if (command.onLine !== undefined && child.stdout !== null)
      createInterface(child.stdout).on('line', command.onLine);
    const output = collect(child);
    const end = await ended(child, command);
    signal.throwIfAborted();
    if (end === 0) return;
    throw failure(program, end, output(), command.deadlineMs);
  }
}

type End = number | 'missing' | 'late' | 'not started';

function ended(child: ChildProcess, { deadlineMs, signal }: PackageCommand): Promise<End> {
  return new Promise((resolve) => {
    let isLate = false;
    const stop = () => endGroup(child);
    const timer = setTimeout(() => {
      isLate = true;
      stop();
    }, deadlineMs);
    signal.addEventListener('abort', stop, { once: true });
    const settle = (end: End) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(end);
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ENOENT' ? 'missing' : 'not started'),
    );
    child.once('close', (code) => settle(isLate ? 'late' : (code ?? 1)));
  });
}

function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  sendSignal(pid, 'SIGTERM');
  const hard = setTimeout(() => sendSignal(pid, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(hard));
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (piece: string) => {
      text = (text + piece).slice(-OUTPUT_KEPT);
    });
  }
  return () => text;
}

function failure(
  program: PackageCommand['program'],
  end: Exclude<End, 0>,
  output: string,
  deadlineMs: number,
): CadreError {
  if (end === 'missing' || /No module named pip\b/.test(output))
    return new CadreError(
      'source_failed',
      `${program === 'python3' && end !== 'missing' ? 'pip' : program} is not installed; ${INSTALL[program]}`,
    );
  if (/No space left on device|ENOSPC|Disk quota exceeded/.test(output))
    return new CadreError('disk_full', `${program} found no space left`);
  if (end === 'late')
    return new CadreError('source_failed', `${program} took longer than ${deadlineMs / 1000} s`);
  return new CadreError('source_failed', `${program} failed: ${lastReason(output)}`);
}
