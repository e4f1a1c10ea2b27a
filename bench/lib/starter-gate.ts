import { mean } from '../../src/base/statistics.ts';
import type { GateReport } from '../../src/core/gate-report.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  chooseAt,
  REFERENCE_ONLY,
} from '../../src/gate/calibration-set.ts';
import { type CertifiedSlice, certifyLoss, type LossPromise } from '../../src/gate/certify.ts';

import { FITTED_SPOKES, modelOf, REFERENCE, type StarterRow, TASKS } from './starter-gate-rows.ts';

/** By task and spoke: what it is expected to lose of what `general` gets right, 0 … 1. */
export type TaskLosses = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A gate that was fitted on some rows and certified on others. */
export interface StarterGate {
  readonly losses: TaskLosses;
  readonly slice: CertifiedSlice;
  readonly heldOut: CalibrationSet;
}

/**
 * Before anything was graded: what a spoke of the same model loses by its own prompt, and what a
 * smaller model loses; worth three right answers.
 */
const PRIOR_LOSS = { same: 0.15, smaller: 0.35 };
const PRIOR_RIGHT = 3;
/** Part of the promise up to which a spoke is looked at: what comes nearer cannot be shown by few rows. */
const MARGIN = 0.75;
/** Fewer graded answers of a spoke in a task say nothing. */
const LEAST_ANSWERS = 5;

/**
 * Losses from one part of the rows, a promise from the other. The pairs of task and spoke are let in
 * one after the other, the least expected loss first (both told by the first part alone), and the gate
 * speaks of the tasks that were let in; of the others the starter's table does. The walk begins where
 * `general` has right answers enough to show anything, and ends before the first step at which the
 * promise cannot be shown (fixed sequence testing, Angelopoulos et al. 2021, section 2.2).
 */
export function fittedOn(
  fit: readonly StarterRow[],
  held: readonly StarterRow[],
  promise: LossPromise,
): StarterGate {
  const all = lossesOn(fit, MARGIN * promise.alpha);
  const steps = [...new Set(Object.values(all).flatMap(Object.values))].sort((a, b) => a - b);
  let gate: StarterGate | undefined;
  for (const step of steps) {
    const losses = upTo(all, step);
    const rows = held.flatMap((row) => (losses[row.task] ? [calibrationRow(row, losses)] : []));
    const heldOut: CalibrationSet = { models: FITTED_SPOKES, reference: REFERENCE, rows };
    const slice = certifyLoss(heldOut, promise, Float64Array.of(step));
    if (slice.missing > 0) continue;
    if (slice.threshold === REFERENCE_ONLY) break;
    gate = { losses, slice, heldOut };
  }
  if (gate !== undefined) return gate;
  throw new Error('too few graded answers to promise anything; ask more (gate-live --fit)');
}

/** The pairs that are expected to lose no more than that. */
function upTo(losses: TaskLosses, most: number): TaskLosses {
  return Object.fromEntries(
    Object.entries(losses).flatMap(([task, spokes]) => {
      const kept = Object.entries(spokes).filter(([, loss]) => loss <= most);
      return kept.length === 0 ? [] : [[task, Object.fromEntries(kept)] as const];
    }),
  );
}

function lossesOn(rows: readonly StarterRow[], most: number): TaskLosses {
  return Object.fromEntries(
    TASKS.flatMap((task) => {
      const own = rows.filter((row) => row.task === task);
      const spokes = FITTED_SPOKES.flatMap((id, place) => {
        const graded = own.filter((row) => !Number.isNaN(row.scores[place]));
        if (place === REFERENCE || graded.length < LEAST_ANSWERS) return [];
        const right = graded.reduce((sum, row) => sum + (row.scores[REFERENCE] ?? 0), 0);
        const lost = graded.reduce(
          (sum, row) => sum + Math.max(0, (row.scores[REFERENCE] ?? 0) - (row.scores[place] ?? 0)),
          0,
        );
        const prior = modelOf(id) === modelOf('general') ? PRIOR_LOSS.same : PRIOR_LOSS.smaller;
        const loss = (lost + PRIOR_RIGHT * prior) / (right + PRIOR_RIGHT);
        return loss > most ? [] : [[id, Math.round(loss * 10_000) / 10_000] as const];
      });
      return spokes.length === 0 ? [] : [[task, Object.fromEntries(spokes)] as const];
    }),
  );
}

/** As the scoped estimator tells it; a spoke that may not serve is never chosen. */
function calibrationRow(row: StarterRow, losses: TaskLosses): CalibrationRow {
  const general = row.costs[REFERENCE] ?? 0;
  return {
    scores: row.scores,
    expectedLoss: Float64Array.from(FITTED_SPOKES, (id, place) => {
      if (place === REFERENCE) return 0;
      return Number.isNaN(row.costs[place]) ? Number.NaN : (losses[row.task]?.[id] ?? 1);
    }),
    costs: row.costs.map((cost) => (Number.isNaN(cost) ? general : cost)),
    slice: row.task,
  };
}

interface Outcome {
  readonly score: number;
  readonly cost: number;
}

/**
 * What table and gate make of rows of the gate's scope; undefined where nobody graded their choice.
 */
export function outcomesOf(rows: readonly StarterRow[], { losses, slice }: StarterGate) {
  return rows
    .filter((row) => losses[row.task] !== undefined)
    .map((row) => ({
      task: row.task,
      table: outcomeOf(row, FITTED_SPOKES.indexOf(row.byTable)),
      gate: outcomeOf(row, chooseAt(calibrationRow(row, losses), REFERENCE, slice.threshold)),
      general: outcomeOf(row, REFERENCE),
    }));
}

function outcomeOf(row: StarterRow, place: number): Outcome | undefined {
  const score = row.scores[place] ?? Number.NaN;
  return Number.isNaN(score) ? undefined : { score, cost: row.costs[place] ?? 0 };
}

/** Figures of the report, on the held-out rows. */
export function figuresOf(
  held: readonly StarterRow[],
  gate: StarterGate,
): Pick<GateReport, 'quality' | 'keptCheap' | 'saved' | 'lossBound' | 'words'> {
  const own = held.filter((row) => gate.losses[row.task] !== undefined);
  const outcomes = outcomesOf(own, gate);
  const cost = (side: 'gate' | 'general') => mean(outcomes.map((one) => one[side]?.cost ?? 0));
  const score = (side: 'gate' | 'general') => mean(outcomes.map((one) => one[side]?.score ?? 0));
  const { slice } = gate;
  const saved = 1 - cost('gate') / cost('general');
  const bound = slice.bound;
  const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
  return {
    quality: {
      gate: score('gate'),
      reference: score('general'),
      bestSingle: Math.max(
        ...FITTED_SPOKES.map((_, place) => mean(own.map((row) => row.scores[place] || 0))),
      ),
      oracle: mean(own.map((row) => Math.max(...row.scores.filter((one) => one >= 0)))),
    },
    keptCheap: { sliced: slice.keptCheap, together: slice.keptCheap },
    saved,
    lossBound: bound,
    words: `on development data of ${Object.keys(gate.losses).join(', ')} it saves ${percent(saved)} at a loss of at most ${percent(bound)} of what general gets right`,
  };
}
