import { type GradeModel, type GradeScale, gradeText } from '../base/grade-model.ts';
import { signFlipTest } from '../base/paired-test.ts';
import { bootstrapMean, mean } from '../base/statistics.ts';
import type { GradeComparison } from '../core/grade-report.ts';
import type { VersionComparison } from '../core/version-comparison.ts';
import type { Incumbent } from './incumbent.ts';
import { errorOf, gradeCalibration, gradedBy, isNear, type JudgedGrade } from './judged-grades.ts';
import type { LadderEmbedder } from './ladder.ts';
import { textSlicer } from './text-slices.ts';
import { compareVersions, type PairedEvidence, PROMOTION_MARGIN } from './version-comparison.ts';
import { type TimedSide, timesOf } from './version-times.ts';

interface Beside {
  readonly incumbent?: Incumbent<GradeModel>;
  readonly embedder?: LadderEmbedder;
  readonly seed: number;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
}

interface MadeGrades {
  readonly judged: readonly JudgedGrade[];
  readonly model: GradeModel;
  readonly bytes: number;
}

/** A scale that covers less than this share of the other one is another scale. */
const COVERED = 0.5;
/** Standard normal quantiles: 5 % one-sided and 80 % power. */
const SEEN = 1.6449 + 0.8416;

/**
 * A new version beside the one that serves, on the evaluation rows that the latter was not taught, by
 * how far their numbers are off; null where none serves.
 */
export async function compareGrades(
  made: MadeGrades,
  { incumbent, embedder, seed, cpuMs }: Beside,
): Promise<VersionComparison | null> {
  if (incumbent === undefined) return null;
  const { tolerance, scale } = made.model;
  const unseen = made.judged.filter((one) => !incumbent.knows(one.row.text));
  const rows = unseen.map((one) => one.row);
  const others = await gradedBy(incumbent.model, rows, embedder);
  const pairs = unseen.flatMap((own, at) => {
    const other = others[at];
    return other === undefined ? [] : [{ own, other }];
  });
  const slicesOf = textSlicer(rows.map((row) => row.text));
  const gains = pairs.map(({ own, other }) => errorOf(other) - errorOf(own));
  const grades = gradeComparison(pairs, gains, seed);
  const [ownMs, otherMs] = await timesOf(
    [timedSide(made.model), timedSide(incumbent.model)],
    rows.map((row) => row.text),
    embedder,
    cpuMs,
  );
  const { bytes, version, attempt } = incumbent;
  const comparison = compareVersions({
    ...{ version, attempt, seed },
    pairs: pairs.map(({ own, other }) => ({
      isRight: isNear(own, tolerance),
      incumbentIsRight: isNear(other, tolerance),
      slices: [...slicesOf(own.row.text), `score: ${thirdOf(own.row.grade, scale)}`],
    })),
    own: { bytes: made.bytes, ms: ownMs, ...calibrationOf(unseen, tolerance) },
    incumbent: { bytes, ms: otherMs, ...calibrationOf(others, tolerance) },
    evidence: errorEvidence(gains, grades, scale, { version, seed }),
    blocks: scaleBlocks(scale, incumbent.model.scale, version),
    lostLabels: [],
  });
  return { ...comparison, grades };
}

function gradeComparison(
  pairs: readonly { readonly own: JudgedGrade; readonly other: JudgedGrade }[],
  gains: readonly number[],
  seed: number,
): GradeComparison {
  if (gains.length === 0)
    return { meanError: 0, incumbentMeanError: 0, gain: 0, gainLow: 0, gainHigh: 0 };
  const { value: gain, low: gainLow, high: gainHigh } = bootstrapMean(gains, { seed });
  return {
    meanError: mean(pairs.map(({ own }) => errorOf(own))),
    incumbentMeanError: mean(pairs.map(({ other }) => errorOf(other))),
    ...{ gain, gainLow, gainHigh },
  };
}

/** What the errors of the two say. */
function errorEvidence(
  gains: readonly number[],
  { meanError, incumbentMeanError, gain, gainLow, gainHigh }: GradeComparison,
  { low, high }: GradeScale,
  { version, seed }: { readonly version: number; readonly seed: number },
): PairedEvidence {
  const margin = PROMOTION_MARGIN * (high - low);
  const advantage = signFlipTest(gains, { seed });
  const marginProbability = signFlipTest(
    gains.map((one) => one + margin),
    { seed },
  );
  const spread = Math.sqrt(mean(gains.map((one) => (one - gain) ** 2)));
  const text = (value: number) => Number(value.toPrecision(3));
  return {
    advantage,
    loss: signFlipTest(
      gains.map((one) => -one),
      { seed },
    ),
    marginProbability,
    words: {
      figures: `its numbers are off by ${text(meanError)} on average, those of version ${version} by ${text(incumbentMeanError)}, on ${gains.length} rows that neither was taught (nearer by ${text(gain)}, 95 %: ${text(gainLow)} … ${text(gainHigh)} by paired bootstrap; paired permutation p = ${advantage.toPrecision(2)})`,
      margin: `less than ${text(margin)} further off than version ${version} (paired permutation p = ${marginProbability.toPrecision(2)})`,
      gap: String(text((SEEN * spread) / Math.sqrt(Math.max(1, gains.length)))),
    },
  };
}

/** Clients that count on 0 … 100 must not get 0 … 1 from one day to the next. */
function scaleBlocks(own: GradeScale, other: GradeScale, version: number): string[] {
  const shared = Math.min(own.high, other.high) - Math.max(own.low, other.low);
  const widest = Math.max(own.high - own.low, other.high - other.low);
  if (shared >= COVERED * widest) return [];
  return [
    `its numbers go from ${own.low} to ${own.high}, those of version ${version} from ${other.low} to ${other.high}: that is another scale`,
  ];
}

function thirdOf(grade: number, { low, high }: GradeScale): string {
  const share = (grade - low) / (high - low);
  return share < 1 / 3 ? 'low' : share < 2 / 3 ? 'middle' : 'high';
}

function calibrationOf(judged: readonly JudgedGrade[], tolerance: number) {
  return { calibrationError: gradeCalibration(judged, tolerance), outOfScopeArea: null };
}

function timedSide(model: GradeModel): TimedSide {
  return {
    embedder: model.embedding?.embedder,
    answer: (text, vector) => gradeText(model, text, vector),
  };
}
