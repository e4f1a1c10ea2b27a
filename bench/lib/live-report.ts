import { bootstrapMean, mean } from '../../src/base/statistics.ts';

interface Cost {
  readonly score: number;
  /** CPU seconds, with what the model had kept of earlier prompts. */
  readonly seconds: number;
  /** The same with every prompt read from its first token. */
  readonly secondsAnew: number;
}

/** What one row gave and cost: the single models by spoke, and the farm. */
export interface LiveResult {
  readonly id: string;
  readonly slice: string;
  readonly alone: Readonly<Record<string, Cost>>;
  readonly farm: Cost & {
    /** Of these, CPU seconds of gate, checks, micro-models and embedder. */
    readonly houseSeconds: number;
    /** The chosen spoke and those asked after it. */
    readonly asked: readonly string[];
    readonly task: string;
    readonly abstained: boolean;
  };
}

export interface LiveFigures {
  readonly rows: number;
  readonly quality: Readonly<Record<string, number>>;
  readonly seconds: Readonly<Record<string, number>>;
  /** Farm minus reference, paired, 95 % interval. */
  readonly gain: { readonly value: number; readonly low: number; readonly high: number };
  /** Farm's seconds as a share of the reference's: as measured, and with every prompt read anew. */
  readonly secondsShare: number;
  readonly secondsAnewShare: number;
  readonly chosen: Readonly<Record<string, number>>;
  readonly tasks: Readonly<Record<string, number>>;
  readonly escalated: number;
  readonly abstained: number;
}

/** The single model that the farm is held against. */
export const REFERENCE = 'general';

/** Figures of a slice or of all rows. */
export function figuresOf(results: readonly LiveResult[], seed: number): LiveFigures {
  const singles = Object.keys(results[0]?.alone ?? {});
  const scores = (one: string) => results.map((row) => row.alone[one]?.score ?? 0);
  const seconds = (one: string) => total(results.map((row) => row.alone[one]?.seconds ?? 0));
  const farmSeconds = total(results.map(({ farm }) => farm.seconds));
  const anew = {
    farm: total(results.map(({ farm }) => farm.secondsAnew)),
    reference: total(results.map((row) => row.alone[REFERENCE]?.secondsAnew ?? 0)),
  };
  const gain = bootstrapMean(
    results.map((row) => row.farm.score - (row.alone[REFERENCE]?.score ?? 0)),
    { seed, rounds: 10_000 },
  );
  return {
    rows: results.length,
    quality: {
      ...Object.fromEntries(singles.map((one) => [one, rounded(mean(scores(one)))])),
      farm: rounded(mean(results.map((row) => row.farm.score))),
    },
    seconds: {
      ...Object.fromEntries(singles.map((one) => [one, rounded(seconds(one), 1)])),
      farm: rounded(farmSeconds, 1),
      farmWithoutModels: rounded(total(results.map(({ farm }) => farm.houseSeconds)), 1),
    },
    gain: { value: rounded(gain.value), low: rounded(gain.low), high: rounded(gain.high) },
    secondsShare: rounded(farmSeconds / Math.max(1e-9, seconds(REFERENCE))),
    secondsAnewShare: rounded(anew.farm / Math.max(1e-9, anew.reference)),
    chosen: counts(results.map(({ farm }) => farm.asked[0] ?? 'none')),
    tasks: counts(results.map(({ farm }) => farm.task)),
    escalated: results.filter(({ farm }) => farm.asked.length > 1).length,
    abstained: results.filter(({ farm }) => farm.abstained).length,
  };
}

/**
 * What nobody can beat with these answers: per row the best score at the least seconds, and the least
 * seconds that give what the reference gives or more. The answers are the single models' and the farm's.
 */
function oracleOf(results: readonly LiveResult[]) {
  const best: Cost[] = [];
  const asGood: Cost[] = [];
  for (const { alone, farm } of results) {
    const cheapestFirst = [...Object.values(alone), farm].toSorted((a, b) => a.seconds - b.seconds);
    const most = Math.max(...cheapestFirst.map((one) => one.score));
    const least = alone[REFERENCE]?.score ?? 0;
    best.push(...cheapestFirst.filter((one) => one.score === most).slice(0, 1));
    asGood.push(...cheapestFirst.filter((one) => one.score >= least).slice(0, 1));
  }
  const reference = total(results.map((row) => row.alone[REFERENCE]?.seconds ?? 0));
  const figures = (costs: readonly Cost[]) => ({
    quality: rounded(mean(costs.map((one) => one.score))),
    secondsShare: rounded(total(costs.map((one) => one.seconds)) / Math.max(1e-9, reference)),
  });
  return { best: figures(best), asGoodAsReference: figures(asGood) };
}

/** Prints the table and returns what goes into the RESULT line. */
export function reportLive(results: readonly LiveResult[], seed: number) {
  const slices = [...new Set(results.map((row) => row.slice))].sort();
  const bySlice = Object.fromEntries(
    slices.map((slice) => [
      slice,
      figuresOf(
        results.filter((row) => row.slice === slice),
        seed,
      ),
    ]),
  );
  const all = figuresOf(results, seed);
  const names = Object.keys(all.quality);
  print(
    `| slice | rows | ${names.join(' | ')} | farm − ${REFERENCE} (95 %) | ${names.map((name) => `${name} s`).join(' | ')} | share (read anew) | chosen |`,
  );
  print(`|${'---|'.repeat(2 * names.length + 5)}`);
  for (const [slice, one] of [...Object.entries(bySlice), ['all', all] as const])
    print(
      `| ${slice} | ${one.rows} | ${names.map((name) => (one.quality[name] ?? 0).toFixed(3)).join(' | ')} | ${signed(one.gain.value)} (${signed(one.gain.low)} … ${signed(one.gain.high)}) | ${names.map((name) => (one.seconds[name] ?? 0).toFixed(1)).join(' | ')} | ${(100 * one.secondsShare).toFixed(0)} % (${(100 * one.secondsAnewShare).toFixed(0)} %) | ${listed(one.chosen)}${one.escalated > 0 ? `; ${one.escalated} escalated` : ''}${one.abstained > 0 ? `; ${one.abstained} abstained` : ''} |`,
    );
  const below = slices.filter(
    (slice) => (bySlice[slice]?.quality['farm'] ?? 0) < (bySlice[slice]?.quality[REFERENCE] ?? 0),
  );
  const oracle = {
    all: oracleOf(results),
    bySlice: Object.fromEntries(
      slices.map((slice) => [slice, oracleOf(results.filter((row) => row.slice === slice))]),
    ),
  };
  return { all, bySlice, oracle, slicesBelowReference: below };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function listed(found: Readonly<Record<string, number>>): string {
  return Object.entries(found)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function counts(names: readonly string[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries([...found].sort((left, right) => right[1] - left[1]));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
