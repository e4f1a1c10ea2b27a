/** A model that joined without a new fit. */
export interface Newcomer {
  readonly id: string;
  /** Graded requests that it is known by. */
  readonly rows: number;
  /** How much more it gets than the fitted models on a request of any kind. */
  readonly mean: number;
  /** What it has of each fitted model's lead over their mean: where its look-alikes are good it is. */
  readonly likeness: Float64Array;
  /** What it gets more in each task beside all this. */
  readonly table: Float64Array;
}

/** Where in the text a newcomer is asked about. */
interface Place {
  /** Of each task. */
  readonly posterior: Float64Array;
  /** Place of the named task, −1 = read out of the text. */
  readonly task: number;
  /** 0 = of a kind that was never graded: there a newcomer has nothing of its own but its mean. */
  readonly known: number;
}

/** What a newcomer gets, by what the fitted models are expected to. */
export function newcomerValue(one: Newcomer, fitted: Float64Array, place: Place): number {
  const level = meanOf(fitted);
  const { posterior, task, known } = place;
  let value = level + one.mean;
  one.likeness.forEach((share, at) => {
    value += share * ((fitted[at] as number) - level);
  });
  const own = task >= 0 ? (one.table[task] ?? 0) : expectedOver(posterior, one.table);
  return value + known * own;
}

function expectedOver(posterior: Float64Array, table: Float64Array): number {
  return table.reduce((sum, value, task) => sum + (posterior[task] ?? 0) * value, 0);
}

/** Advantage that a newcomer must have, or be left for: an even match is no reason to change. */
const MARGIN = 0.01;
/** Doubt above which the choice is between newcomers and the usual one alone: twice the share of new kinds that is expected. */
const DOUBT_MOST = 0.2;

/**
 * The choice among all models where the fitted ones alone would choose `usual`. Their guard is about
 * leaving the best of them and knows nothing of newcomers, whose estimates need none so strict: they
 * are pulled to the fitted models' already, as far as their rows leave room for chance.
 */
export function chooseWithNewcomers(
  values: Float64Array,
  parts: {
    readonly fittedCount: number;
    readonly usual: number;
    /** Place of the best single model of all. */
    readonly best: number;
    readonly doubt: number;
  },
): number {
  const { fittedCount, usual, best, doubt } = parts;
  const isNew = best >= fittedCount;
  const home = isNew ? best : usual;
  const isOpen = isNew && doubt <= DOUBT_MOST;
  let chosen = home;
  let highest = (values[home] as number) + MARGIN;
  for (let model = 0; model < values.length; model += 1) {
    const mayServe = isOpen || model === usual || model >= fittedCount;
    if (!mayServe || model === home || (values[model] as number) <= highest) continue;
    chosen = model;
    highest = values[model] as number;
  }
  return chosen;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
