import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');

/** What a figure depends on besides the code: versions and machine. */
export function versions(): Record<string, string> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  const packageVersion = (name: string) =>
    lock.packages[`node_modules/${name}`]?.version ?? 'absent';
  return {
    node: process.versions.node,
    'node-llama-cpp': packageVersion('node-llama-cpp'),
    'onnxruntime-node': packageVersion('onnxruntime-node'),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    commit: commit(),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/** The last line of every benchmark. */
export function printResult(bench: string, seed: number, metrics: Record<string, unknown>): void {
  process.stdout.write(
    `RESULT ${JSON.stringify({ bench, metrics, seed, versions: versions() })}\n`,
  );
}
