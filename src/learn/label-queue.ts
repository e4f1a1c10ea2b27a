import { classifyText, type MicroModelParts } from '../base/micro-model.ts';
import { NearIndex } from '../base/near-index.ts';
import { type RankedLabel, rankLabels, trainNgramClassifier } from '../base/ngram-classifier.ts';
import { plainWords } from '../base/shingles.ts';
import type { LabelChoice, QueueRow } from '../core/labelling.ts';
import type { PooledText } from './traffic-rows.ts';

interface QueueInput {
  readonly pools: readonly PooledText[];
  /** Those that are known, sorted. */
  readonly labels: readonly string[];
  readonly limit: number;
  readonly seed: number;
  /** The specialist that serves. */
  readonly model?: MicroModelParts;
  /** Vectors of its embedder. */
  readonly embed?: (texts: readonly string[]) => Promise<readonly Float32Array[]>;
}

interface Rated {
  readonly pool: PooledText;
  readonly ranked: readonly RankedLabel[];
  readonly worth: number;
  readonly reason: string;
}

/** Keys 1 … 9 choose one. */
export const CHOICES_MOST = 9;
/** Rows whose guess is made again with vectors: the embedder takes some milliseconds for each. */
const EMBEDDED_MOST = 300;
const FOLDS = 3;
/** With fewer labelled rows a model says nothing. */
const MODEL_ROWS = 20;
/** Overlap from which a text tells a person little that the one before did not. */
const ALIKE = 0.5;
/** What each row between the same two labels takes from the worth of the next one. */
const SAME_PAIR = 0.25;
const TEXT_SHOWN = 2000;

/**
 * The rows whose label would teach most: those on which sources disagree, those that the model finds
 * hard (margin of the two most probable labels; Scheffer, Decomain, Wrobel, 2001) or labels otherwise
 * than they do. Of texts that are alike, or like one that a person labelled, one; and not all between
 * the same two labels.
 */
export async function queueRows(input: QueueInput): Promise<QueueRow[]> {
  const guesses = guessAll(input);
  const rated = input.pools
    .map((pool, at) => rate(pool, guesses[at] ?? []))
    .filter(({ pool }) => !isGiven(pool))
    .toSorted(byWorth);
  const fit = await withVectors(input, rated);
  const rows = spread(
    fit,
    input.pools.filter(isGiven).map((pool) => pool.text),
    input.limit,
  );
  return rows.map(({ pool, ranked, reason }) => ({
    row: pool.id,
    at: pool.at,
    text: pool.text.slice(0, TEXT_SHOWN),
    choices: choicesOf(pool, ranked, input.labels),
    reason,
  }));
}

export function isGiven({ votes }: PooledText): boolean {
  return votes.some((vote) => vote.source === 'human');
}

function byWorth(one: Rated, other: Rated): number {
  return other.worth - one.worth || (one.pool.id < other.pool.id ? -1 : 1);
}

/** A label of such a row tells at once which of two versions is right. */
const DIFFERS_WORTH = 3;

/**
 * 0 … 6: whether a candidate and the live version disagree, what the sources leave open, how the model
 * contradicts them, how unsure it is.
 */
function rate(pool: PooledText, ranked: readonly RankedLabel[]): Rated {
  const [first, second] = ranked;
  const margin = first === undefined ? 1 : first.probability - (second?.probability ?? 0);
  const contradicts =
    first !== undefined && pool.chosen !== undefined && first.label !== pool.chosen.label;
  const differs = pool.differs === undefined ? 0 : DIFFERS_WORTH;
  const worth =
    differs + (pool.isDisputed ? 1 : 0) + (contradicts ? first.probability : 0) + (1 - margin);
  return { pool, ranked, worth, reason: reasonOf(pool, contradicts, margin) };
}

function reasonOf(pool: PooledText, contradicts: boolean, margin: number): string {
  if (pool.differs !== undefined) return 'a candidate answers otherwise than the live version';
  if (pool.isDisputed) return 'its sources disagree';
  if (contradicts) return 'the model says otherwise than its source';
  if (margin < 0.5) return 'two labels are nearly as probable';
  return pool.chosen === undefined ? 'nobody says a label' : 'nobody has confirmed it';
}

function guessAll({ pools, model, seed }: QueueInput): (readonly RankedLabel[])[] {
  if (model !== undefined) return pools.map(({ text }) => guess(model, text));
  return guessOutOfFold(pools, seed);
}

function guess(model: MicroModelParts, text: string, vector?: Float32Array): RankedLabel[] {
  return rankLabels(model.labels, classifyText(model, text, vector).probabilities);
}

/** Of each row by a model of n-grams that was trained without it. */
function guessOutOfFold(pools: readonly PooledText[], seed: number): RankedLabel[][] {
  const labelled = pools.flatMap(({ text, chosen }, at) =>
    chosen === undefined ? [] : [{ text, label: chosen.label, at }],
  );
  if (labelled.length < MODEL_ROWS) return [];
  const guesses: RankedLabel[][] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const taught = labelled.filter(({ at }) => at % FOLDS !== fold);
    if (new Set(taught.map((one) => one.label)).size < 2) return [];
    const model = trainNgramClassifier(taught, { seed });
    pools.forEach(({ text }, at) => {
      if (at % FOLDS === fold) guesses[at] = model.predict(text);
    });
  }
  return guesses;
}

/** The worthiest again as the specialist answers, with vectors; the others stand behind them. */
async function withVectors(
  { model, embed }: QueueInput,
  rated: readonly Rated[],
): Promise<readonly Rated[]> {
  if (model?.embedding === undefined || embed === undefined) return rated;
  const first = rated.slice(0, EMBEDDED_MOST);
  const vectors = await embed(first.map(({ pool }) => pool.text));
  const fit = first.map(({ pool }, at) => rate(pool, guess(model, pool.text, vectors[at])));
  return [...fit.toSorted(byWorth), ...rated.slice(EMBEDDED_MOST)];
}

/** Greedily, the worthiest that is not like one before it. */
function spread(rated: readonly Rated[], given: readonly string[], limit: number): Rated[] {
  const texts: string[] = [];
  const index = new NearIndex(given.length + rated.length, ALIKE, (row) => texts[row] ?? '');
  const add = (text: string) => {
    texts.push(text);
    index.add(texts.length - 1, plainWords(text), (found) => found);
  };
  given.forEach(add);
  const pairs = new Map<string, number>();
  const left = [...rated];
  const chosen: Rated[] = [];
  while (chosen.length < limit && left.length > 0) {
    const best = left.splice(bestOf(left, pairs), 1)[0];
    if (best === undefined) break;
    if (index.find(plainWords(best.pool.text)).length > 0) continue;
    add(best.pool.text);
    pairs.set(pairOf(best), (pairs.get(pairOf(best)) ?? 0) + 1);
    chosen.push(best);
  }
  return chosen;
}

function bestOf(rated: readonly Rated[], pairs: ReadonlyMap<string, number>): number {
  let [best, most] = [0, -1];
  for (const [at, one] of rated.entries()) {
    // They are sorted by what they are worth alone.
    if (one.worth <= most) break;
    const worth = one.worth / (1 + SAME_PAIR * (pairs.get(pairOf(one)) ?? 0));
    if (worth > most) [best, most] = [at, worth];
  }
  return best;
}

/** The two labels between which it stands. */
function pairOf({ ranked, pool }: Rated): string {
  const names = ranked.length > 0 ? ranked : pool.votes;
  return JSON.stringify(
    names
      .slice(0, 2)
      .map((one) => one.label)
      .toSorted(),
  );
}

/** All labels in one order where each has a key, so that the keys stay; else those that are proposed. */
function choicesOf(
  { votes, differs }: PooledText,
  ranked: readonly RankedLabel[],
  labels: readonly string[],
): LabelChoice[] {
  const said = [...votes.map((vote) => vote.label), ...(differs === undefined ? [] : [differs])];
  const proposed = [...new Set([...said, ...ranked.map((one) => one.label), ...labels])];
  const isShort = proposed.length <= CHOICES_MOST;
  const shown = isShort ? proposed.toSorted() : proposed.slice(0, CHOICES_MOST);
  return shown.map((label) => ({
    label,
    probability: ranked.find((one) => one.label === label)?.probability ?? null,
    sources: [...new Set(votes.filter((vote) => vote.label === label).map((vote) => vote.source))],
  }));
}
