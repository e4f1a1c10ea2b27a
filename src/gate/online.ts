import { drawBeta } from '../base/beta.ts';
import { alarmThreshold, CALM, type CusumState, watchOutcome } from '../base/cusum.ts';
import { type Alarm, type OnlineState, onlineStateSchema } from '../core/online-state.ts';

export interface OnlineOptions {
  /** The watch looks for a fall of the rate to this share of itself; 0 … 1. */
  readonly fall: number;
  /** At most one false alarm is to be expected in so many outcomes, all watches together. */
  readonly calmOutcomes: number;
  /** What is left of the past after an alarm, in rows: it says where to begin, not where to stay. */
  readonly keptTrials: number;
  /** Most of the decisions that may try another model than the one believed best; 0 = off. */
  readonly exploreShare: number;
}

export const ONLINE_DEFAULTS: OnlineOptions = {
  fall: 0.6,
  calmOutcomes: 10_000,
  keptTrials: 10,
  exploreShare: 0,
};

/** Each outcome meets the watch of its cell and that of its model. */
const WATCHES = 2;
/** Half a row of each kind (Jeffreys): no rate is 0 or 1 for certain. */
const HALF = 0.5;

/**
 * Starts from a fitted table: `rates[task][model]`, 0 … 1, worth `weights[task][model]` graded rows
 * each. Throws RangeError for another shape or figures outside their range.
 */
export function startOnline(table: {
  readonly tasks: readonly string[];
  readonly models: readonly string[];
  readonly rates: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
}): OnlineState {
  const { tasks, models } = table;
  const right: number[] = [];
  const trials: number[] = [];
  for (let task = 0; task < tasks.length; task += 1)
    for (let model = 0; model < models.length; model += 1) {
      const rate = table.rates[task]?.[model] ?? Number.NaN;
      const weight = table.weights[task]?.[model] ?? Number.NaN;
      if (!(rate >= 0 && rate <= 1 && weight >= 0))
        throw new RangeError(
          `${tasks[task]} × ${models[model]} has no rate 0 … 1 with a weight ≥ 0`,
        );
      right.push(rate * weight);
      trials.push(weight);
    }
  const watches = Array.from({ length: (tasks.length + 1) * models.length }, () => CALM);
  const none = { alarms: [], outcomes: 0, decided: 0, explored: 0 };
  return { version: 1, tasks, models, right, trials, watches, ...none };
}

/**
 * The state with one more model, calm in every task: `column` gives what is believed of it, one entry
 * per task, as `startOnline` wants it.
 */
export function addOnlineModel(
  state: OnlineState,
  model: string,
  column: readonly { readonly rate: number; readonly weight: number }[],
): OnlineState {
  const alone = startOnline({
    tasks: state.tasks,
    models: [model],
    rates: column.map(({ rate }) => [rate]),
    weights: column.map(({ weight }) => [weight]),
  });
  const joined = <T>(before: readonly T[], added: readonly T[]): T[] => {
    const size = state.models.length;
    return added.flatMap((one, row) => [...before.slice(row * size, (row + 1) * size), one]);
  };
  return {
    ...state,
    models: [...state.models, model],
    right: joined(state.right, alone.right),
    trials: joined(state.trials, alone.trials),
    watches: joined(state.watches, alone.watches),
  };
}

/** P(right) of a model in a task as it is believed now, 0 … 1. */
export function rateOf(state: OnlineState, task: number, model: number): number {
  const cell = task * state.models.length + model;
  return (at(state.right, cell) + HALF) / (at(state.trials, cell) + 2 * HALF);
}

/**
 * The state of a saved text, if it is one for these tasks and models; undefined otherwise, and the
 * fitted table is where to start again.
 */
export function readOnline(
  text: string,
  tasks: readonly string[],
  models: readonly string[],
): OnlineState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = onlineStateSchema.safeParse(value);
  if (data === undefined) return undefined;
  const same = (left: readonly string[], right: readonly string[]) =>
    left.length === right.length && left.every((one, index) => one === right[index]);
  return same(data.tasks, tasks) && same(data.models, models) ? data : undefined;
}

/**
 * The most probable of the eligible models, or, within the share that may be tried, the one that
 * wins a draw from what is believed of each (Thompson, Biometrika 1933; warm-started by the table).
 * `random` is uniform in [0, 1). `usual` = whom another rule would ask, in place of the most probable
 * one. Undefined for no eligible model.
 */
export function decideOnline(
  state: OnlineState,
  task: number,
  eligible: readonly number[],
  options: OnlineOptions,
  random: () => number,
  usual?: number,
): { readonly state: OnlineState; readonly model: number; readonly explored: boolean } | undefined {
  const best = usual ?? largest(eligible, (model) => rateOf(state, task, model));
  if (best === undefined) return undefined;
  const mayExplore = state.explored + 1 <= options.exploreShare * (state.decided + 1);
  const drawn = mayExplore
    ? largest(eligible, (model) => drawRate(state, task * state.models.length + model, random))
    : best;
  const model = drawn ?? best;
  const explored = model !== best;
  const counts = { decided: state.decided + 1, explored: state.explored + (explored ? 1 : 0) };
  return { state: { ...state, ...counts }, model, explored };
}

function drawRate({ right, trials }: OnlineState, cell: number, random: () => number): number {
  const good = at(right, cell);
  return drawBeta(good + HALF, Math.max(0, at(trials, cell) - good) + HALF, random);
}

/**
 * Learns from a graded answer of the chosen model; `score` 0 … 1. A watch that raises its alarm
 * makes the past of its cell, or of its model in all tasks, small and lower by what was seen since
 * the fall began, so that the next best model is asked at once and the fallen one can come back.
 * Throws RangeError for a score outside 0 … 1 or an unknown task or model.
 */
export function learnOutcome(
  state: OnlineState,
  outcome: { readonly task: number; readonly model: number; readonly score: number },
  options: OnlineOptions,
): OnlineState {
  const { task, model, score } = outcome;
  const cell = task * state.models.length + model;
  if (!(score >= 0 && score <= 1)) throw new RangeError(`a score is 0 … 1, not ${score}`);
  if (state.tasks[task] === undefined || state.models[model] === undefined)
    throw new RangeError(`there is no task ${task} with a model ${model}`);
  const expected = expectedRate(state, cell);
  const wide = state.tasks.length * state.models.length + model;
  const learned: OnlineState = {
    ...state,
    right: state.right.with(cell, at(state.right, cell) + score),
    trials: state.trials.with(cell, at(state.trials, cell) + 1),
    watches: state.watches
      .with(cell, watchOutcome(watch(state, cell), score, expected, options.fall))
      .with(wide, watchOutcome(watch(state, wide), score, expected, options.fall)),
    outcomes: state.outcomes + 1,
  };
  const threshold = alarmThreshold(options.calmOutcomes, 1, WATCHES);
  // The cell first: what one task explains is not held against the model in the others.
  if (watch(learned, cell).sum >= threshold) return relearnCell(learned, task, model, options);
  if (watch(learned, wide).sum >= threshold) return relearnModel(learned, model, options);
  return learned;
}

/**
 * What the watch expects: the rate before the present run of bad outcomes, less one standard error,
 * so that a table that was a little too hopeful is no alarm.
 */
function expectedRate(state: OnlineState, cell: number): number {
  const run = watch(state, cell);
  const trials = Math.max(0, at(state.trials, cell) - run.trials) + 2 * HALF;
  const right = Math.max(0, at(state.right, cell) - run.right) + HALF;
  const rate = Math.min(1, right / trials);
  return Math.max(0, rate - Math.sqrt((rate * (1 - rate)) / (trials + 1)));
}

function relearnCell(
  state: OnlineState,
  task: number,
  model: number,
  options: OnlineOptions,
): OnlineState {
  const cell = task * state.models.length + model;
  const run = watch(state, cell);
  const past = shrink(state, cell, options.keptTrials);
  return {
    ...state,
    right: state.right.with(cell, past.right * ratioOf(run) + run.right),
    trials: state.trials.with(cell, past.trials + run.trials),
    watches: state.watches
      .with(cell, CALM)
      .with(state.tasks.length * state.models.length + model, CALM),
    alarms: withAlarm(state, state.tasks[task] ?? '', model, run),
  };
}

/** Every cell of the model keeps its place among the tasks, at the share that the fall left. */
function relearnModel(state: OnlineState, model: number, options: OnlineOptions): OnlineState {
  const size = state.models.length;
  const run = watch(state, state.tasks.length * size + model);
  const ratio = ratioOf(run);
  const right = [...state.right];
  const trials = [...state.trials];
  const watches = [...state.watches];
  for (let task = 0; task <= state.tasks.length; task += 1) {
    const cell = task * size + model;
    if (task < state.tasks.length) {
      const since = watch(state, cell);
      const past = shrink(state, cell, options.keptTrials);
      right[cell] = past.right * ratio + since.right;
      trials[cell] = past.trials + since.trials;
    }
    watches[cell] = CALM;
  }
  return { ...state, right, trials, watches, alarms: withAlarm(state, '*', model, run) };
}

/** The cell without its present run, worth at most `kept` rows. */
function shrink(state: OnlineState, cell: number, kept: number) {
  const run = watch(state, cell);
  const trials = Math.max(0, at(state.trials, cell) - run.trials);
  const right = Math.max(0, at(state.right, cell) - run.right);
  const scale = trials > kept ? kept / trials : 1;
  return { right: right * scale, trials: trials * scale };
}

/** What is left of the expected rate, with one row that is as expected. */
function ratioOf({ right, expected, trials }: CusumState): number {
  const usual = trials === 0 ? 1 : expected / trials;
  return Math.min(1, (right + usual) / (expected + usual));
}

/** The alarms with a new one in place of an older one about the same. */
function withAlarm(state: OnlineState, task: string, model: number, run: CusumState): Alarm[] {
  const alarm = {
    task,
    model: state.models[model] ?? '',
    outcome: state.outcomes,
    trials: run.trials,
    expected: run.expected / Math.max(1, run.trials),
    seen: run.right / Math.max(1, run.trials),
  };
  const others = state.alarms.filter((one) => one.task !== task || one.model !== alarm.model);
  return [...others, alarm];
}

/**
 * The most recent alarm about a model in a task. Where there is one, what was certified of the model
 * is not in force until it is certified anew.
 */
export function alarmFor(state: OnlineState, task: string, model: string): Alarm | undefined {
  return state.alarms.findLast(
    (one) => one.model === model && (one.task === task || one.task === '*'),
  );
}

function watch(state: OnlineState, index: number): CusumState {
  return state.watches[index] ?? CALM;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

function largest(entries: readonly number[], worth: (entry: number) => number) {
  let best: number | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const entry of entries) {
    const value = worth(entry);
    if (value <= most) continue;
    best = entry;
    most = value;
  }
  return best;
}
