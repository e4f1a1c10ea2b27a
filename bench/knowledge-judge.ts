// Does a local model's word help where the support scorer is undecided? Rows of WiCE, BEGIN, SciFact
// and QAGS-CNN/DM (development parts) that no veto decides and whose score, by experts of the other
// sets only, lies between .3 and .7; the starter farm's 1.5B is asked about each with its three
// nearest sentences. Answers are kept in CADRE_HOME/bench, so that a stopped run goes on.
// CADRE_DATA=… cadre bench knowledge-judge [ROWS per set] [--fit]
//   --fit  prints offset and the weights of scorer and model (src/verify/undecided.ts)
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { areaUnderCurve } from '../src/base/statistics.ts';
import type { TokenLogprob } from '../src/core/chat.ts';
import {
  JUDGEMENT_ALTERNATIVES,
  readJudgement,
  supportQuestion,
} from '../src/run/support-question.ts';
import { balancedAccuracy, measured } from '../src/verify/grounding-report.ts';
import { fitExpert } from '../src/verify/support-fit.ts';
import type { SupportScorer } from '../src/verify/support-scorer.ts';
import { joinedShare } from '../src/verify/undecided.ts';
import { openAnswerFarm } from './lib/answer-farm.ts';
import { shuffleByHash } from './lib/data.ts';
import { benchCachedEmbedder, installed } from './lib/embedder.ts';
import { type GroundingExample, readExamples } from './lib/grounding-examples.ts';
import { KeptModels } from './lib/kept-models.ts';
import { fitLogistic, logisticScore } from './lib/logistic.ts';
import { printResult } from './lib/result.ts';
import { readSupportRows } from './lib/support-data.ts';

const SEED = 20261127;
const MODEL = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const THRESHOLD = 0.5;
const NEAREST = 3;
const PENALTY = 1;
const signal = new AbortController().signal;
let promptTokens = 0;

interface Row {
  readonly set: string;
  readonly group: number;
  readonly isSupported: boolean;
  /** P(supported) by the scorer and by the model. */
  readonly score: number;
  readonly word: number;
}

const embedder = installed(benchCachedEmbedder(1));
const embed = (texts: readonly string[]) => embedder.doEmbed(texts, 'passage', { signal });
const examples = await readExamples(readSupportRows(), embed, SEED);
await embedder.doClose();
const sets = [...new Set(examples.map((one) => one.row.set))];

function undecidedOf(set: string) {
  const experts = sets.flatMap((other) => {
    const train = examples.filter((one) => one.row.set === other);
    return other === set ? [] : (fitExpert(other, train) ?? []);
  });
  const scorer: SupportScorer = { version: 1, source: 'the other sets', experts };
  const own = examples.filter((one) => one.row.set === set);
  const undecided = own.flatMap((example) => {
    const { judge, row, reading } = example;
    const result = judge.resultOf(row.claim, reading, THRESHOLD, scorer);
    return result.isUndecided ? [{ example, score: result.score }] : [];
  });
  const share = undecided.length / own.length;
  return {
    share,
    rows: shuffleByHash(undecided, ({ example }) => example.row.claim, String(SEED)),
  };
}

const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
const home = join(owner, 'bench', 'knowledge-judge');
mkdirSync(home, { recursive: true });
if (!existsSync(join(home, 'models'))) symlinkSync(join(owner, 'models'), join(home, 'models'));
const farm = await openAnswerFarm(
  home,
  new KeptModels(join(owner, 'bench', 'knowledge-judge.words.jsonl')),
);

async function wordOf({ row, reading }: GroundingExample): Promise<number> {
  const sentences = reading.ranked.slice(0, NEAREST).map((index) => row.evidence[index] ?? '');
  const logprobs: TokenLogprob[] = [];
  const request = {
    messages: supportQuestion(row.claim, sentences),
    sampling: { temperature: 0 },
    maxTokens: 1,
    logprobs: JUDGEMENT_ALTERNATIVES,
  };
  for await (const event of farm.model(MODEL).doChat(request, { signal }))
    if (event.type === 'text') logprobs.push(...(event.logprobs ?? []));
    else if (event.type === 'prompt-read') promptTokens += event.promptTokens;
  return readJudgement(logprobs)?.supported ?? 0.5;
}

function logit(share: number): number {
  const bounded = Math.min(0.999, Math.max(0.001, share));
  return Math.log(bounded / (1 - bounded));
}

const featuresOf = ({ score, word }: Row) => [logit(score), logit(word)];

/** Each answer weighs the same, as in the scorer: probabilities are at even odds. */
function weightsOf(train: readonly Row[]): readonly number[] {
  const supported = train.filter((one) => one.isSupported).length;
  return fitLogistic(
    {
      rows: train.map(featuresOf),
      labels: train.map((one) => one.isSupported),
      weights: train.map((one) => 1 / (one.isSupported ? supported : train.length - supported)),
    },
    PENALTY / train.length,
  );
}

const perSet = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 20);
const plans = sets.map((set) => ({ set, ...undecidedOf(set) }));
const rows: Row[] = [];
for (let at = 0; at < perSet; at += 1)
  for (const { set, rows: chosen } of plans) {
    const one = chosen[at];
    if (one === undefined) continue;
    const { isSupported, group } = one.example;
    rows.push({ set, group, isSupported, score: one.score, word: await wordOf(one.example) });
    process.stderr.write(
      `${rows.length} ${set} ${isSupported} ${one.score.toFixed(2)} ${rows.at(-1)?.word.toFixed(3)}\n`,
    );
  }
await farm.close();
const judged = rows.map((row) => {
  const solution = weightsOf(rows.filter((one) => one.set !== row.set));
  return { ...row, joined: logisticScore(solution, featuresOf(row)) };
});
type Judged = (typeof judged)[number];
const VIEWS: Readonly<Record<string, (one: Judged) => number>> = {
  scorer: (one) => one.score,
  model: (one) => one.word,
  joined: (one) => one.joined,
  // As the product does: one weight for both, which these rows do not move at a threshold of .5.
  alike: (one) => joinedShare(one.score, one.word),
};
const accuracyOf = (some: readonly Judged[], of: (one: Judged) => number) =>
  balancedAccuracy(
    some.map((one) => ({ ...one, score: of(one), ranked: [] })),
    THRESHOLD,
  );
const rankingOf = (some: readonly Judged[], of: (one: Judged) => number) => {
  const those = (label: boolean) => some.filter((one) => one.isSupported === label).map(of);
  return areaUnderCurve(those(true), those(false));
};
const outcomes = judged.map((one) => ({ ...one, ranked: [] }));
const figure = (of: (some: readonly Judged[]) => number) => {
  const { value, low, high } = measured(
    outcomes,
    (some) => of(some as readonly Judged[] & typeof some),
    SEED,
  );
  const round = (x: number) => Math.round(x * 1000) / 1000;
  return { value: round(value), low: round(low), high: round(high) };
};
const metrics: Record<string, unknown> = {
  rows: rows.length,
  supported: rows.filter((one) => one.isSupported).length,
  undecidedShare: Object.fromEntries(
    plans.map(({ set, share }) => [set, Math.round(share * 1000) / 1000]),
  ),
  promptTokensPerRow: Math.round(promptTokens / rows.length),
};
for (const [name, of] of Object.entries(VIEWS))
  metrics[name] = {
    balancedAccuracy: figure((some) => accuracyOf(some, of)),
    auroc: figure((some) => rankingOf(some, of)),
  };
for (const name of ['joined', 'alike'] as const)
  metrics[name === 'joined' ? 'gain' : 'gainAlike'] = figure(
    (some) => accuracyOf(some, VIEWS[name] ?? (() => 0)) - accuracyOf(some, (one) => one.score),
  );
if (process.argv.includes('--fit')) metrics['weights'] = weightsOf(rows);
printResult('knowledge-judge', SEED, metrics);
