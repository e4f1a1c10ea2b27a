import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { carriedOut } from '../../src/verify/calculation.ts';
import type { LiveFarm } from './live-farm.ts';
import { gradeLive } from './live-grading.ts';
import type { LiveRow } from './live-row.ts';
import { fitRows, starterRows } from './live-rows.ts';

/** An answer that was graded, without its text. */
export interface GradedAnswer {
  readonly row: string;
  readonly task: string;
  readonly spoke: string;
  readonly score: number;
  /** CPU seconds and length; absent where only the grade was kept. */
  readonly cpuSeconds?: number;
  readonly completionTokens?: number;
  /** Its calculation could not be carried out: `general` is asked in its place. */
  readonly isHandedOver?: true;
}

/** Spokes that a fit learns about besides the single models: where the job is their own. */
const SPECIALISTS: Readonly<Record<string, readonly string[]>> = {
  extract: ['extract', 'extract-large'],
  reading: ['reader', 'reader-large'],
  rewrite: ['editor'],
  arithmetic: ['calculator'],
  code: ['coder'],
};

/** The starter-farm benchmark calls the middle model under the general prompt by the model's id. */
const SAME_SPOKE: Readonly<Record<string, string>> = {
  'qwen2.5-coder-0.5b-instruct-q4_k_m': 'middle',
};

export function fitSpokes(row: LiveRow, singles: readonly string[]): string[] {
  return [...singles, ...(SPECIALISTS[row.task] ?? [])];
}

/**
 * Writes what a gate may be fitted on: RESULTS/gate-live.fit.jsonl, the generated rows by id without
 * any text; and HOME/gate-fit.jsonl, these and the starter-farm rows as `{prompt, task, scores}`
 * (null = not graded) with the spokes' names in gate-fit.models.json. None is a row of the mix.
 */
export async function writeFit(
  farm: LiveFarm,
  singles: readonly string[],
  folders: { readonly results: string; readonly home: string },
): Promise<void> {
  const graded: GradedAnswer[] = [];
  for (const [row, spokes] of asked(singles))
    for (const spoke of spokes.filter((one) => farm.hasAnswered(one, row)))
      graded.push(await gradedAnswer(farm, row, spoke));
  writeLines(join(folders.results, 'gate-live.fit.jsonl'), graded);
  const starter = readStarter(join(folders.results, 'starter-farm.rows.jsonl'));
  const spokes = [...new Set([...graded, ...starter].map((one) => one.spoke))].sort();
  const scores = new Map<string, Map<string, number>>();
  for (const one of [...graded, ...starter])
    scores.set(one.row, (scores.get(one.row) ?? new Map()).set(one.spoke, one.score));
  const rows = [...fitRows(), ...starterRows()].flatMap(({ id, prompt, task }) => {
    const own = scores.get(id);
    return own === undefined
      ? []
      : [{ prompt, task, scores: spokes.map((spoke) => own.get(spoke) ?? null) }];
  });
  writeLines(join(folders.home, 'gate-fit.jsonl'), rows);
  writeFileSync(join(folders.home, 'gate-fit.models.json'), JSON.stringify(spokes));
}

/** What the starter-farm benchmark asked the models is not asked again, but of specialists. */
function asked(singles: readonly string[]): [LiveRow, readonly string[]][] {
  return [
    ...fitRows().map((row): [LiveRow, string[]] => [row, fitSpokes(row, singles)]),
    ...starterRows().map((row): [LiveRow, readonly string[]] => {
      const { options: _, ...rest } = row;
      return [{ ...rest, group: row.id }, SPECIALISTS[row.task] ?? []];
    }),
  ];
}

async function gradedAnswer(farm: LiveFarm, row: LiveRow, spoke: string): Promise<GradedAnswer> {
  const { text, cpuSeconds, usage } = await farm.alone(spoke, row);
  const isProgram = farm.spokes.find((one) => one.id === spoke)?.output === 'calculation';
  const shown = isProgram ? carriedOut(text)?.text : text;
  return {
    row: row.id,
    task: row.task,
    spoke,
    score: shown === undefined ? 0 : await gradeLive(row, shown),
    cpuSeconds,
    completionTokens: usage.completionTokens,
    ...(shown === undefined ? { isHandedOver: true as const } : {}),
  };
}

function readStarter(file: string): GradedAnswer[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GradedAnswer)
    .map((one) => ({ ...one, spoke: SAME_SPOKE[one.spoke] ?? one.spoke }));
}

function writeLines(file: string, rows: readonly object[]): void {
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
