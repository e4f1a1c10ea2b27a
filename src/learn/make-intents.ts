import { calibrationError } from '../base/calibration.ts';
import { classifyText, type MicroModelParts, writeMicroModel } from '../base/micro-model.ts';
import { judge } from '../base/mixture.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { areaUnderCurve, wilsonInterval } from '../base/statistics.ts';
import type { RungReport, SpecialistReport } from '../core/specialist.ts';
import { BACKGROUND_SENTENCES } from './background.ts';
import type { CuratedRows } from './curated-rows.ts';
import { type HeldOut, placeOfLargest } from './held-out.ts';
import { trainMeasured } from './train-micro-model.ts';
import { compareVersions, detectableGap } from './version-comparison.ts';

export interface IntentsInput {
  readonly curated: CuratedRows;
  /** Rows to measure on alone; labels that are not learnt count as out of scope. */
  readonly test?: readonly LabelledText[];
  readonly seed: number;
  /** Accuracy at which the ladder stops; absent = it climbs to its end. */
  readonly target?: number;
  /** Fingerprint of data and settings, kept in the model. */
  readonly source: string;
  /** Unit vectors of texts, in order, and what one costs; absent = n-grams alone. */
  readonly embedder?: {
    readonly id: string;
    embed(texts: readonly string[]): Promise<Vectors>;
  };
  /** The version that serves now, and whether it was taught a text. */
  readonly incumbent?: {
    readonly version: number;
    readonly parts: MicroModelParts;
    readonly knows: (text: string) => boolean;
  };
  /** CPU milliseconds of this thread. */
  readonly elapsed: () => number;
  readonly onRung: (rung: RungReport) => void;
}

export interface Vectors {
  readonly vectors: readonly Float32Array[];
  /** Milliseconds of one text. */
  readonly msPerText: number;
}

export interface MadeIntents {
  readonly bytes: Uint8Array;
  readonly report: SpecialistReport;
}

/** One row judged by a model that had not seen it. */
interface Judged {
  readonly row: LabelledText;
  readonly isRight: boolean;
  readonly confidence: number;
  readonly isAnswered: boolean;
  /** How well the best label fits, ≤ 0. */
  readonly fit: number;
}

interface Rung {
  readonly report: RungReport;
  readonly parts: MicroModelParts;
  readonly bytes: Uint8Array;
  readonly heldOut: HeldOut;
}

/** Rows that the time of a request is measured on. */
const TIMED_ROWS = 200;

/**
 * Climbs the ladder and measures what stands on the rung: on rows that were held out, or on a test set,
 * and beside the version that serves now on rows that neither was taught. Same input, same bytes.
 */
export async function makeIntents(input: IntentsInput): Promise<MadeIntents> {
  const rungs = await climb(input);
  const [first, ...others] = rungs;
  if (first === undefined) throw new RangeError('the ladder has no rung');
  const chosen = others.reduce(
    (best, one) => (one.report.accuracy > best.report.accuracy ? one : best),
    first,
  );
  const judged =
    input.test === undefined
      ? judgedHeldOut(chosen, input.curated.rows)
      : await judgedBy(chosen.parts, input.test, input);
  const known = new Set(input.curated.labels);
  const inScope = judged.filter((one) => known.has(one.row.label));
  const foreign = judged.filter((one) => !known.has(one.row.label));
  const right = inScope.filter((one) => one.isRight).length;
  const accuracy = wilsonInterval(right, inScope.length);
  const ownReport = chosen.parts.embedding?.report ?? chosen.parts.ngramReport;
  const report: SpecialistReport = {
    rows: input.curated.rows.length,
    labels: input.curated.labels,
    leftOut: input.curated.leftOut,
    warnings: input.curated.warnings,
    measuredOn: input.test === undefined ? 'held-out' : 'test',
    evaluationRows: inScope.length,
    accuracy: accuracy.value,
    accuracyLow: accuracy.low,
    accuracyHigh: accuracy.high,
    answeredShare: inScope.filter((one) => one.isAnswered).length / Math.max(1, inScope.length),
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
    detectableGap: detectableGap(accuracy.value, inScope.length),
    rung: chosen.report.rung,
    rungs: rungs.map((rung) => rung.report),
    bytes: chosen.bytes.length,
    msPerRequest: chosen.report.msPerRequest,
    comparison: await compared(inScope, input),
  };
  return { bytes: chosen.bytes, report };
}

async function climb(input: IntentsInput): Promise<Rung[]> {
  const { curated, seed, source, embedder, target = 2 } = input;
  const { rows } = curated;
  const ngrams = rungOf('n-grams', trainMeasured({ rows, source, seed }), 0, input);
  if (embedder === undefined || ngrams.report.accuracy >= target) return [ngrams];
  const texts = [...rows.map((row) => row.text), ...BACKGROUND_SENTENCES];
  const { vectors, msPerText } = await embedder.embed(texts);
  const embedding = {
    embedder: embedder.id,
    rows: vectors.slice(0, rows.length),
    background: vectors.slice(rows.length),
  };
  const both = trainMeasured({ rows, source, seed, embedding });
  return [ngrams, rungOf('n-grams+embedding', both, msPerText, input)];
}

function rungOf(
  rung: string,
  { parts, heldOut }: ReturnType<typeof trainMeasured>,
  msPerVector: number,
  { curated, elapsed, onRung }: IntentsInput,
): Rung {
  const { accuracy, accuracyLow, accuracyHigh } = parts.embedding?.report ?? parts.ngramReport;
  const bytes = writeMicroModel(parts);
  const timed = curated.rows.slice(0, TIMED_ROWS);
  const vector = parts.embedding && new Float32Array(parts.embedding.head.columns.length);
  const start = elapsed();
  for (const row of timed) classifyText(parts, row.text, vector);
  const msPerRequest = (elapsed() - start) / timed.length + msPerVector;
  const report = {
    rung,
    accuracy,
    accuracyLow,
    accuracyHigh,
    bytes: bytes.length,
    msPerRequest,
  };
  onRung(report);
  return { report, parts, bytes, heldOut };
}

function judgedHeldOut({ parts, heldOut }: Rung, rows: readonly LabelledText[]): Judged[] {
  const mode = parts.embedding?.mode ?? parts.ngramMode;
  return heldOut.scores.flatMap((scores, at) => {
    const row = rows[heldOut.places[at] ?? -1];
    return row === undefined
      ? []
      : [judgedOf(row, parts.labels, judge(scores, mode.mixing, mode.novelty))];
  });
}

async function judgedBy(
  parts: MicroModelParts,
  rows: readonly LabelledText[],
  { embedder }: IntentsInput,
): Promise<Judged[]> {
  const isFitting = embedder !== undefined && parts.embedding?.embedder === embedder.id;
  const { vectors } = isFitting
    ? await embedder.embed(rows.map((row) => row.text))
    : { vectors: [] };
  return rows.map((row, at) =>
    judgedOf(row, parts.labels, classifyText(parts, row.text, vectors[at])),
  );
}

function judgedOf(
  row: LabelledText,
  labels: readonly string[],
  { probabilities, isNovel, fit }: ReturnType<typeof classifyText>,
): Judged {
  const best = placeOfLargest(probabilities);
  return {
    row,
    isRight: labels[best] === row.label,
    confidence: probabilities[best] ?? 0,
    isAnswered: !isNovel,
    fit,
  };
}

/** On the evaluation rows that the incumbent was not taught. */
async function compared(
  judged: readonly Judged[],
  input: IntentsInput,
): Promise<SpecialistReport['comparison']> {
  const { incumbent } = input;
  if (incumbent === undefined) return null;
  const unseen = judged.filter((one) => !incumbent.knows(one.row.text));
  const others = await judgedBy(
    incumbent.parts,
    unseen.map((one) => one.row),
    input,
  );
  return compareVersions(
    incumbent.version,
    unseen.map(({ isRight }, at) => ({ isRight, incumbentIsRight: others[at]?.isRight === true })),
  );
}
