import { bootstrapMean, type Interval } from '../base/statistics.ts';

/** What two gates made of the same requests, which neither was fitted on. */
export interface Rivalry {
  readonly rows: number;
  /** Mean score of the new one less that of the incumbent, with its paired 95 % interval. */
  readonly gain: Interval;
  /** Mean cost of the new one ÷ that of the incumbent. */
  readonly costRatio: number;
  readonly isPromoted: boolean;
  readonly words: string;
}

interface Choice {
  readonly score: number;
  readonly cost: number;
}

/** Rows below which two gates cannot be told apart. */
const ROWS_LEAST = 50;
/** A gate that costs this share of the other one costs less. */
const CHEAPER = 0.99;

/**
 * The new gate takes over when it is better, or no worse at a lower cost, by the paired bootstrap.
 */
export function compareGates(
  fresh: readonly Choice[],
  incumbent: readonly Choice[],
  seed: number,
): Rivalry {
  const differences = fresh.map((one, at) => one.score - (incumbent[at]?.score ?? 0));
  const gain = bootstrapMean(differences, { seed });
  const sum = (choices: readonly Choice[]) => choices.reduce((total, one) => total + one.cost, 0);
  const costRatio = sum(incumbent) > 0 ? sum(fresh) / sum(incumbent) : 1;
  const rows = fresh.length;
  const shown = `${signed(gain.value)} [${signed(gain.low)}, ${signed(gain.high)}] quality at ${Math.round(100 * costRatio)} % of its cost on ${rows} rows that neither was fitted on`;
  if (rows < ROWS_LEAST)
    return {
      rows,
      gain,
      costRatio,
      isPromoted: false,
      words: `only ${rows} rows are new to the gate in force and grade what both would choose, too few to compare`,
    };
  const isBetter = gain.low > 0;
  const isCheaper = gain.high >= 0 && costRatio < CHEAPER;
  const isPromoted = isBetter || isCheaper;
  const words = isBetter ? 'better' : isCheaper ? 'no worse and cheaper' : 'not shown to be better';
  return { rows, gain, costRatio, isPromoted, words: `${words}: ${shown}` };
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}
