import type { LabelledText } from '../base/ngram-classifier.ts';
import {
  LABEL_SOURCES,
  type LabelSource,
  type LabelVote,
  type TrafficText,
} from '../core/labelling.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf, rowKey } from './curated-rows.ts';
import { splitRows } from './data-split.ts';
import { nearTexts } from './near-rows.ts';

/** Requests of the same words, and the label that the most trusted source gives them. */
export interface PooledText {
  readonly id: string;
  readonly at: number;
  readonly text: string;
  readonly votes: readonly LabelVote[];
  /** Undefined = nobody says one, or sources of one rank disagree. */
  readonly chosen?: { readonly label: string; readonly source: LabelSource };
  /** Its sources name more than one label. */
  readonly isDisputed: boolean;
  /** What a candidate says otherwise than the version that serves. */
  readonly differs?: string;
}

export interface TrafficRows {
  readonly train: readonly LabelledText[];
  /** Later than the taught rows and near none of them; absent where they would be too few. */
  readonly test?: readonly LabelledText[];
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
  /** Taught and tested rows by who said the label. */
  readonly sources: Readonly<Partial<Record<LabelSource, number>>>;
}

const TEST_SHARE = 0.2;
/** A test part of fewer rows shows less than what is held out in folds. */
const TEST_LEAST = 100;
const SAMPLES = 5;

/** Texts without personal data, each once, oldest first. `redact` takes personal data out. */
export function poolTexts(
  texts: readonly TrafficText[],
  redact: (text: string) => string,
): PooledText[] {
  const pools = new Map<string, TrafficText[]>();
  for (const one of texts.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))) {
    const text = redact(one.text);
    const key = rowKey(text);
    const pool = pools.get(key);
    if (pool === undefined) pools.set(key, [{ ...one, text }]);
    else pool.push({ ...one, text });
  }
  return [...pools.values()].flatMap((pool) => {
    const last = pool.at(-1);
    return last === undefined ? [] : [pooled(last, pool)];
  });
}

function pooled(last: TrafficText, pool: readonly TrafficText[]): PooledText {
  const denied = new Set(pool.flatMap((one) => one.denied));
  const votes = pool
    .flatMap((one) => one.votes)
    .filter((vote) => vote.source === 'human' || !denied.has(vote.label));
  const chosen = chooseLabel(votes);
  const differs = pool.findLast((one) => one.differs !== undefined);
  return {
    // Both answers are known of that one.
    id: (differs ?? last).id,
    at: (differs ?? last).at,
    ...(differs?.differs === undefined ? {} : { differs: differs.differs }),
    text: last.text,
    votes,
    ...(chosen === undefined ? {} : { chosen }),
    isDisputed: new Set(votes.map((vote) => vote.label)).size > 1,
  };
}

/** What the most trusted source says: most often, of people what was said last. */
function chooseLabel(votes: readonly LabelVote[]): PooledText['chosen'] {
  const source = LABEL_SOURCES.find((one) => votes.some((vote) => vote.source === one));
  if (source === undefined) return undefined;
  const own = votes.filter((vote) => vote.source === source);
  if (source === 'human') {
    const label = own.toSorted((a, b) => a.at - b.at).at(-1)?.label;
    return label === undefined ? undefined : { label, source };
  }
  const counts = new Map<string, number>();
  for (const { label } of own) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first, second] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return first === undefined || first[1] === second?.[1] ? undefined : { label: first[0], source };
}

/**
 * Rows to teach and to measure on: near-duplicates once, with the label of the better source; the
 * latest ones, near no other row, are the test part.
 */
export function rowsOfTraffic(pools: readonly PooledText[]): TrafficRows {
  const chosen = pools.flatMap((pool) => (pool.chosen ? [{ ...pool, chosen: pool.chosen }] : []));
  const undecided = pools.filter((pool) => pool.chosen === undefined && pool.isDisputed);
  const { kept, repeated, outvoted } = withoutNear(chosen);
  const sides = splitRows({
    ...nearTexts(kept.map(labelled)),
    share: TEST_SHARE,
    seed: 1,
    by: 'time',
    times: Float64Array.from(kept, (one) => one.at),
  }).sides;
  const isTested = sides.filter((side) => side === 1).length >= TEST_LEAST;
  const rows = (side: number) => kept.filter((_, at) => sides[at] === side).map(labelled);
  const near = isTested ? kept.filter((_, at) => sides[at] === 2) : [];
  const sources: Partial<Record<LabelSource, number>> = {};
  for (const { chosen: one } of kept) sources[one.source] = (sources[one.source] ?? 0) + 1;
  const unjudged = sources.answer ?? 0;
  return {
    train: isTested ? rows(0) : kept.map(labelled),
    ...(isTested ? { test: rows(1) } : {}),
    leftOut: [
      leftOut('their sources disagree; a person may say', undecided),
      leftOut('nearly repeated', repeated),
      leftOut('near a text to which a better source gives another label', outvoted),
      leftOut('near rows on both sides of the time at which the test part begins', near),
    ].filter((one) => one.count > 0),
    warnings:
      unjudged === 0
        ? []
        : [
            `${unjudged} of ${kept.length} labels are answers that nobody judged: what is measured is how well it copies them`,
          ],
    sources,
  };
}

type Chosen = PooledText & Required<Pick<PooledText, 'chosen'>>;

function withoutNear(rows: readonly Chosen[]) {
  const { near } = nearTexts(rows.map(labelled));
  const rankOf = (row: number) => LABEL_SOURCES.indexOf(rows[row]?.chosen.source ?? 'answer');
  const losers = new Set<number>();
  for (const { row, other } of near.conflicts)
    if (rankOf(row) !== rankOf(other)) losers.add(rankOf(row) < rankOf(other) ? other : row);
  const best = new Map<number, number>();
  rows.forEach((_, row) => {
    const leader = near.leaders[row] ?? row;
    if (losers.has(row)) return;
    const before = best.get(leader);
    if (before === undefined || rankOf(row) < rankOf(before)) best.set(leader, row);
  });
  const places = new Set(best.values());
  return {
    kept: rows.filter((_, row) => places.has(row)),
    repeated: rows.filter((_, row) => !places.has(row) && !losers.has(row)),
    outvoted: rows.filter((_, row) => losers.has(row)),
  };
}

function labelled({ text, chosen: { label } }: Chosen): LabelledText {
  return { text, label };
}

function leftOut(reason: string, rows: readonly PooledText[]): LeftOut {
  return {
    reason,
    count: rows.length,
    samples: rows.slice(0, SAMPLES).map((one) => lineOf(one.text)),
  };
}
