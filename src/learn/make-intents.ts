import { calibrationError } from '../base/calibration.ts';
import { type MicroModelParts, writeMicroModel } from '../base/micro-model.ts';
import { judge } from '../base/mixture.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { areaUnderCurve } from '../base/statistics.ts';
import type { SampledRow } from '../core/generalist.ts';
import type { RungReport, SpecialistReport } from '../core/specialist.ts';
import { compareIntents } from './compare-intents.ts';
import { type CuratedRows, countsOf } from './curated-rows.ts';
import { drawSample } from './generalist-question.ts';
import type { Incumbent } from './incumbent.ts';
import { type Judged, judgedBy, judgedOf } from './judged-rows.ts';
import { type Climb, climbLadder, type LadderEmbedder } from './ladder.ts';
import { evaluation } from './right-share.ts';
import { noiseWarnings } from './training-warnings.ts';

export interface IntentsInput {
  readonly curated: CuratedRows;
  /** Rows to measure on alone; labels that are not learnt count as out of scope. */
  readonly test?: readonly LabelledText[];
  /** Rows of the data that are never taught; measured on where there is no test set. */
  readonly kept?: readonly LabelledText[];
  readonly seed: number;
  /** Accuracy at which the ladder stops; absent = it climbs to its end. */
  readonly target?: number;
  /** Fingerprint of data and settings, kept in the model. */
  readonly source: string;
  /** Absent = n-grams alone. */
  readonly embedder?: LadderEmbedder;
  readonly incumbent?: Incumbent<MicroModelParts>;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
  readonly onRung: (rung: RungReport) => void;
}

export interface MadeIntents {
  readonly bytes: Uint8Array;
  readonly report: SpecialistReport;
  /** Some of the rows that it was measured on, drawn by the seed. */
  readonly sample: readonly SampledRow[];
}

/**
 * Climbs the ladder and measures what stands on the rung: on rows that were held out, or on a test set,
 * and beside the version that serves now on rows that neither was taught. Same input, same bytes.
 */
export async function makeIntents(input: IntentsInput): Promise<MadeIntents> {
  const { curated, seed, source, embedder, target, test, cpuMs, onRung } = input;
  const climb = await climbLadder(
    { rows: curated.rows, source, seed, cpuMs, ...(embedder && { embedder }) },
    { ...(target !== undefined && { target }), onRung },
  );
  const rows = test ?? (input.kept?.length ? input.kept : undefined);
  const judged =
    rows === undefined
      ? judgedHeldOut(climb, curated.rows)
      : await judgedBy(climb.model, rows, input);
  const known = new Set(curated.labels);
  const inScope = judged.filter((one) => known.has(one.row.label));
  const foreign = judged.filter((one) => !known.has(one.row.label));
  const right = inScope.filter((one) => one.isRight).length;
  const measured = evaluation(right, inScope.length, test);
  const ownReport = climb.model.embedding?.report ?? climb.model.ngramReport;
  const bytes = writeMicroModel(climb.model);
  const ms = climb.rungs.find((one) => one.rung === climb.chosen)?.msPerRequest ?? 0;
  const report: SpecialistReport = {
    rows: curated.rows.length,
    labels: curated.labels,
    leftOut: curated.leftOut,
    warnings: [
      ...curated.warnings,
      ...noiseWarnings(climb, curated.rows),
      ...chanceWords(measured.accuracyLow, inScope),
    ],
    ...measured,
    answeredShare: shareOf(inScope, (one) => one.isAnswered),
    servedAccuracy: shareOf(inScope, (one) => one.isAnswered && one.isRight),
    calibrationError: calibrationError(
      inScope.map(({ confidence, isRight }) => ({ confidence, right: isRight })),
    ),
    outOfScopeArea:
      foreign.length === 0
        ? ownReport.noveltyArea
        : areaUnderCurve(
            inScope.map((one) => one.fit),
            foreign.map((one) => one.fit),
          ),
    rung: climb.chosen,
    rungs: climb.rungs,
    bytes: bytes.length,
    msPerRequest: ms,
    comparison: await compareIntents({ judged, parts: climb.model, bytes: bytes.length }, input),
  };
  return { bytes, report, sample: drawSample(inScope.map(sampled), seed) };
}

function sampled({ row, isRight }: Judged): SampledRow {
  return { text: row.text, label: row.label, isRight };
}

function shareOf(judged: readonly Judged[], isWanted: (one: Judged) => boolean): number {
  return judged.filter(isWanted).length / Math.max(1, judged.length);
}

/** Says when always giving the commonest label would do as well. */
function chanceWords(accuracyLow: number, judged: readonly Judged[]): string[] {
  const counts = [...countsOf(judged.map((one) => one.row)).values()];
  const share = Math.max(0, ...counts) / Math.max(1, judged.length);
  if (accuracyLow > share) return [];
  return [
    `it is not surely better than always the commonest label (${(100 * share).toFixed(1)} % right): more rows are needed, or the texts do not tell the labels`,
  ];
}

function judgedHeldOut({ model, heldOut }: Climb, rows: readonly LabelledText[]): Judged[] {
  const mode = model.embedding?.mode ?? model.ngramMode;
  return heldOut.scores.flatMap((scores, at) => {
    const row = rows[heldOut.places[at] ?? -1];
    return row === undefined
      ? []
      : [judgedOf(row, model.labels, judge(scores, mode.mixing, mode.novelty))];
  });
}
