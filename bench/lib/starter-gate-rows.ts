import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { shuffledIndices } from '../../src/base/random.ts';
import type { RouteDecision } from '../../src/core/decision.ts';
import { sliceOf } from '../../src/gate/context.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { readSurface } from '../../src/gate/features.ts';
import { decideRoute, type GateSpoke } from '../../src/gate/route.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import type { GradedAnswer } from './live-fit.ts';
import { requestOf } from './live-request.ts';
import type { LiveRow } from './live-row.ts';
import { fitRows, starterRows } from './live-rows.ts';
import { withHandedOver } from './starter-report.ts';

/** Spokes that were graded; `general` is the measure. */
export const FITTED_SPOKES: readonly string[] = [
  'general',
  'quick',
  'calculator',
  'coder',
  'extract',
  'extract-large',
  'reader',
  'reader-large',
  'editor',
];
export const REFERENCE = 0;
/** Tasks with graded answers of `general` and of somebody else who is kept for them. */
export const TASKS = ['arithmetic', 'code', 'extract', 'reading', 'rewrite'] as const;
/** What `auto` looks for where nothing is certified; the product's default. */
const TABLE_PROMISE = 0.6;

/** A request of the scope with what each spoke made of it; NaN = nobody graded it. */
export interface StarterRow {
  readonly prompt: string;
  readonly task: string;
  readonly scores: readonly number[];
  /** CPU seconds of the answer; NaN where they were not kept. */
  readonly seconds: readonly number[];
  /** Which of the spokes may serve it, what it would cost by what is known beforehand (NaN = may not). */
  readonly costs: readonly number[];
  /** Whom the starter's table chooses. */
  readonly byTable: string;
}

/** Id of a starter spoke's model. */
export function modelOf(id: string): string {
  return STARTER_SPOKES.find((one) => one.id === id)?.model ?? '';
}

/** CPU seconds per prompt token read and per token written (bench gate-live), by model. */
const SPEEDS: Readonly<Record<string, readonly [read: number, written: number]>> = {
  'smollm2-135m-instruct-q4_1': [0.0042, 0.0077],
  'qwen2.5-coder-0.5b-instruct-q4_k_m': [0.0072, 0.0229],
  'qwen2.5-coder-1.5b-instruct-q4_k_m': [0.0151, 0.0429],
};

function gateSpokes(): GateSpoke[] {
  return STARTER_SPOKES.filter((one) => one.kind === 'chat').map((one) => ({
    id: one.id,
    kind: 'chat',
    destination: 'local',
    modelId: one.model,
    installed: true,
    healthy: true,
    resident: true,
    fits: true,
    contextLength: 4096,
    maxTokens: one.maxTokens,
    addedTokens: 0,
    tools: one.tools,
    vision: false,
    continues: one.output !== 'calculation',
    output: one.output,
    tasks: one.tasks,
    fallback: one.fallback,
    secondsPerPromptToken: SPEEDS[one.model]?.[0] ?? 0,
    secondsPerToken: SPEEDS[one.model]?.[1] ?? 0,
    loadSeconds: 0,
    dollarsPerSecond: 1.25e-6,
  }));
}

const STARTER_FARM = 'starter-farm.rows.jsonl';

/** Graded answers by row: those of the models, and those of specialists. */
function readGraded(): Map<string, GradedAnswer[]> {
  const folder = resolve(import.meta.dirname, '..', 'results');
  const answers = [STARTER_FARM, 'gate-live.fit.jsonl'].flatMap((name) => {
    const file = resolve(folder, name);
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    const graded = lines.flatMap((line) => (line === '' ? [] : (JSON.parse(line) as GradedAnswer)));
    // `coder` had another prompt then.
    return graded.filter((one) => name !== STARTER_FARM || one.spoke !== 'coder');
  });
  const newest = new Map(answers.map((one) => [`${one.row}/${one.spoke}`, one]));
  return Map.groupBy(withHandedOver([...newest.values()]), (one) => one.row);
}

/** All rows of the scope that `general` and somebody else answered, none of the evaluation mix. */
export function starterGateRows(): StarterRow[] {
  const graded = readGraded();
  const starter = createStarterEstimator();
  const spokes = gateSpokes();
  const live = starterRows().map(
    ({ options, ...row }): LiveRow => ({
      ...row,
      group: row.id,
      ...(options === undefined ? {} : { schema: { enum: [...options] } }),
    }),
  );
  return [...fitRows(), ...live].flatMap((row) => {
    const answers = graded.get(row.id) ?? [];
    const of = (id: string) => answers.find((one) => one.spoke === id);
    const request = requestOf(row, 'auto');
    const task = sliceOf(starter.estimate(request, readSurface(request)));
    const isKnown = (TASKS as readonly string[]).includes(task);
    const graders = FITTED_SPOKES.filter((id) => of(id) !== undefined);
    if (!isKnown || of('general') === undefined || graders.length < 2) return [];
    const decision = decided(row, spokes);
    // A row says something only where everybody who may take it from `general` was graded.
    const isWhole = decision.candidates.every(
      ({ spoke }) => spoke === 'quick' || of(spoke) !== undefined,
    );
    if (!isWhole) return [];
    return {
      prompt: row.prompt,
      task,
      scores: FITTED_SPOKES.map((id) => of(id)?.score ?? Number.NaN),
      seconds: FITTED_SPOKES.map((id) => of(id)?.cpuSeconds ?? Number.NaN),
      costs: FITTED_SPOKES.map(
        (id) => decision.candidates.find((one) => one.spoke === id)?.cost ?? Number.NaN,
      ),
      byTable: decision.spoke,
    };
  });
}

/** What the starter's table decides. */
function decided(row: LiveRow, spokes: readonly GateSpoke[]): RouteDecision {
  const result = decideRoute(
    {
      request: requestOf(row, 'auto'),
      verdict: {
        label: 'public',
        labelReasons: [],
        destinations: [{ destination: 'local', allowed: true, reason: 'local' }],
      },
      spokes,
      promise: TABLE_PROMISE,
      promptTokens: Math.ceil((row.prompt.length + (row.system?.length ?? 0)) / 4),
      mostPromptTokens: 0,
      depth: 0,
    },
    createStarterEstimator(),
  );
  if ('decision' in result) return result.decision;
  throw new Error(`${row.id}: ${JSON.stringify(result.rejected)}`);
}

/** Every fold with the rows of all others. */
export function foldsOf(rows: readonly StarterRow[], count: number, seed: number) {
  const order = Array.from(shuffledIndices(rows.length, seed));
  return Array.from({ length: count }, (_, fold) => {
    const isHeld = (place: number) => place % count === fold;
    return {
      fit: order.flatMap((at, place) => (isHeld(place) ? [] : (rows[at] ?? []))),
      held: order.flatMap((at, place) => (isHeld(place) ? (rows[at] ?? []) : [])),
    };
  });
}
