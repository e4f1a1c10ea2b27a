// How well does the support check tell supported sentences from unsupported ones, by words alone
// and with embeddings? Development sets only. CADRE_DATA=… [CADRE_MODELS=…] cadre bench support
// With --fit it prints the constants of src/verify/support-weights.ts.
import { indexEvidence } from '../src/verify/evidence-index.ts';
import { readSupport, SUPPORT_FEATURES } from '../src/verify/support-features.ts';
import { supportProbability } from '../src/verify/support-weights.ts';
import {
  areaOf,
  balancedAccuracy,
  bestThreshold,
  type ScoredRow,
  withInterval,
} from './lib/binary-measures.ts';
import { benchEmbedder } from './lib/embedder.ts';
import { fitLogistic, logisticScore } from './lib/logistic.ts';
import { printResult } from './lib/result.ts';
import { readSupportRows, type SupportRow } from './lib/support-data.ts';

const SEED = 20261123;
const FOLDS = 5;
const PENALTY = 2;
/** As in the product: evidence sentences per claim that are embedded. */
const MOST_EMBEDDED = 24;
const BATCH = 64;
/** Features that need no embedder come first. */
const WORD_FEATURES = SUPPORT_FEATURES.indexOf('cosine');

const rows = readSupportRows();
const sets = [...new Set(rows.map((row) => row.set))];

/** Cosines of each row's claim with its nearest evidence by words; undefined without an embedder. */
async function readCosines(): Promise<readonly (readonly number[])[] | undefined> {
  const embedder = benchEmbedder(2);
  if (!embedder) return undefined;
  const signal = new AbortController().signal;
  const chosen = rows.map(nearestByWords);
  const texts = new Set<string>();
  for (const [at, row] of rows.entries()) {
    texts.add(row.claim);
    for (const index of chosen[at] ?? []) texts.add(row.evidence[index] ?? '');
  }
  // Similar lengths share a batch: padding is what an embedder loses most time on.
  const list = [...texts].sort((a, b) => a.length - b.length);
  const vectors = new Map<string, Float32Array>();
  for (let start = 0; start < list.length; start += BATCH) {
    const batch = list.slice(start, start + BATCH);
    const embedded = await embedder.doEmbed(batch, 'passage', { signal });
    for (const [at, text] of batch.entries())
      vectors.set(text, embedded[at] ?? new Float32Array(0));
  }
  await embedder.doClose();
  return rows.map((row, at) => {
    const cosines = new Array<number>(row.evidence.length).fill(0);
    const claim = vectors.get(row.claim) ?? new Float32Array(0);
    for (const index of chosen[at] ?? [])
      cosines[index] = dot(claim, vectors.get(row.evidence[index] ?? ''));
    return cosines;
  });
}

function nearestByWords(row: SupportRow): readonly number[] {
  const indices = [...row.evidence.keys()];
  if (indices.length <= MOST_EMBEDDED) return indices;
  const { terms } = indexEvidence([row.claim]);
  const shared = indexEvidence(row.evidence).sentences.map(
    (one) => [...terms].filter((term) => one.terms.has(term)).length,
  );
  return indices
    .sort((a, b) => (shared[b] ?? 0) - (shared[a] ?? 0) || a - b)
    .slice(0, MOST_EMBEDDED);
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  return a.reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);
}

/** Rows of one document stay in one fold. */
const groups = new Map<string, number>();
const folds = rows.map((row) => {
  const key = row.evidence.join(' ').slice(0, 400);
  const fold = groups.get(key) ?? groups.size % FOLDS;
  groups.set(key, fold);
  return fold;
});

/** Each set and each answer weighs the same. */
function weightsOf(part: readonly number[]): readonly number[] {
  const keyOf = (at: number) => `${rows[at]?.set}/${rows[at]?.supported}`;
  const counts = new Map<string, number>();
  for (const at of part) counts.set(keyOf(at), (counts.get(keyOf(at)) ?? 0) + 1);
  return part.map((at) => 250 / (counts.get(keyOf(at)) ?? 1));
}

function fitOn(part: readonly number[], features: readonly (readonly number[])[]) {
  return fitLogistic(
    {
      rows: part.map((at) => features[at] ?? []),
      labels: part.map((at) => rows[at]?.supported === true),
      weights: weightsOf(part),
    },
    PENALTY,
  );
}

interface Placed extends ScoredRow {
  readonly set: string;
  readonly fold: number;
}

function placed(scores: readonly number[]): readonly Placed[] {
  return rows.map((row, at) => ({
    set: row.set,
    label: row.supported,
    score: scores[at] ?? 0,
    fold: folds[at] ?? 0,
  }));
}

/** Scores of rows by a model that saw no row of their documents. */
function outOfFold(features: readonly (readonly number[])[], sameSet: boolean): readonly number[] {
  const scores = new Array<number>(rows.length).fill(0);
  for (const set of sameSet ? sets : ['all'])
    for (let fold = 0; fold < FOLDS; fold += 1) {
      const isMember = (at: number) => set === 'all' || rows[at]?.set === set;
      const members = [...rows.keys()].filter(isMember);
      const model = fitOn(
        members.filter((at) => folds[at] !== fold),
        features,
      );
      for (const at of members.filter((one) => folds[one] === fold))
        scores[at] = logisticScore(model, features[at] ?? []);
    }
  return scores;
}

/** Balanced accuracy with the threshold chosen on the other folds of the same set. */
function accuracyByFold(part: readonly Placed[]): number {
  const shifted = part.map((row) => {
    const others = part.filter((one) => one.fold !== row.fold);
    return { ...row, others };
  });
  const thresholds = new Map<number, number>();
  return balancedAccuracy(
    shifted.map((row) => {
      const threshold = thresholds.get(row.fold) ?? bestThreshold(row.others);
      thresholds.set(row.fold, threshold);
      return { label: row.label, score: row.score >= threshold ? 1 : 0 };
    }),
    0.5,
  );
}

function report(features: readonly (readonly number[])[], hasCosines: boolean) {
  const committed = placed(features.map((row) => supportProbability(row, hasCosines)));
  const pooled = placed(outOfFold(features, false));
  const own = placed(outOfFold(features, true));
  return Object.fromEntries(
    sets.map((set) => {
      const of = (all: readonly Placed[]) => all.filter((row) => row.set === set);
      return [
        set,
        {
          rows: of(pooled).length,
          auroc: withInterval(of(pooled), areaOf, SEED),
          balancedAccuracy: {
            // One model and 0.5 for all sets, each row scored by folds that exclude its document.
            oneThreshold: withInterval(of(pooled), (part) => balancedAccuracy(part, 0.5), SEED),
            // The same model, the threshold chosen per set on the other folds.
            thresholdOfSet: Math.round(accuracyByFold(of(pooled)) * 1000) / 1000,
            // A model of the set alone.
            modelOfSet: withInterval(of(own), (part) => balancedAccuracy(part, 0.5), SEED),
          },
          committedConstants: Math.round(balancedAccuracy(of(committed), 0.5) * 1000) / 1000,
        },
      ];
    }),
  );
}

const evidence = rows.map((row) => indexEvidence(row.evidence));
const featuresWith = (cosines?: readonly (readonly number[])[]) =>
  rows.map((row, at) => {
    const { values } = readSupport(row.claim, evidence[at] ?? indexEvidence([]), cosines?.[at]);
    return cosines ? values : values.slice(0, WORD_FEATURES);
  });

const byWords = featuresWith();
const metrics: Record<string, unknown> = { byWords: report(byWords, false) };
const cosines = await readCosines();
const withCosines = cosines && featuresWith(cosines);
if (withCosines) metrics['withEmbeddings'] = report(withCosines, true);
if (process.argv.includes('--fit'))
  for (const features of [byWords, withCosines])
    if (features) {
      const model = fitOn([...rows.keys()], features);
      const names = ['bias', ...SUPPORT_FEATURES];
      for (const [at, value] of model.entries())
        process.stdout.write(`${names[at]}: ${value.toFixed(2)}\n`);
    }
printResult('support', SEED, metrics);
