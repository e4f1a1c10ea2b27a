/**
 * What do 100,000 chunks cost: milliseconds per search, memory, the start, and what indexing adds to
 * the embedder? The texts are those of installed packages; vectors of the searches are made up, for
 * speed only.
 *
 *     node bench/knowledge-scale.ts [--characters 50000000] [--no-embedder] [--no-sets]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyInstalledTexts } from './lib/installed-texts.ts';
import { cpuOfTree } from './lib/process-cost.ts';
import { printResult } from './lib/result.ts';
import { measureIngest } from './lib/scale-ingest.ts';
import { openLibrary } from './lib/scale-library.ts';
import { measureRounding } from './lib/scale-rounding.ts';

const SEED = 23;
const { values: flags } = parseArgs({
  options: {
    characters: { type: 'string', default: '50000000' },
    'no-embedder': { type: 'boolean', default: false },
    'no-sets': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

async function ingestWords(home: string, folder: string): Promise<Record<string, number>> {
  const library = await openLibrary(home);
  const began = performance.now();
  const spent = cpuOfTree(process.pid);
  const { chunks, documents } = await library.index('docs', folder);
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = (cpuOfTree(process.pid) - spent) / 1e6;
  await library.close();
  return { documents, chunks, seconds, cpuSeconds, chunksPerSecond: chunks / seconds };
}

function runStep(step: string, home: string): Record<string, number> {
  const file = join(import.meta.dirname, 'lib', 'scale-step.ts');
  const output = execFileSync(
    process.execPath,
    ['--expose-gc', '--disable-warning=ExperimentalWarning', file, step, home, String(SEED)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 },
  );
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
}

function show(name: string, figures: Record<string, unknown>): void {
  const words = Object.entries(figures).map(([key, value]) =>
    typeof value === 'number' ? `${key} ${Number(value.toPrecision(4))}` : `${key} ${value}`,
  );
  process.stdout.write(`${name}: ${words.join(', ')}\n`);
}

const home = mkdtempSync(join(tmpdir(), 'cadre-scale-'));
const metrics: Record<string, Record<string, unknown>> = {};
const keep = (name: string, figures: Record<string, unknown>) => {
  metrics[name] = figures;
  show(name, figures);
};
try {
  const folder = join(home, 'texts');
  const files = copyInstalledTexts(folder, Number(flags.characters));
  keep('words', { files, ...(await ingestWords(home, folder)) });
  for (const step of ['build', 'alone', 'whole', 'fts']) keep(step, runStep(step, home));
  if (!flags['no-sets'])
    for (const [name, figures] of await measureRounding()) keep(`rounding ${name}`, figures);
  if (!flags['no-embedder']) {
    const ratio = await measureIngest(home);
    if (ratio !== undefined) keep('ingest', ratio);
  }
  printResult('knowledge-scale', SEED, metrics);
} finally {
  rmSync(home, { recursive: true, force: true });
}
