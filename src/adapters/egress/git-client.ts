import { type ChildProcess, spawn } from 'node:child_process';
import { CadreError } from '../../core/errors.ts';
import { lastReason } from './client-output.ts';

/** Enough for the line that says what went wrong. */
const OUTPUT_KEPT = 16_384;
const GRACE_MS = 2000;
/** What a network of the user's needs; nothing else of the environment reaches git. */
const PASSED = ['PATH', 'https_proxy', 'http_proxy', 'no_proxy', 'HTTPS_PROXY', 'NO_PROXY'];
const PASSED_TRUST = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH'];

export interface GitCommand {
  readonly args: readonly string[];
  /** Repository that it works in. */
  readonly folder: string;
  /** Given where it may open a connection: the header of its leave, by `DocumentClient.leave`. */
  readonly network?: { readonly authorization?: string };
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs the ordinary git without the user's and the machine's settings: no hooks, no helpers, no
 * prompts, no protocol but the one that is wanted.
 */
export class GitClient {
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  /** What it prints, piece by piece. Rejects with `source_failed` where it is missing or fails. */
  async *read(command: GitCommand): AsyncGenerator<Uint8Array> {
    const { signal } = command;
    signal.throwIfAborted();
    const child = spawn('git', [...settingsOf(command), ...command.args], {
      cwd: command.folder,
      env: this.#environmentOf(command),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = ended(child, command);
    const complaints = collect(child);
    try {
      for await (const piece of child.stdout as AsyncIterable<Uint8Array>) yield piece;
      const reason = await end;
      signal.throwIfAborted();
      if (reason === undefined) return;
      throw new CadreError('source_failed', `git ${reason}${detail(complaints())}`);
    } finally {
      child.kill('SIGKILL');
    }
  }

  async text(command: GitCommand): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.read(command)) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  }

  #environmentOf({ network }: GitCommand): Record<string, string> {
    const passed = network === undefined ? ['PATH'] : [...PASSED, ...PASSED_TRUST];
    const header = network?.authorization;
    return {
      ...Object.fromEntries(
        passed.flatMap((name) => {
          const value = this.#environment[name];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_LAZY_FETCH: '1',
      // The environment, unlike the command line, is not shown to other users.
      ...(header === undefined
        ? {}
        : {
            GIT_CONFIG_COUNT: '1',
            GIT_CONFIG_KEY_0: 'http.extraHeader',
            GIT_CONFIG_VALUE_0: `Authorization: ${header}`,
          }),
    };
  }
}

/** Whatever a repository's own settings name is not started: it may be anyone's repository. */
const NO_PROGRAMS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.sshCommand=false',
  'core.askPass=false',
  'core.alternateRefsCommand=false',
  'core.pager=cat',
  'core.editor=false',
  'credential.helper=',
  'log.showSignature=false',
  'gpg.program=false',
  'gpg.openpgp.program=false',
  'gpg.x509.program=false',
  'gpg.ssh.program=false',
  'gpg.ssh.defaultKeyCommand=false',
  'diff.external=',
];

function settingsOf({ network }: GitCommand): string[] {
  const settings = [
    'protocol.allow=never',
    ...NO_PROGRAMS,
    // Whoever may name a repository may read it; its owner need not be this user.
    'safe.directory=*',
    ...(network === undefined
      ? []
      : [
          'protocol.http.allow=always',
          'protocol.https.allow=always',
          'http.followRedirects=false',
        ]),
  ];
  return ['--no-pager', '--no-replace-objects', ...settings.flatMap((one) => ['-c', one])];
}

/** Resolves to what went wrong; undefined = nothing. */
function ended(
  child: ChildProcess,
  { deadlineMs, signal }: GitCommand,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let isLate = false;
    const stop = () => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
    };
    const timer = setTimeout(() => {
      isLate = true;
      stop();
    }, deadlineMs);
    signal.addEventListener('abort', stop, { once: true });
    const settle = (reason: string | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(reason);
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ENOENT' ? 'is not installed, or the folder is gone' : error.message),
    );
    child.once('close', (code) => {
      if (isLate) settle(`took longer than ${deadlineMs / 1000} s`);
      else settle(code === 0 ? undefined : 'cannot read the repository');
    });
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (piece: string) => {
    text = (text + piece).slice(-OUTPUT_KEPT);
  });
  return () => text;
}

function detail(output: string): string {
  return output.trim() === '' ? '' : `: ${lastReason(output).replace(/^(?:fatal|error): /, '')}`;
}
