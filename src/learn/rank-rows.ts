import { shuffledIndices } from '../base/random.ts';
import { CadreError } from '../core/errors.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf, rowKey } from './curated-rows.ts';
import { type GradedPair, pairsOf, readRankObjects } from './rank-pairs.ts';

/** A query with its passages and how relevant each is. */
export interface RankRow {
  readonly query: string;
  readonly passages: readonly GradedPassage[];
}

export interface GradedPassage {
  readonly text: string;
  /** 0 = not relevant; what is above is more relevant the higher. */
  readonly grade: number;
}

export interface RankRows {
  readonly rows: readonly RankRow[];
  /** Pairs of a query and a passage in them. */
  readonly pairs: number;
  readonly leftOut: readonly LeftOut[];
}

/** More take hours to embed and change the third decimal. */
const PAIRS_MOST = 50_000;
/** As many documents as one request may have. */
const PASSAGES_MOST = 1000;
const LEAST_QUERIES = 4;
const SAMPLES = 5;
const SHAPES =
  '{"query": "…", "passage": "…", "relevant": 1} with a row for each passage, or {"query": "…", "positive": "…", "negatives": ["…", "…"]}';

type Leave = (reason: string, sample: string) => void;

/**
 * Rows of a table, JSON lines or one JSON list: `{query, passage, relevant}` (0 or 1, or a grade) or
 * `{query, positive, negatives: […]}`. A pair that is graded both ways, a query that has no relevant
 * passage or no other, and what follows the first 50,000 pairs are left out and told. Throws
 * `invalid_request` that tells what the file has instead.
 */
export function readRankRows(name: string, text: string): RankRows {
  const left = new Map<string, string[]>();
  const leave: Leave = (reason, sample) => {
    const samples = left.get(reason);
    if (samples === undefined) left.set(reason, [sample]);
    else samples.push(sample);
  };
  const { objects, fields } = readRankObjects(name, text);
  const read: GradedPair[] = [];
  let shaped = 0;
  for (const { line, value, problem: broken } of objects) {
    if (broken !== undefined) {
      leave(broken, `row ${line}`);
      continue;
    }
    const found = pairsOf(value);
    if (found.isShaped) shaped += 1;
    for (const problem of found.problems) leave(problem, `row ${line}`);
    read.push(...found.pairs);
  }
  if (shaped === 0)
    throw invalid(
      name,
      `has no row with a query and passages: its fields are ${fields.map((one) => `“${one.slice(0, 40)}”`).join(', ') || 'none'}; write ${SHAPES}`,
    );
  const grouped = groupsOf(read, leave).filter((row) => isTelling(row, leave));
  const rows = firstOf(grouped, leave);
  const leftOut = [...left].map(([reason, samples]) => ({
    reason,
    count: samples.length,
    samples: samples.slice(0, SAMPLES),
  }));
  if (rows.length < LEAST_QUERIES) {
    const why = leftOut.map((one) => `${one.count} left out: ${one.reason} (${one.samples[0]})`);
    throw invalid(
      name,
      `holds ${rows.length} queries with a relevant passage and another one; at least ${LEAST_QUERIES} are needed: ${SHAPES}${why.length > 0 ? `; ${why.join('; ')}` : ''}`,
    );
  }
  return { rows, pairs: rows.reduce((sum, row) => sum + row.passages.length, 0), leftOut };
}

interface Group {
  readonly query: string;
  /** By key of the passage. */
  readonly passages: Map<string, GradedPassage>;
}

/**
 * Queries in the order of the file, each passage once. Files name the relevant passage first as a rule,
 * and passages with equal scores stay in their order: an order that knows nothing would be measured as a
 * perfect one. So they stand in an order that tells nothing, the same each time.
 */
function groupsOf(pairs: readonly GradedPair[], leave: Leave): RankRow[] {
  const groups = new Map<string, Group>();
  const contradicted = new Map<string, string>();
  for (const { query, passage, grade } of pairs) {
    const key = rowKey(query);
    const group = groups.get(key) ?? { query, passages: new Map<string, GradedPassage>() };
    groups.set(key, group);
    const place = rowKey(passage);
    const known = group.passages.get(place);
    if (known === undefined) group.passages.set(place, { text: passage, grade });
    else if (known.grade === grade) leave('repeated', shown(query, passage));
    else contradicted.set(`${key}\n${place}`, shown(query, passage));
  }
  for (const sample of contradicted.values())
    leave('the same passage with another grade for the same query', sample);
  return [...groups].map(([key, { query, passages }], at) => {
    const kept = [...passages].flatMap(([place, one]) =>
      contradicted.has(`${key}\n${place}`) ? [] : [one],
    );
    const order = shuffledIndices(kept.length, at);
    return { query, passages: [...order].flatMap((place) => kept[place] ?? []) };
  });
}

function isTelling({ query, passages }: RankRow, leave: Leave): boolean {
  const relevant = passages.filter((one) => one.grade > 0).length;
  const isFine = relevant > 0 && relevant < passages.length;
  if (relevant === 0) leave('a query without a relevant passage', lineOf(query));
  else if (!isFine) leave('a query whose passages are all relevant', lineOf(query));
  return isFine;
}

/** What there is room for: whole queries, in the order of the file. */
function firstOf(rows: readonly RankRow[], leave: Leave): RankRow[] {
  let pairs = 0;
  return rows.filter(({ query, passages }) => {
    if (passages.length > PASSAGES_MOST) {
      leave(`a query with more than ${PASSAGES_MOST} passages`, lineOf(query));
      return false;
    }
    pairs += passages.length;
    if (pairs <= PAIRS_MOST) return true;
    leave(`a query after the first ${PAIRS_MOST} pairs`, lineOf(query));
    return false;
  });
}

function shown(query: string, passage: string): string {
  return `${lineOf(query)} · ${lineOf(passage)}`;
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
