// Does the evidence support the sentence, and by which sentence? WiCE, BEGIN, SciFact and QAGS-CNN/DM,
// development parts only, against the eleven features that the check had before and a lexical floor.
// CADRE_DATA=… node bench/knowledge-grounding.ts; with --fit it writes the scorer that ships.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { seededRandom, shuffle } from '../src/base/random.ts';
import {
  balancedAccuracy,
  type GroundingOutcome,
  hitShare,
  measured,
  reportGrounding,
} from '../src/verify/grounding-report.ts';
import { SupportJudge } from '../src/verify/support.ts';
import { fitContradiction, fitExpert } from '../src/verify/support-fit.ts';
import {
  contradictionProbability,
  type SupportScorer,
  supportProbability,
} from '../src/verify/support-scorer.ts';
import { adaptScorer } from '../src/verify/support-usual.ts';
import { benchCachedEmbedder, benchEmbedder, installed } from './lib/embedder.ts';
import {
  elevenFeatures,
  type FitScores,
  lexicalFeatures,
  logisticOn,
  rankPlainly,
} from './lib/grounding-baselines.ts';
import { type GroundingExample, readExamples } from './lib/grounding-examples.ts';
import { cpuOfTree } from './lib/process-cost.ts';
import { printResult } from './lib/result.ts';
import { readSupportRows } from './lib/support-data.ts';

const SEED = 20261127;
const FOLDS = 5;
const THRESHOLD = 0.5;
const TIMED = 60;
const SHARES = [0.1, 0.5, 0.9];
const MOST_DRAWN = 300;
const signal = new AbortController().signal;

const embedder = installed(benchCachedEmbedder(1));
const embed = (texts: readonly string[]) => embedder.doEmbed(texts, 'passage', { signal });
const examples = await readExamples(readSupportRows(), embed, SEED);
const sets = [...new Set(examples.map((one) => one.row.set))];
const vectors = await readVectors();
const vectorOf = (text: string) => vectors.get(text) ?? new Float32Array(0);

async function readVectors(): Promise<ReadonlyMap<string, Float32Array>> {
  const texts = [...new Set(examples.flatMap(({ row }) => [row.claim, ...row.evidence]))];
  const found = await embed(texts);
  return new Map(texts.map((text, at) => [text, found[at] ?? new Float32Array(0)]));
}

function scorerOf(train: readonly GroundingExample[], source: string): SupportScorer {
  const experts = sets.flatMap(
    (set) =>
      fitExpert(
        set,
        train.filter((one) => one.row.set === set),
      ) ?? [],
  );
  const contradiction = fitContradiction(train.filter((one) => one.row.set === 'scifact'));
  return { version: 1, source, experts, ...(contradiction === undefined ? {} : { contradiction }) };
}

/** What the product does: the mixture, and after it the veto. */
const fitProduct: FitScores = (train, unjudged) => {
  const taught = scorerOf(train, 'bench');
  if (taught.experts.length === 0) return undefined;
  const scorer = adaptScorer(taught, unjudged);
  return ({ judge, row, reading }) => judge.resultOf(row.claim, reading, THRESHOLD, scorer).score;
};
/** The mixture alone. */
const fitWithoutVeto: FitScores = (train, unjudged) => {
  const taught = scorerOf(train, 'bench');
  if (taught.experts.length === 0) return undefined;
  const scorer = adaptScorer(taught, unjudged);
  return ({ values, shape }) => supportProbability(scorer, values, shape);
};
const kept = new Map<GroundingExample, readonly number[]>();
const fitEleven = logisticOn((one) => {
  const features = kept.get(one) ?? elevenFeatures(one, vectorOf);
  kept.set(one, features);
  return features;
});
const SCORERS: Readonly<Record<string, FitScores>> = {
  cadre: fitProduct,
  withoutVeto: fitWithoutVeto,
  elevenFeatures: fitEleven,
  lexicalFloor: logisticOn(lexicalFeatures),
};

/** Those that learn from sentences that nobody judged. */
const ADAPTED: ReadonlySet<string> = new Set(['cadre', 'withoutVeto']);

function outcomesOf(
  scores: FitScores,
  train: readonly GroundingExample[],
  test: readonly GroundingExample[],
  unjudged: readonly GroundingExample[] = [],
): readonly GroundingOutcome[] {
  const score = scores(train, unjudged);
  if (score === undefined) return [];
  return test.map((one) => ({
    score: score(one),
    isSupported: one.isSupported,
    group: one.group,
    ranked: one.reading.ranked,
    ...(one.row.gold === undefined ? {} : { gold: one.row.gold }),
  }));
}

/** Scores of a set's rows by models that saw no row of their documents. */
function heldOut(
  fit: FitScores,
  set: string,
  isTaught: (one: GroundingExample) => boolean,
  unjudged: readonly GroundingExample[] = [],
) {
  const own = examples.filter((one) => one.row.set === set);
  return Array.from({ length: FOLDS }, (_, fold) =>
    outcomesOf(
      fit,
      examples.filter((one) => isTaught(one) && one.group % FOLDS !== fold),
      own.filter((one) => one.group % FOLDS === fold),
      unjudged,
    ),
  ).flat();
}

/** Taught by the other sets, knowing as many of the set's sentences as give this share of supported ones. */
function atShare(set: string, share: number) {
  const own = examples.filter((one) => one.row.set === set);
  const order = Int32Array.from(own.keys());
  shuffle(order, seededRandom(SEED));
  const drawn = (isSupported: boolean) =>
    [...order].flatMap((at) => (own[at]?.isSupported === isSupported ? (own[at] ?? []) : []));
  const [right, wrong] = [drawn(true), drawn(false)];
  const rows = Math.min(MOST_DRAWN, right.length / share, wrong.length / (1 - share));
  const some = [
    ...right.slice(0, Math.round(rows * share)),
    ...wrong.slice(0, Math.round(rows * (1 - share))),
  ];
  const others = examples.filter((one) => one.row.set !== set);
  return round(balancedAccuracy(outcomesOf(fitProduct, others, some, some), THRESHOLD));
}

function reportSet(set: string) {
  const own = examples.filter((one) => one.row.set === set);
  const others = examples.filter((one) => one.row.set !== set);
  const plans = (fit: FitScores, isAdapted: boolean) => ({
    // Folds by document: a model of the set alone, and the one that ships, taught by all sets.
    ofSet: heldOut(fit, set, (one) => one.row.set === set),
    ofAll: heldOut(fit, set, () => true),
    // Taught by the other sets only.
    ofOthers: outcomesOf(fit, others, own),
    // The same, knowing the set's sentences without what people say of them.
    ...(isAdapted
      ? {
          ofAllHere: heldOut(fit, set, () => true, own),
          ofOthersHere: outcomesOf(fit, others, own, own),
        }
      : {}),
  });
  const figures: Record<string, unknown> = {};
  for (const [name, fit] of Object.entries(SCORERS)) {
    const outcomes = plans(fit, ADAPTED.has(name));
    figures[name] = Object.fromEntries(
      Object.entries(outcomes).map(([plan, some]) => [plan, figuresOf(some, name === 'cadre')]),
    );
  }
  const byShare = Object.fromEntries(SHARES.map((share) => [share, atShare(set, share)]));
  return { ...figures, ofOthersHereByShareOfSupported: byShare };
}

function figuresOf(outcomes: readonly GroundingOutcome[], isFull: boolean) {
  const report = reportGrounding(outcomes, { threshold: THRESHOLD, seed: SEED });
  const { balancedAccuracy, auroc, f1, calibrationError, rows } = report;
  return {
    balancedAccuracy: rounded(balancedAccuracy),
    auroc: rounded(auroc),
    ...(isFull ? { rows, f1: round(f1), calibrationError: round(calibrationError) } : {}),
  };
}

function reportSpans() {
  const withGold = examples.filter((one) => (one.row.gold?.length ?? 0) > 0);
  const outcomes = outcomesOf(() => () => 0, [], withGold);
  const plain = outcomes.map((one, at) => ({
    ...one,
    ranked: rankPlainly(withGold[at] as GroundingExample, vectorOf),
  }));
  const figures = (some: readonly GroundingOutcome[]) =>
    Object.fromEntries(
      [1, 3, 5].map((count) => [
        `hitAt${count}`,
        rounded(measured(some, (part) => hitShare(part, count), SEED)),
      ]),
    );
  return { rows: withGold.length, cadre: figures(outcomes), bm25AndCosine: figures(plain) };
}

/** Contradicted against not found among what SciFact's people do not call supported, in folds. */
function reportContradiction() {
  const own = examples.filter((one) => one.row.set === 'scifact');
  const outcomes = Array.from({ length: FOLDS }, (_, fold) => {
    const scorer = scorerOf(
      own.filter((one) => one.group % FOLDS !== fold),
      'bench',
    );
    return own
      .filter((one) => one.group % FOLDS === fold && !one.isSupported)
      .map((one) => ({
        score: contradictionProbability(scorer, one.values) ?? 0,
        isSupported: one.isContradicted === true,
        group: one.group,
        ranked: [],
      }));
  }).flat();
  return figuresOf(outcomes, false);
}

/** CPU of one sentence whose evidence is embedded: its two embeddings, all features, scorer, veto. */
async function timeSentences() {
  const plain = benchEmbedder(1);
  if (plain === undefined) return undefined;
  const fresh = (texts: readonly string[]) => plain.doEmbed(texts, 'passage', { signal });
  const longest = examples.filter((one) => one.row.set === 'wice').slice(0, TIMED);
  const judges = longest.map(({ row }) => new SupportJudge(row.evidence, fresh));
  for (const [at, judge] of judges.entries()) await judge.judge(longest[at]?.row.claim ?? '', 0.5);
  const start = cpuOfTree(process.pid);
  for (const [at, judge] of judges.entries()) await judge.judge(longest[at]?.row.claim ?? '', 0.5);
  const perSentence = (cpuOfTree(process.pid) - start) / 1000 / longest.length;
  await plain.doClose();
  return round(perSentence);
}

function rounded(figure: { readonly value: number; readonly low: number; readonly high: number }) {
  return { value: round(figure.value), low: round(figure.low), high: round(figure.high) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const metrics: Record<string, unknown> = Object.fromEntries(
  sets.map((set) => [set, reportSet(set)]),
);
metrics['spans'] = reportSpans();
metrics['contradictedAgainstNotFound'] = reportContradiction();
metrics['cpuMsPerSentence'] = await timeSentences();
await embedder.doClose();
if (process.argv.includes('--fit')) {
  const source =
    'development parts of WiCE, BEGIN (without generic answers), SciFact and QAGS-CNN/DM';
  const file = resolve(import.meta.dirname, '../src/verify/support-scorer.generated.json');
  writeFileSync(file, `${JSON.stringify(scorerOf(examples, source), null, 2)}\n`);
}
printResult('knowledge-grounding', SEED, metrics);
