import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ClientLibrary, ToolUse } from './client-library.ts';

/** A client library of Python, driven by the program beside this file, one question at a time. */
export function createPythonLibrary(
  url: string,
  name: 'openai' | 'anthropic',
  python: string,
): ClientLibrary {
  const program = join(import.meta.dirname, `${name}-client.py`);
  let driver: Driver | undefined;
  const perform = (...request: [action: string, model: string, question: string]) => {
    driver ??= new Driver(spawn(python, [program, url], { stdio: ['pipe', 'pipe', 'inherit'] }));
    return driver.perform(request);
  };
  return {
    name: `Python ${name}`,
    ask: async (model, question) => String(await perform('ask', model, question)),
    stream: async (model, question) => (await perform('stream', model, question)) as string[],
    useTool: async (model, question) => (await perform('use-tool', model, question)) as ToolUse,
    streamTool: async (model, question) =>
      (await perform('stream-tool', model, question)) as string[],
    askJson: (model, question) => perform('ask-json', model, question),
    close: () => driver?.end(),
  };
}

/** A program that answers each line with a line. */
class Driver {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('no pipe');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async perform(request: readonly string[]): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error('the program ended');
    const answer = JSON.parse(line.value) as { result?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }

  end(): void {
    this.#child.stdin?.end();
  }
}

/** A Python with the client packages; undefined, with the reason on standard error, without one. */
export function findPython(): string | undefined {
  const python = process.env['CADRE_TEST_PYTHON'] ?? 'python3';
  const { status } = spawnSync(python, ['-c', 'import anthropic, openai']);
  if (status === 0) return python;
  process.stderr.write(
    `skipped: ${python} lacks the packages openai and anthropic; python3 -m venv ENV && ENV/bin/pip install -r test/clients/requirements.txt, then CADRE_TEST_PYTHON=ENV/bin/python\n`,
  );
  return undefined;
}
