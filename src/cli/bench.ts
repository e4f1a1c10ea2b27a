import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, UsageError } from './command.ts';
import { print, printJson } from './terminal.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'bench');

function benchNames(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -3))
    .sort();
}

export const benchCommand: Command = {
  name: 'bench',
  summary: 'measure Cadre on this machine; the last line is RESULT {json}',
  usage: 'NAME [-- ARGUMENTS]',
  mostWords: Number.POSITIVE_INFINITY,
  example: 'CADRE_DATA=./data cadre bench local-speed',
  flags: {},
  async run(input) {
    const names = benchNames();
    const [name, ...rest] = input.words;
    if (name === undefined) {
      if (input.json) printJson(names);
      else print(names.join('\n'));
      return 0;
    }
    if (!names.includes(name))
      throw new UsageError(`unknown benchmark “${name}”; there are ${names.join(', ')}`);
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(folder, `${name}.ts`),
        ...rest,
        ...(input.json ? ['--json'] : []),
      ],
      { stdio: 'inherit' },
    );
    input.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    return new Promise((finish) => child.on('exit', (code) => finish(code ?? 1)));
  },
};
