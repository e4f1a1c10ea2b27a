import { readDataFile } from '../adapters/data-file.ts';
import { drawPicture } from '../base/curve-picture.ts';
import { CadreError } from '../core/errors.ts';
import type { GroundingCertificate } from '../core/grounding-certificate.ts';
import {
  type CertifiedGrounding,
  certifyGrounding,
  type GroundingPromise,
  sealGrounding,
} from '../verify/grounding-certify.ts';
import {
  areaOf,
  balancedAccuracy,
  type GroundingReport,
  reportGrounding,
} from '../verify/grounding-report.ts';
import {
  type GroundingRow,
  type GroundingRows,
  readGroundingRows,
} from '../verify/grounding-rows.ts';
import type { Embed } from '../verify/support.ts';
import { fitExpert, LEAST_OF_EACH, withExperts } from '../verify/support-fit.ts';
import type { SupportScorer } from '../verify/support-scorer.ts';
import { adaptScorer, LEAST_USUAL } from '../verify/support-usual.ts';
import { contentHash } from './content-hash.ts';
import { type Example, outcomesOf, readExamples } from './grounding-examples.ts';
import { readScorer, scorerHash, useGrounding } from './grounding-files.ts';
import { knowingUsual } from './grounding-usual.ts';
import { VERSION } from './version.ts';

interface Embedding {
  readonly embedder: string;
  readonly embed: Embed;
}

/** What `cadre eval grounding` was asked. */
export interface GroundingWish {
  readonly data: string;
  /** Judged sentences to learn from, on top of the scorer in force. */
  readonly train?: string;
  /** Learn from the data too, in this many folds by document. */
  readonly folds?: number;
  /** Learn from these rows alone, without the scorer in force. */
  readonly isFresh: boolean;
  /** Judge each sentence by itself, without what is usual among those of the data. */
  readonly isAlone: boolean;
  readonly certify?: GroundingPromise;
  /** Put scorer and certificate in force in the home. */
  readonly isUsed: boolean;
  readonly seed: number;
  readonly threshold: number;
  readonly home: string;
  /** The farm's embedder, asked for once the files are read; undefined = by words alone. */
  readonly openEmbedding: () => Promise<Embedding | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly onProgress: (done: number, all: number) => void;
}

export interface GroundingEvaluation extends GroundingReport {
  readonly embedder?: string;
  readonly genericLeftOut: number;
  readonly goldBase?: GroundingRows['goldBase'];
  /** Rows that were learned from, and those left out because their documents are scored. */
  readonly learned?: { readonly rows: number; readonly overlapLeftOut: number };
  /** Sentences whose texts, without their labels, told what is usual here; none where judged alone. */
  readonly usualOf: number;
  /** The same sentences, each judged by itself. */
  readonly alone: { readonly balancedAccuracy: number; readonly auroc: number };
  /** CPU of one sentence whose texts are embedded: features, scorer, veto. */
  readonly cpuMsPerSentence: number;
  readonly certified?: CertifiedGrounding & GroundingPromise & { readonly expiresAt: string };
  /** The promise that could not be shown. */
  readonly uncertified?: GroundingPromise;
  readonly isUsed: boolean;
  readonly seed: number;
}

export interface GroundingResult {
  readonly evaluation: GroundingEvaluation;
  /** SVG of the dial. */
  readonly picture: string;
}

/** A kind of text that is taught counts this much more than one that ships and is as near. */
const TAUGHT_WEIGHT = 4;
const TIMED = 200;
const VALID_DAYS = 90;
const DAY_MS = 86_400_000;
/** Shorter sentences may stand in any document. */
const TELLING_LENGTH = 30;

/** Scores judged sentences. Throws CadreError that says what is wrong with which line of which file. */
export async function evaluateGroundingFiles(wish: GroundingWish): Promise<GroundingResult> {
  const text = readDataFile(wish.data);
  const data = readGroundingRows(text, wish.data);
  const taught = wish.train === undefined ? undefined : readTaught(wish.train, data.rows);
  if (wish.isFresh && taught === undefined && wish.folds === undefined)
    throw invalid(
      'without the scorer in force there is nothing to score with: name --train or --folds',
    );
  const { embed, embedder } = (await wish.openEmbedding()) ?? {};
  const total = data.rows.length + (taught?.rows.length ?? 0);
  const examples = await readExamples(data.rows, embed, wish.seed, (done) =>
    wish.onProgress(done, total),
  );
  const lessons = await readExamples(taught?.rows ?? [], embed, wish.seed, (done) =>
    wish.onProgress(data.rows.length + done, total),
  );
  const base = wish.isFresh ? undefined : readScorer(wish.home, () => {});
  const taughtScorer = teach(base, lessons, wish.train ?? '');
  const isAlone = wish.isAlone || examples.length < LEAST_USUAL || isOfMany(wish, examples);
  const scorer = isAlone || !taughtScorer ? taughtScorer : adaptScorer(taughtScorer, examples);
  const aloneOf = scorersByFold(wish, base, examples, lessons);
  const alone = outcomesOf(examples, wish.threshold, aloneOf);
  const outcomes = isAlone
    ? alone
    : outcomesOf(examples, wish.threshold, knowingUsual(aloneOf, examples));
  const report = reportGrounding(outcomes, { threshold: wish.threshold, seed: wish.seed });
  const certified = wish.certify && certifyGrounding(outcomes, wish.certify);
  const certificate =
    certified && scorer && wish.certify && wish.folds === undefined
      ? seal(certified, wish.certify, scorer, { text, embedder, now: wish.now })
      : undefined;
  if (wish.isUsed && scorer !== undefined) useGrounding(wish.home, scorer, certificate);
  const evaluation: GroundingEvaluation = {
    ...report,
    ...(embedder === undefined ? {} : { embedder }),
    genericLeftOut: data.genericLeftOut,
    ...(data.goldBase === undefined ? {} : { goldBase: data.goldBase }),
    ...(taught === undefined
      ? {}
      : { learned: { rows: lessons.length, overlapLeftOut: taught.overlapLeftOut } }),
    usualOf: isAlone ? 0 : examples.length,
    alone: { balancedAccuracy: balancedAccuracy(alone, wish.threshold), auroc: areaOf(alone) },
    cpuMsPerSentence: await timeSentences(examples),
    ...(certificate && wish.certify && certified
      ? { certified: { ...certified, ...wish.certify, expiresAt: certificate.expiresAt } }
      : {}),
    ...(wish.certify && certified === undefined ? { uncertified: wish.certify } : {}),
    isUsed: wish.isUsed,
    seed: wish.seed,
  };
  return { evaluation, picture: pictureOf(report) };
}

/** One scorer is put in force or certified, which can know one kind of text only. */
function isOfMany({ isUsed, certify }: GroundingWish, examples: readonly Example[]): boolean {
  const isOne = isUsed || certify !== undefined;
  return isOne && new Set(examples.map((one) => one.row.set)).size > 1;
}

/** Rows to learn from, without those whose documents are scored. */
function readTaught(file: string, scored: readonly GroundingRow[]) {
  const { rows } = readGroundingRows(readDataFile(file), file);
  const known = new Set(scored.flatMap((row) => row.evidence.map(plain)));
  const isScored = ({ evidence }: GroundingRow) => {
    const telling = evidence.map(plain).filter((one) => one.length >= TELLING_LENGTH);
    const asked = telling.length === 0 ? evidence.map(plain) : telling;
    return asked.filter((one) => known.has(one)).length * 2 > asked.length;
  };
  const kept = rows.filter((row) => !isScored(row));
  if (kept.length === 0)
    throw invalid(
      `${file}: every document in it is among those that are scored; name another file`,
    );
  return { rows: kept, overlapLeftOut: rows.length - kept.length };
}

function plain(sentence: string): string {
  return sentence.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** One expert per kind of text that the rows name. Undefined without scorer and without lessons. */
function teach(
  base: SupportScorer | undefined,
  lessons: readonly Example[],
  source: string,
): SupportScorer | undefined {
  const kinds = Map.groupBy(lessons, (one) => one.row.set ?? 'own');
  const experts = [...kinds].map(([name, some]) => {
    const expert = fitExpert(name === 'own' ? name : `own ${name}`, some);
    if (expert !== undefined) return { ...expert, weight: TAUGHT_WEIGHT };
    const few = `${source}: of ${name === 'own' ? 'its rows' : `the set “${name}”`}`;
    throw invalid(
      `${few} at least ${LEAST_OF_EACH} must be supported and as many not, to learn from`,
    );
  });
  if (base !== undefined) return experts.length === 0 ? base : withExperts(base, experts);
  return experts.length === 0 ? undefined : { version: 1, source, experts };
}

/** The scorer of a row: with folds one that saw no row of its document. */
function scorersByFold(
  { folds, data }: GroundingWish,
  base: SupportScorer | undefined,
  examples: readonly Example[],
  lessons: readonly Example[],
): (example: Example) => SupportScorer | undefined {
  if (folds === undefined) {
    const scorer = teach(base, lessons, data);
    return () => scorer;
  }
  const scorers = Array.from({ length: folds }, (_, fold) =>
    teach(base, [...lessons, ...examples.filter((one) => one.group % folds !== fold)], data),
  );
  return (example) => scorers[example.group % folds];
}

function seal(
  certified: CertifiedGrounding,
  promise: GroundingPromise,
  scorer: SupportScorer,
  {
    text,
    embedder,
    now,
  }: { readonly text: string; readonly embedder: string | undefined; readonly now: number },
): GroundingCertificate {
  return sealGrounding(
    {
      ...promise,
      ...certified,
      scorer: scorerHash(scorer),
      ...(embedder === undefined ? {} : { embedder }),
      data: contentHash(text),
      madeAt: new Date(now).toISOString(),
      expiresAt: new Date(now + VALID_DAYS * DAY_MS).toISOString(),
      code: VERSION,
    },
    contentHash,
  );
}

/** The texts are embedded by now, so that this is what the check itself costs. */
async function timeSentences(examples: readonly Example[]): Promise<number> {
  const some = examples.slice(0, TIMED);
  const start = process.cpuUsage();
  for (const { judge, row } of some) await judge.judge(row.claim, 0.5);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / some.length;
}

function pictureOf({ dial }: GroundingReport): string {
  const points = dial.map(({ threshold, shown, unsupported }) => ({
    x: 100 * shown,
    y: 100 * unsupported,
    ...(Math.round(threshold * 100) % 20 === 10 ? { label: threshold.toFixed(1) } : {}),
  }));
  return drawPicture({
    title: 'What is shown, and how much of it is unsupported',
    xName: 'sentences shown, %',
    yName: 'of those unsupported, %',
    series: [{ name: 'least P(supported) as label', colour: '#2563eb', points }],
  });
}

function invalid(message: string): CadreError {
  return new CadreError('invalid_request', message);
}
