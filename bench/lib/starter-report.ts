import { writeFileSync } from 'node:fs';
import { readNgramClassifier } from '../../src/base/ngram-classifier.ts';
import { bootstrapMean, mean } from '../../src/base/statistics.ts';
import { textPart } from '../../src/core/chat.ts';
import { createTableEstimator } from '../../src/gate/estimator.ts';
import { decideRoute, type GateSpoke } from '../../src/gate/route.ts';
import type { StarterTable } from '../../src/gate/starter-table.ts';
import { TASK_MODEL } from '../../src/gate/task-model.generated.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import type { GradedAnswer } from './live-fit.ts';
import { printResult } from './result.ts';
import type { SliceRow } from './slices.ts';

/** What one spoke did with one row; holds no text. */
export interface RowResult {
  readonly row: string;
  readonly slice: string;
  readonly task: string;
  readonly spoke: string;
  readonly score: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly meanLogprob: number;
}

const FOLDS = 5;
/** Spokes that the gate chooses among in the replay. */
const CHOICES = [
  'quick',
  'calculator',
  'extract',
  'extract-large',
  'reader',
  'reader-large',
  'editor',
  'coder',
  'general',
];

function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
}

/** What the table needs of a graded answer. */
type Graded = Pick<RowResult, 'row' | 'task' | 'spoke' | 'score'> &
  Pick<GradedAnswer, 'completionTokens' | 'isHandedOver'>;

const SMALL = 'smollm2-135m-instruct-q4_1';
const MIDDLE = 'qwen2.5-coder-0.5b-instruct-q4_k_m';
const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';

/** Whose answers say what a model does under a plain prompt. */
const PLAIN: Readonly<Record<string, string>> = {
  small: SMALL,
  middle: MIDDLE,
  [MIDDLE]: MIDDLE,
  general: LARGE,
};

/** What a spoke could not answer counts as what the one that is asked in its place made of it. */
export function withHandedOver<T extends Graded>(results: readonly T[]): T[] {
  const general = new Map(
    results.flatMap((one) => (one.spoke === 'general' ? [[one.row, one.score] as const] : [])),
  );
  return results.map((one) =>
    one.isHandedOver ? { ...one, score: general.get(one.row) ?? 0 } : one,
  );
}

/** Tasks whose rows set no tighter limit to an answer than people do. */
const MEASURED = ['arithmetic', 'code', 'extract', 'reading', 'rewrite'];

/** The gate's table: right answers per task and spoke, and per task and model. */
function tableOf(results: readonly Graded[], source: string): StarterTable {
  const newest = new Map(results.map((one) => [`${one.row}/${one.spoke}`, one]));
  const named = withHandedOver([...newest.values()]).flatMap((one) => {
    const model = PLAIN[one.spoke];
    return [
      ...(CHOICES.includes(one.spoke) ? [one] : []),
      ...(model === undefined ? [] : [{ ...one, spoke: model }]),
    ];
  });
  const rows = [...groupBy(named, (one) => `${one.task}/${one.spoke}`).values()].flatMap(
    (group) => {
      const [first] = group;
      if (first === undefined) return [];
      const successes = Math.round(group.reduce((sum, one) => sum + one.score, 0) * 100) / 100;
      const lengths = group.flatMap((one) => one.completionTokens ?? []);
      const tokens =
        lengths.length === 0 || !MEASURED.includes(first.task)
          ? {}
          : { tokens: Math.round(mean(lengths)) };
      return [{ task: first.task, spoke: first.spoke, successes, n: group.length, ...tokens }];
    },
  );
  return {
    rows: rows.toSorted((a, b) => `${a.task}/${a.spoke}`.localeCompare(`${b.task}/${b.spoke}`)),
    source,
  };
}

function gateSpoke(id: string, results: readonly RowResult[]): GateSpoke {
  const config = STARTER_SPOKES.find((one) => one.id === id);
  if (config === undefined) throw new Error(`no starter spoke ${id}`);
  const own = results.filter((one) => one.spoke === id);
  const tokens = own.reduce(
    (sum, one) => sum + one.completionTokens + (one.promptTokens - one.cachedTokens) / 5,
    0,
  );
  const secondsPerToken = own.reduce((sum, one) => sum + one.seconds, 0) / Math.max(1, tokens);
  return {
    id,
    kind: 'chat',
    destination: 'local',
    modelId: config.model,
    installed: true,
    healthy: true,
    resident: true,
    fits: true,
    contextLength: 4096,
    maxTokens: config.maxTokens,
    addedTokens: 0,
    tools: config.tools,
    vision: false,
    continues: true,
    output: config.output,
    tasks: config.tasks,
    fallback: config.fallback,
    secondsPerPromptToken: secondsPerToken / 5,
    secondsPerToken,
    loadSeconds: 0,
    dollarsPerSecond: 1.25e-6,
  };
}

/** Replays the gate on rows that its table has not seen (five folds by row); returns the chosen results. */
function replayGate(
  rows: readonly SliceRow[],
  results: readonly RowResult[],
  promise: number,
): { gate: RowResult[]; single: RowResult[] } {
  const classifier = readNgramClassifier(
    Uint8Array.from(atob(TASK_MODEL), (character) => character.charCodeAt(0)),
  );
  const byRow = groupBy(results, (one) => one.row);
  const gate: RowResult[] = [];
  const single: RowResult[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isHeldOut = (row: string) => Number(row.split('-').at(-1)) % FOLDS === fold;
    const estimator = createTableEstimator(
      classifier,
      tableOf(
        results.filter((one) => !isHeldOut(one.row)),
        'other folds',
      ),
    );
    for (const row of rows.filter((one) => isHeldOut(one.id))) {
      const measured = byRow.get(row.id) ?? [];
      const general = measured.find((one) => one.spoke === 'general');
      const spokes = measured
        .filter((one) => CHOICES.includes(one.spoke))
        .map((one) => gateSpoke(one.spoke, results));
      if (general === undefined || spokes.length < 2) continue;
      const messages = [
        ...(row.system ? [{ role: 'system' as const, content: textPart(row.system) }] : []),
        { role: 'user' as const, content: textPart(row.prompt) },
      ];
      const decided = decideRoute(
        {
          request: { model: 'auto', messages, sampling: {}, maxTokens: row.maxTokens },
          verdict: {
            label: 'public',
            labelReasons: [],
            destinations: [{ destination: 'local', allowed: true, reason: 'local' }],
          },
          spokes,
          promise,
          promptTokens: Math.ceil(row.prompt.length / 4),
          mostPromptTokens: 0,
          depth: 0,
        },
        estimator,
      );
      const chosen =
        'decision' in decided
          ? measured.find((one) => one.spoke === decided.decision.spoke)
          : undefined;
      gate.push(chosen ?? general);
      single.push(general);
    }
  }
  return { gate, single };
}

/**
 * Prints what was measured, writes the gate's table, ends with the RESULT line. `more` goes into the
 * table alone: graded answers to other requests.
 */
export function reportStarterFarm(
  rows: readonly SliceRow[],
  results: readonly RowResult[],
  more: readonly Graded[],
  seed: number,
  tableFile: string,
): void {
  const spokes: Record<
    string,
    Record<string, { n: number; score: number; seconds: number; tokens: number }>
  > = {};
  for (const [spoke, own] of groupBy(results, (one) => one.spoke)) {
    spokes[spoke] = {};
    for (const [slice, group] of groupBy(own, (one) => one.slice)) {
      const figures = {
        n: group.length,
        score: round(mean(group.map((one) => one.score))),
        seconds: round(mean(group.map((one) => one.seconds))),
        tokens: Math.round(mean(group.map((one) => one.completionTokens))),
      };
      spokes[spoke][slice] = figures;
      process.stdout.write(
        `${spoke.padEnd(36)} ${slice.padEnd(22)} n ${String(figures.n).padStart(3)}  right ${figures.score.toFixed(2)}  ${figures.seconds.toFixed(2)} s  ${figures.tokens} tokens\n`,
      );
    }
  }
  const source = `bench starter-farm, seed ${seed}: slices of 14 public question sets, Banking77 and CLINC150, and the rows of bench gate-live --fit; zero-shot, greedy, 4-bit weights`;
  writeFileSync(tableFile, `${JSON.stringify(tableOf([...results, ...more], source), null, 2)}\n`);
  const gates: Record<string, unknown> = {};
  for (const [name, promise] of [
    ['auto:cheap', 0.3],
    ['auto', 0.6],
    ['auto:best', 1],
  ] as const) {
    const { gate, single } = replayGate(rows, results, promise);
    const gain = bootstrapMean(
      gate.map((one, index) => one.score - (single[index]?.score ?? 0)),
      { seed },
    );
    const share =
      gate.reduce((sum, one) => sum + one.seconds, 0) /
      Math.max(
        1e-9,
        single.reduce((sum, one) => sum + one.seconds, 0),
      );
    gates[name] = {
      n: gate.length,
      right: round(mean(gate.map((one) => one.score))),
      general: round(mean(single.map((one) => one.score))),
      gain,
      secondsShare: round(share),
    };
    process.stdout.write(
      `${name.padEnd(12)} right ${mean(gate.map((one) => one.score)).toFixed(3)}  general alone ${mean(single.map((one) => one.score)).toFixed(3)}  ${(share * 100).toFixed(0)} % of its seconds\n`,
    );
  }
  printResult('starter-farm', seed, { rows: results.length, spokes, gates });
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
