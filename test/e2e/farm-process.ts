import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const entry = join(root, 'src', 'cli', 'cadre.ts');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh CADRE_HOME in a temporary folder, with the test models where they are installed. */
export class TestHome {
  readonly path = mkdtempSync(join(tmpdir(), 'cadre-home-'));
  readonly #farms: RunningProcess[] = [];

  constructor(config = 'fleet:\n  starter: false\n') {
    writeFileSync(join(this.path, 'cadre.yaml'), config);
  }

  /** Links the model files of the test home; false when there are none. */
  linkModels(): boolean {
    const source = process.env['CADRE_TEST_MODELS'] ?? join(homedir(), '.cadre', 'models');
    if (!existsSync(source)) return false;
    for (const hash of readdirSync(source)) {
      if (!/^[0-9a-f]{64}$/.test(hash)) continue;
      mkdirSync(join(this.path, 'models', hash), { recursive: true });
      for (const name of readdirSync(join(source, hash))) {
        try {
          linkSync(join(source, hash, name), join(this.path, 'models', hash, name));
        } catch {
          // The temporary folder may lie on another disk.
          cpSync(join(source, hash, name), join(this.path, 'models', hash, name));
        }
      }
    }
    return true;
  }

  /** Runs one command to its end. */
  async run(args: readonly string[], input?: string): Promise<Finished> {
    const child = start(this.path, args);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (part) => {
      stdout += part;
    });
    child.stderr?.on('data', (part) => {
      stderr += part;
    });
    child.stdin?.end(input ?? '');
    const code = await new Promise<number>((done) =>
      child.on('close', (status) => done(status ?? -1)),
    );
    return { code, stdout, stderr };
  }

  /** Starts `cadre up` and waits until it says where it listens. */
  async up(args: readonly string[] = []): Promise<RunningProcess> {
    const child = start(this.path, ['up', '--json', '--port', '0', ...args]);
    const running = await RunningProcess.from(child);
    this.#farms.push(running);
    return running;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#farms.map((farm) => farm.kill('SIGTERM')));
    rmSync(this.path, { recursive: true, force: true });
  }
}

function start(home: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    cwd: home,
    env: { ...process.env, CADRE_HOME: home, CADRE_CONFIG: join(home, 'cadre.yaml') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A farm that runs in a process of its own. */
export class RunningProcess {
  readonly url: string;
  /** URL that signs the console in. */
  readonly console: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;

  constructor(child: ChildProcess, line: { url: string; console: string; pid: number }) {
    this.#child = child;
    this.url = line.url;
    this.console = line.console;
    this.pid = line.pid;
    this.#ended = new Promise((done) => child.on('exit', (code) => done(code ?? -1)));
  }

  static from(child: ChildProcess): Promise<RunningProcess> {
    return new Promise((found, failed) => {
      let text = '';
      let errors = '';
      child.stderr?.on('data', (part) => {
        errors += part;
      });
      child.stdout?.on('data', (part) => {
        text += part;
        for (const line of text.split('\n'))
          if (line.startsWith('{"url"')) found(new RunningProcess(child, JSON.parse(line)));
      });
      child.on('exit', (code) =>
        failed(new Error(`cadre up ended with ${code}: ${text}${errors}`)),
      );
    });
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<number> {
    this.#child.kill(signal);
    return this.#ended;
  }
}
