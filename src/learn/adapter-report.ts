import { wilsonInterval } from '../base/statistics.ts';
import type { Instruction } from '../core/instruction.ts';
import type { RungReport, SpecialistReport } from '../core/specialist.ts';
import type { VersionComparison } from '../core/version-comparison.ts';
import { instructionReports } from './instructions.ts';
import { compareVersions, detectableGap } from './version-comparison.ts';

/** A row that was measured: whether the answer is the one that the row gives, and how long it took. */
export interface JudgedAnswer {
  readonly isRight: boolean;
  readonly ms: number;
}

/** A version on the rows that it was not taught. */
export interface AdapterIncumbent {
  readonly version: number;
  readonly attempt: number;
  readonly bytes: number;
  /** By place in `judged`; undefined where it was taught the row. */
  readonly judged: readonly (JudgedAnswer | undefined)[];
}

export interface AdapterReportInput {
  /** Rows that it was taught. */
  readonly rows: number;
  readonly leftOut: SpecialistReport['leftOut'];
  readonly warnings: readonly string[];
  readonly measuredOn: SpecialistReport['measuredOn'];
  readonly judged: readonly JudgedAnswer[];
  readonly instructions: readonly Instruction[];
  /** Which of these each row has, by place in `judged`; −1 for none. */
  readonly instructed: readonly number[];
  /** The base without it on the first of these rows. */
  readonly base: { readonly id: string; readonly judged: readonly JudgedAnswer[] };
  readonly incumbent?: AdapterIncumbent;
  readonly bytes: number;
  readonly seed: number;
}

/**
 * Whether an answer is the wanted one: the same JSON where JSON is wanted, else the same words, in the
 * same case and whatever the white space between them.
 */
export function isSameAnswer(wanted: string, given: string): boolean {
  const json = jsonOf(wanted);
  if (json !== undefined) return json === jsonOf(given);
  return spaced(wanted) === spaced(given);
}

/** Of objects and lists, with sorted keys; undefined for other texts. */
function jsonOf(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  } catch {
    return undefined;
  }
}

function spaced(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

/** What was measured of an adapter, beside its base as it is and the version that serves. */
export function adapterReport(input: AdapterReportInput): SpecialistReport {
  const { judged, base, bytes } = input;
  const own = rungOf('adapter', judged, bytes);
  return {
    rows: input.rows,
    labels: [],
    leftOut: input.leftOut,
    warnings: input.warnings,
    measuredOn: input.measuredOn,
    evaluationRows: judged.length,
    accuracy: own.accuracy,
    accuracyLow: own.accuracyLow,
    accuracyHigh: own.accuracyHigh,
    answeredShare: 1,
    servedAccuracy: own.accuracy,
    // It tells no confidence of its own; the gate takes its share of right answers for it.
    calibrationError: 0,
    outOfScopeArea: 0.5,
    detectableGap: detectableGap(own.accuracy, judged.length),
    rung: own.rung,
    rungs: [{ ...rungOf(base.id, base.judged, 0), rows: base.judged.length }, own],
    instructions: instructionReports(
      input.instructions,
      judged.map(({ isRight }, at) => ({ isRight, instruction: input.instructed[at] ?? -1 })),
    ),
    bytes,
    msPerRequest: own.msPerRequest,
    comparison: comparisonOf(input),
  };
}

function rungOf(rung: string, judged: readonly JudgedAnswer[], bytes: number): RungReport {
  const { value, low, high } = wilsonInterval(
    judged.filter((one) => one.isRight).length,
    judged.length,
  );
  return {
    rung,
    accuracy: value,
    accuracyLow: low,
    accuracyHigh: high,
    bytes,
    msPerRequest: meanMs(judged),
  };
}

function meanMs(judged: readonly JudgedAnswer[]): number {
  return judged.reduce((sum, one) => sum + one.ms, 0) / Math.max(1, judged.length);
}

function comparisonOf({
  incumbent,
  judged,
  bytes,
  seed,
}: AdapterReportInput): VersionComparison | null {
  if (incumbent === undefined) return null;
  const pairs = judged.flatMap((own, at) => {
    const other = incumbent.judged[at];
    return other === undefined ? [] : [{ own, other }];
  });
  const unmeasured = { calibrationError: 0, outOfScopeArea: null };
  return compareVersions({
    version: incumbent.version,
    attempt: incumbent.attempt,
    seed,
    pairs: pairs.map(({ own, other }) => ({
      isRight: own.isRight,
      incumbentIsRight: other.isRight,
      slices: [],
    })),
    own: { bytes, ms: meanMs(pairs.map((one) => one.own)), ...unmeasured },
    incumbent: {
      bytes: incumbent.bytes,
      ms: meanMs(pairs.map((one) => one.other)),
      ...unmeasured,
    },
    lostLabels: [],
  });
}
