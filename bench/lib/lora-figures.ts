import { pairedDifference } from '../../src/base/paired-test.ts';
import { bootstrapMean } from '../../src/base/statistics.ts';

/** One answer beside the truth. */
export interface Judged {
  /** Word by word, but for the order of names and white space. */
  readonly exact: boolean;
  /** As `right` of `judge`. */
  readonly right: boolean;
  /** As `right`, and of a value with a number only the number counts: "$410" and "410", "ten" and "10". */
  readonly rightByNumber: boolean;
  /** `name=value` of the answer and of the truth, each loosened as for `right`. */
  readonly given: readonly string[];
  readonly wanted: readonly string[];
  readonly cpuSeconds: number;
}

/** Where a value begins is a matter of taste for them: "the garage" and "garage", "on Friday" and "Friday". */
const LEADING = /^(?:the|a|an|some|on) /;

const NUMBERS = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'
    .split(' ')
    .map((word, value) => [word, value] as const),
);

/**
 * `right`: the same names with the same values, capitals and a leading article or "on" set aside; a
 * text that is no JSON object is compared as a text. Who is shown five examples cannot know which of
 * the two a task wants, so this, not `exact`, is what is compared.
 */
export function judge(text: string, truth: string, cpuSeconds: number): Judged {
  const given = pairsOf(text);
  const wanted = pairsOf(truth);
  if (wanted === undefined) {
    const right = text.trim().toLowerCase() === truth.trim().toLowerCase();
    return {
      exact: text.trim() === truth.trim(),
      right,
      rightByNumber: right,
      given: [],
      wanted: [],
      cpuSeconds,
    };
  }
  const [loose, sought] = [(given ?? []).map(loosened), wanted.map(loosened)];
  return {
    exact: given !== undefined && same(given, wanted),
    right: given !== undefined && same(loose, sought),
    rightByNumber: given !== undefined && same(loose.map(numbered), sought.map(numbered)),
    given: loose,
    wanted: sought,
    cpuSeconds,
  };
}

type Pair = readonly [name: string, value: string];

/** Undefined where it is no JSON object. */
function pairsOf(text: string): readonly Pair[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? flat(value, '') : undefined;
  } catch {
    return undefined;
  }
}

function flat(value: unknown, path: string): readonly Pair[] {
  if (typeof value !== 'object' || value === null) return [[path, String(value).trim()]];
  return Object.entries(value).flatMap(([name, inner]) => flat(inner, `${path}/${name}`));
}

function loosened([name, value]: Pair): string {
  return `${name}=${value.toLowerCase().replace(LEADING, '')}`;
}

function numbered(pair: string): string {
  const value = pair.slice(pair.indexOf('=') + 1);
  const figures = value.replace(/[a-z]+/g, (word) => String(NUMBERS.get(word) ?? word));
  const number = /\d[\d.,]*/.exec(figures)?.[0];
  return `${nameOf(pair)}=${number ?? figures}`;
}

function same(left: readonly unknown[], right: readonly unknown[]): boolean {
  const inOrder = (values: readonly unknown[]) => values.map((one) => String(one)).toSorted();
  return inOrder(left).join('\n') === inOrder(right).join('\n');
}

/**
 * Shares with 95 % bootstrap interval. `pairsF1`: of pairs of name and value, over all of all rows, and
 * of each name; absent where no answer is JSON.
 */
export function figuresOf(judged: readonly Judged[], seed: number) {
  const right = bootstrapMean(
    judged.map((one) => Number(one.right)),
    { seed },
  );
  const mean = (of: (one: Judged) => number) =>
    round(judged.reduce((total, one) => total + of(one), 0) / judged.length);
  const names = new Set(judged.flatMap(({ wanted }) => wanted.map(nameOf)));
  const ofEach = [...names].sort().map((name) => [name.replace(/^\//, ''), f1Of(judged, name)]);
  return {
    right: round(right.value),
    interval: [round(right.low), round(right.high)],
    exact: mean(({ exact }) => Number(exact)),
    byNumber: mean(({ rightByNumber }) => Number(rightByNumber)),
    ...(names.size > 0 && { pairsF1: f1Of(judged), f1OfEach: Object.fromEntries(ofEach) }),
    cpuSecondsPerRow: mean(({ cpuSeconds }) => cpuSeconds),
  };
}

function f1Of(judged: readonly Judged[], name?: string): number {
  let both = 0;
  let all = 0;
  for (const { given, wanted } of judged) {
    const [mine, theirs] = [given, wanted].map((pairs) =>
      pairs.filter((pair) => name === undefined || nameOf(pair) === name),
    ) as [string[], string[]];
    both += theirs.filter((pair) => mine.includes(pair)).length;
    all += mine.length + theirs.length;
  }
  return round((2 * both) / all);
}

function nameOf(pair: string): string {
  return pair.slice(0, pair.indexOf('='));
}

/** How much more often the first is right on the same rows, and its CPU seconds ÷ the other's. */
export function besides(first: readonly Judged[], second: readonly Judged[], seed: number) {
  const differenceOf = (isRight: (one: Judged) => boolean) => {
    const only = (one: readonly Judged[], other: readonly (Judged | undefined)[]) =>
      one.filter((own, index) => {
        const beside = other[index];
        return beside !== undefined && isRight(own) && !isRight(beside);
      }).length;
    const counts = { onlyFirst: only(first, second), onlySecond: only(second, first) };
    const { value, low, high } = pairedDifference({ rows: first.length, ...counts }, { seed });
    return { value: round(value), interval: [round(low), round(high)] };
  };
  const seconds = (judged: readonly Judged[]) =>
    judged.reduce((total, one) => total + one.cpuSeconds, 0);
  return {
    difference: differenceOf(({ right }) => right),
    differenceByNumber: differenceOf(({ rightByNumber }) => rightByNumber),
    shareOfCpu: round(seconds(first) / seconds(second)),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
