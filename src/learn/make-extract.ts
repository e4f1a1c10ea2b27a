import { calibrationError } from '../base/calibration.ts';
import { seededRandom } from '../base/random.ts';
import {
  type FoundSpan,
  type Span,
  type SpanTagger,
  tagSpans,
  writeSpanTagger,
} from '../base/span-tagger.ts';
import { areaUnderCurve, quantile } from '../base/statistics.ts';
import type { FieldReport } from '../core/field-report.ts';
import type { SampledRow } from '../core/generalist.ts';
import type { SpecialistReport } from '../core/specialist.ts';
import type { VersionComparison } from '../core/version-comparison.ts';
import { drawSample } from './generalist-question.ts';
import type { Incumbent } from './incumbent.ts';
import { nearFolds } from './near-folds.ts';
import { evaluation } from './right-share.ts';
import type { SpanRows } from './span-rows.ts';
import { type SpanRow, trainSpanTagger } from './train-span-tagger.ts';
import { compareVersions } from './version-comparison.ts';

export interface ExtractInput {
  readonly data: SpanRows;
  readonly notes: readonly string[];
  /** Rows to measure on alone. */
  readonly test?: readonly SpanRow[];
  readonly seed: number;
  readonly source: string;
  readonly incumbent?: Incumbent<SpanTagger>;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
}

const FOLDS = 4;
const ROUNDS = 1000;

interface Judged {
  readonly row: SpanRow;
  readonly found: readonly FoundSpan[];
}

/**
 * Trains a tagger and measures it: by folds that near-duplicates do not cross, or on a test set, and
 * beside the version that serves on rows that neither was taught. Same input, same bytes.
 */
export function makeExtract(input: ExtractInput): {
  readonly bytes: Uint8Array;
  readonly report: SpecialistReport;
  /** Some of the rows that it was measured on. */
  readonly sample: readonly SampledRow[];
} {
  const { data, seed, source, test, cpuMs } = input;
  const { rows, labels } = data;
  const { heldOut, temperature } = measuredByFolds(input);
  const tagger = trainSpanTagger({ rows, labels, seed, source, temperature });
  const bytes = writeSpanTagger(tagger);
  const started = cpuMs();
  const judged = test === undefined ? heldOut : judgedBy(tagger, test);
  const timed = judgedBy(tagger, rows.slice(0, 200));
  const ms = (cpuMs() - started) / Math.max(1, timed.length + (test?.length ?? 0));
  const measured = evaluation(judged.filter(isRight).length, judged.length, test);
  const { accuracy, accuracyLow, accuracyHigh } = measured;
  const rung = 'span tagger';
  const report: SpecialistReport = {
    rows: rows.length,
    labels,
    leftOut: data.leftOut,
    warnings: input.notes,
    ...measured,
    answeredShare: 1,
    servedAccuracy: accuracy,
    calibrationError: spanCalibration(judged),
    outOfScopeArea: emptyArea(judged),
    rung,
    rungs: [{ rung, accuracy, accuracyLow, accuracyHigh, bytes: bytes.length, msPerRequest: ms }],
    bytes: bytes.length,
    msPerRequest: ms,
    comparison: comparisonOf(input, judged, { bytes: bytes.length, ms }),
    fields: [undefined, ...labels].map((label) => fieldReport(judged, label, seed)),
  };
  return { bytes, report, sample: drawSample(judged.map(sampled), seed) };
}

/** What taggers say of rows that they were not taught, and what makes their probabilities right. */
function measuredByFolds({ data, seed, source }: ExtractInput) {
  const { rows, labels } = data;
  const folds = nearFolds(rows, FOLDS, seed);
  const heldOut: Judged[] = [];
  const temperatures: number[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const unseen = rows.filter((_, at) => folds[at] === fold);
    const seen = rows.filter((_, at) => folds[at] !== fold);
    if (unseen.length === 0 || seen.length === 0) continue;
    const tagger = trainSpanTagger({ rows: seen, labels, seed, source, unseen });
    temperatures.push(tagger.temperature);
    heldOut.push(...judgedBy(tagger, unseen));
  }
  const temperature = temperatures.length === 0 ? 1 : quantile(temperatures, 0.5);
  return { heldOut, temperature };
}

function judgedBy(tagger: SpanTagger, rows: readonly SpanRow[]): Judged[] {
  return rows.map((row) => ({ row, found: tagSpans(tagger, row.text) }));
}

const isSame = (one: Span) => (other: Span) =>
  one.start === other.start && one.end === other.end && one.label === other.label;

function isRight({ row, found }: Judged): boolean {
  return found.length === row.spans.length && found.every((one) => row.spans.some(isSame(one)));
}

function sampled(judged: Judged): SampledRow {
  const { text, spans } = judged.row;
  const fields = spans.map(({ start, end, label }) => ({
    field: label,
    value: text.slice(start, end),
  }));
  return { text, label: JSON.stringify(fields), isRight: isRight(judged) };
}

/** How far the confidence of the found spans is from the share of right ones. */
function spanCalibration(judged: readonly Judged[]): number {
  return calibrationError(
    judged.flatMap(({ row, found }) =>
      found.map((one) => ({ confidence: one.confidence, right: row.spans.some(isSame(one)) })),
    ),
  );
}

/** How well the surest span tells texts that have some from those that have none; .5 without such. */
function emptyArea(judged: readonly Judged[]): number {
  const surest = ({ found }: Judged) => Math.max(0, ...found.map((one) => one.confidence));
  const full = judged.filter(({ row }) => row.spans.length > 0);
  const empty = judged.filter(({ row }) => row.spans.length === 0);
  if (full.length === 0 || empty.length === 0) return 0.5;
  return areaUnderCurve(full.map(surest), empty.map(surest));
}

/** Exact-span F1 with its 95 % percentile interval; texts are what the bootstrap draws. */
export function fieldReport(
  judged: readonly Judged[],
  label: string | undefined,
  seed: number,
): FieldReport {
  const counts = judged.map(({ row, found }) => {
    const own = (span: Span) => label === undefined || span.label === label;
    const [wanted, given] = [row.spans.filter(own), found.filter(own)];
    return {
      right: given.filter((one) => wanted.some(isSame(one))).length,
      both: wanted.length + given.length,
    };
  });
  const score = (places: Iterable<number>) => {
    let [right, both] = [0, 0];
    for (const at of places) {
      right += counts[at]?.right ?? 0;
      both += counts[at]?.both ?? 0;
    }
    return both === 0 ? 1 : (2 * right) / both;
  };
  const random = seededRandom(seed);
  const drawn = Float64Array.from({ length: ROUNDS }, () =>
    score(Array.from(counts, () => Math.floor(random() * counts.length))),
  );
  return {
    label: label ?? null,
    f1: score(counts.keys()),
    low: quantile(drawn, 0.025),
    high: quantile(drawn, 0.975),
    spans: judged.reduce(
      (sum, { row }) => sum + row.spans.filter((one) => (label ?? one.label) === one.label).length,
      0,
    ),
  };
}

/** Right where all spans of a text are right and no other is found. */
function comparisonOf(
  { incumbent, data, seed, cpuMs }: ExtractInput,
  judged: readonly Judged[],
  own: { readonly bytes: number; readonly ms: number },
): VersionComparison | null {
  if (incumbent === undefined) return null;
  const unseen = judged.filter(({ row }) => !incumbent.knows(row.text));
  const started = cpuMs();
  const others = judgedBy(
    incumbent.model,
    unseen.map(({ row }) => row),
  );
  const ms = (cpuMs() - started) / Math.max(1, unseen.length);
  return compareVersions({
    version: incumbent.version,
    attempt: incumbent.attempt,
    seed,
    pairs: unseen.map((one, at) => ({
      isRight: isRight(one),
      incumbentIsRight: isRight(others[at] ?? { row: one.row, found: [] }),
      slices: [...new Set(one.row.spans.map((span) => `label: ${span.label}`))],
    })),
    own: { ...own, calibrationError: spanCalibration(unseen), outOfScopeArea: null },
    incumbent: {
      bytes: incumbent.bytes,
      ms,
      calibrationError: spanCalibration(others),
      outOfScopeArea: null,
    },
    lostLabels: incumbent.model.labels.filter((label) => !data.labels.includes(label)),
  });
}
