import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientLibrary, ToolUse } from './client-library.ts';

const run = promisify(execFile);

/** A client library of Python, driven by the program beside this file. */
export function createPythonLibrary(
  url: string,
  name: 'openai' | 'anthropic',
  python: string,
): ClientLibrary {
  const program = join(import.meta.dirname, `${name}-client.py`);
  const perform = async (action: string, model: string, question: string): Promise<unknown> => {
    const { stdout } = await run(python, [program, action, url, model, question]);
    return JSON.parse(stdout);
  };
  return {
    name: `Python ${name}`,
    ask: async (model, question) => String(await perform('ask', model, question)),
    stream: async (model, question) => (await perform('stream', model, question)) as string[],
    useTool: async (model, question) => (await perform('use-tool', model, question)) as ToolUse,
    askJson: (model, question) => perform('ask-json', model, question),
  };
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
