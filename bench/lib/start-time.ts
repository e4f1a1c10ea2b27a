import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import launch from '../../bin/launch.json' with { type: 'json' };
import { quantile } from './ranking.ts';

const STARTS = 5;
const round = (value: number, digits: number) => Number(value.toFixed(digits));

/** Seconds from the command to the line that says where it listens. */
async function startSeconds(
  folder: string,
  args: readonly string[],
  sign: string,
): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [...launch.flags, ...args], {
    env: {
      ...launch.environment,
      ...process.env,
      CADRE_HOME: folder,
      CADRE_CONFIG: join(folder, 'cadre.yaml'),
      // As bin/bootstrap.js sets it.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let text = '';
  for await (const part of child.stdout) {
    text += String(part);
    if (text.includes(sign)) break;
  }
  const seconds = (performance.now() - started) / 1000;
  child.kill('SIGTERM');
  await exit;
  return seconds;
}

/** The first start of a home makes its files and compiles the sources; all later ones are measured. */
export async function measureStarts() {
  const entry = resolve(import.meta.dirname, '..', '..', 'src', 'cli', 'cadre.ts');
  const bare =
    "require('node:http').createServer().listen(0,'127.0.0.1',()=>console.log('listening'))";
  const folder = mkdtempSync(join(tmpdir(), 'cadre-start-'));
  writeFileSync(join(folder, 'cadre.yaml'), 'fleet:\n  starter: false\n  offline: true\n');
  const own: number[] = [];
  const base: number[] = [];
  for (let index = 0; index <= STARTS; index += 1) {
    base.push(await startSeconds(folder, ['-e', bare], 'listening'));
    own.push(await startSeconds(folder, [entry, 'up', '--json', '--port', '0'], '"url"'));
  }
  rmSync(folder, { recursive: true, force: true });
  const [first = 0, ...later] = own;
  return {
    firstStartSeconds: round(first, 2),
    startSeconds: round(quantile(later, 0.5), 2),
    bareStartSeconds: round(quantile(base, 0.5), 3),
  };
}
