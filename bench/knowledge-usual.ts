// Does a farm that learns what is usual among the sentences of its own answers, one by one and without
// a judgement, judge them better than the scorer alone, although most of them are supported? Streams of
// up to 200 sentences of WiCE, BEGIN, SciFact and QAGS-CNN/DM (development parts) with 30 … 95 % of them
// supported, and with as many again that a source has word for word; the scorer is taught by the other
// three sets. Each sentence is judged by what came before it. Beside it: all readings without the lean,
// the same with a quarter of them read against another document's evidence, and a lean chosen on the
// other sets. CADRE_DATA=… node bench/knowledge-usual.ts [STREAMS]
import { seededRandom, shuffledIndices } from '../src/base/random.ts';
import { balancedAccuracy, measured } from '../src/verify/grounding-report.ts';
import { SupportJudge } from '../src/verify/support.ts';
import { WORD_FEATURES } from '../src/verify/support-features.ts';
import { fitExpert } from '../src/verify/support-fit.ts';
import { type SupportScorer, supportProbability } from '../src/verify/support-scorer.ts';
import {
  ANSWER_LEAN,
  adaptScorer,
  tellsUsual,
  type UnjudgedReading,
} from '../src/verify/support-usual.ts';
import { keepReadings, type UsualReading, usualReading } from '../src/verify/usual-readings.ts';
import { benchCachedEmbedder, installed } from './lib/embedder.ts';
import { type GroundingExample, readExamples } from './lib/grounding-examples.ts';
import { printResult } from './lib/result.ts';
import { readSupportRows } from './lib/support-data.ts';

const SEED = 20261127;
const THRESHOLD = 0.5;
const LONGEST = 200;
/** As in the farm: the scorer is made anew after so many new readings. */
const BATCH = 10;
const QUOTES = 100;
const SHARES = [0.3, 0.5, 0.7, 0.9, 0.95];
const LEANS = [0, 0.25, 0.5, 0.75, 1];
const STREAMS = Number(process.argv[2] ?? 8);
const signal = new AbortController().signal;

/** A sentence of a stream, with what no weighing may outvote. */
interface Item {
  readonly isSupported: boolean;
  readonly isQuote: boolean;
  readonly group: number;
  readonly reading: UnjudgedReading;
  readonly swapped: UnjudgedReading;
  readonly most: number;
  readonly alone: number;
}

const embedder = installed(benchCachedEmbedder(1));
const embed = (texts: readonly string[]) => embedder.doEmbed(texts, 'passage', { signal });
const examples = await readExamples(readSupportRows(), embed, SEED);
const sets = [...new Set(examples.map((one) => one.row.set))];
/** Lets every sentence pass that has no veto. */
const CERTAIN: SupportScorer = {
  version: 1,
  source: 'certain',
  experts: [
    {
      name: 'certain',
      rows: 1,
      centre: [0, 0, 0, 0, 0, 0, 0],
      spread: [1, 1, 1, 1, 1, 1, 1],
      byWords: { offset: 50, weights: WORD_FEATURES.map(() => 0) },
    },
  ],
};
const scorers = new Map(sets.map((set) => [set, scorerWithout(set)]));
const items = new Map<string, readonly Item[]>();
for (const set of sets) items.set(set, await readItems(set));
await embedder.doClose();

function scorerWithout(set: string): SupportScorer {
  const experts = sets.flatMap((other) => {
    const train = examples.filter((one) => one.row.set === other);
    return other === set ? [] : (fitExpert(other, train) ?? []);
  });
  return { version: 1, source: 'the other sets', experts };
}

function scorerOf(set: string): SupportScorer {
  const scorer = scorers.get(set);
  if (scorer === undefined) throw new Error(`there is no set ${set}`);
  return scorer;
}

/** Its rows, and sentences of their evidence as claims. */
async function readItems(set: string): Promise<readonly Item[]> {
  const own = examples.filter((one) => one.row.set === set);
  const random = seededRandom(SEED);
  const draw = <T>(some: readonly T[]): T => some[Math.floor(random() * some.length)] as T;
  const itemOf = async (claim: string, { judge, row, group }: GroundingExample, quote: boolean) => {
    const reading = await judge.read(claim);
    const others = own.filter((one) => one.group !== group);
    // What a veto leaves of it is the same for all scorers.
    const judged = judge.resultOf(claim, reading, THRESHOLD, CERTAIN);
    const alone = supportProbability(scorerOf(set), reading.values, reading.shape);
    const isSupported = quote || row.supported;
    const swapped = quote ? reading : await draw(others).judge.read(claim);
    return { isSupported, isQuote: quote, group, reading, swapped, most: judged.score, alone };
  };
  const found: Item[] = [];
  for (const one of own) found.push(await itemOf(one.row.claim, one, false));
  for (let count = 0; count < QUOTES; count += 1) {
    const { row, group } = draw(own);
    const judge = new SupportJudge(row.evidence, embed);
    const example = { row, group, judge } as GroundingExample;
    found.push(await itemOf(draw(row.evidence), example, true));
  }
  return found;
}

/** The scorer as it stands after some sentences of a stream; `kept` = what the farm keeps of them. */
type Learn = (
  set: string,
  before: readonly Item[],
  kept: readonly UnjudgedReading[],
) => SupportScorer;

const knowing =
  (lean: number): Learn =>
  (set, _before, kept) =>
    adaptScorer(scorerOf(set), kept, lean);
const WAYS: Readonly<Record<string, Learn>> = {
  answers: knowing(ANSWER_LEAN),
  everyReading: (set, before) =>
    adaptScorer(
      scorerOf(set),
      before.map((one) => one.reading),
    ),
  quarterSwapped: (set, before) =>
    adaptScorer(scorerOf(set), [
      ...before.map((one) => one.reading),
      ...before.filter((_, at) => at % 4 === 0).map((one) => one.swapped),
    ]),
};

interface Scored extends Item {
  readonly score: number;
  readonly ranked: readonly number[];
}

/** Streams of a set; the same ones for every way to learn. */
function streamsOf(set: string, share: number, hasQuotes: boolean): readonly (readonly Item[])[] {
  const own = items.get(set) ?? [];
  return Array.from({ length: STREAMS }, (_, stream) => {
    const seed = SEED + stream;
    const mixed = (some: readonly Item[]) =>
      [...shuffledIndices(some.length, seed)].flatMap((at) => some[at] ?? []);
    const part = (isSupported: boolean) =>
      mixed(own.filter((one) => !one.isQuote && one.isSupported === isSupported));
    const [right, wrong] = [part(true), part(false)];
    const rows = Math.min(LONGEST, right.length / share, wrong.length / (1 - share));
    const drawn = [
      ...right.slice(0, Math.round(rows * share)),
      ...wrong.slice(0, Math.round(rows * (1 - share))),
    ];
    const quotes = hasQuotes ? mixed(own.filter((one) => one.isQuote)).slice(0, drawn.length) : [];
    return mixed([...drawn, ...quotes]);
  });
}

/** What the farm keeps of a stream before each batch; all by one caller, which keeps the fewest. */
function keptOf(set: string, stream: readonly Item[]): readonly (readonly UsualReading[])[] {
  const scorer = scorerOf(set);
  const kept: (readonly UsualReading[])[] = [[]];
  for (let at = 0; at < stream.length; at += BATCH) {
    const told = stream.slice(at, at + BATCH).filter((one) => tellsUsual(scorer, one.reading));
    const added = told.map((one) => usualReading(one.reading, 0));
    kept.push(keepReadings(kept.at(-1) ?? [], added));
  }
  return kept;
}

interface Stream {
  readonly items: readonly Item[];
  readonly kept: readonly (readonly UsualReading[])[];
}

/** Each sentence by what came before it; quotes are learned from and not counted. */
function judged(set: string, streams: readonly Stream[], learn: Learn): readonly Scored[] {
  return streams.flatMap(({ items: stream, kept }) => {
    let scorer = scorerOf(set);
    return stream.flatMap((item, at) => {
      if (at % BATCH === 0) scorer = learn(set, stream.slice(0, at), kept[at / BATCH] ?? []);
      const { values, shape } = item.reading;
      const score = Math.min(item.most, supportProbability(scorer, values, shape));
      return item.isQuote ? [] : [{ ...item, score, ranked: [] }];
    });
  });
}

const aloneOf = (some: readonly Scored[]) =>
  some.map((one) => ({ ...one, score: Math.min(one.most, one.alone) }));

function figuresOf(some: readonly Scored[]) {
  const refused = (isSupported: boolean) => {
    const part = some.filter((one) => one.isSupported === isSupported);
    return part.filter((one) => one.score < THRESHOLD).length / part.length;
  };
  return {
    balancedAccuracy: round(balancedAccuracy(some, THRESHOLD)),
    falseAlarms: round(refused(true)),
    misses: round(1 - refused(false)),
  };
}

function gainOf(some: readonly Scored[]) {
  const of = (part: readonly Scored[]) =>
    balancedAccuracy(part, THRESHOLD) - balancedAccuracy(aloneOf(part), THRESHOLD);
  const gain = measured(some, (part) => of(part as readonly Scored[]), SEED);
  return { value: round(gain.value), low: round(gain.low), high: round(gain.high) };
}

/** Sums of balanced accuracy over all streams, by set and lean; `alone` is the scorer as it is. */
const trials = new Map<string, number>();
function reportCell(set: string, share: number, hasQuotes: boolean) {
  const streams = streamsOf(set, share, hasQuotes).map((stream) => ({
    items: stream,
    kept: keptOf(set, stream),
  }));
  const scored = Object.entries(WAYS).map(
    ([name, learn]) => [name, judged(set, streams, learn)] as const,
  );
  const answers = scored[0]?.[1] ?? [];
  const note = (name: string, some: readonly Scored[]) =>
    trials.set(name, (trials.get(name) ?? 0) + balancedAccuracy(some, THRESHOLD));
  note(`${set} alone`, aloneOf(answers));
  for (const lean of LEANS) note(`${set} ${lean}`, judged(set, streams, knowing(lean)));
  return {
    alone: figuresOf(aloneOf(answers)),
    ...Object.fromEntries(scored.map(([name, some]) => [name, figuresOf(some)])),
    ...(share === 0.9 ? { gain: gainOf(answers) } : {}),
  };
}

/** The lean that is best on the mean of the other sets' streams. */
function leanOfOthers(set: string): number {
  const sumOf = (lean: number) =>
    sets.reduce(
      (sum, other) => sum + (other === set ? 0 : (trials.get(`${other} ${lean}`) ?? 0)),
      0,
    );
  return LEANS.toSorted((a, b) => sumOf(b) - sumOf(a))[0] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const report = (hasQuotes: boolean) =>
  Object.fromEntries(
    sets.map((set) => [
      set,
      Object.fromEntries(SHARES.map((share) => [share, reportCell(set, share, hasQuotes)])),
    ]),
  );
const metrics: Record<string, unknown> = {
  streams: STREAMS,
  lean: ANSWER_LEAN,
  byShareOfSupported: report(false),
  withAsManyQuotes: report(true),
};
const meanOf = (name: string) => round((trials.get(name) ?? 0) / (2 * SHARES.length));
metrics['leanOfOthers'] = Object.fromEntries(
  sets.map((set) => {
    const lean = leanOfOthers(set);
    return [set, { lean, mean: meanOf(`${set} ${lean}`), alone: meanOf(`${set} alone`) }];
  }),
);
printResult('knowledge-usual', SEED, metrics);
