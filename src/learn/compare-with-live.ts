import { calibrationError } from '../base/calibration.ts';
import type { MicroModelParts } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { areaUnderCurve, quantile } from '../base/statistics.ts';
import { tongueOf } from '../base/tongue.ts';
import type { VersionComparison } from '../core/specialist.ts';
import type { CuratedRows } from './curated-rows.ts';
import { type Judged, judgedBy } from './judged-rows.ts';
import type { LadderEmbedder } from './ladder.ts';
import { compareVersions } from './version-comparison.ts';

/** The version that serves now, and whether it was taught a text. */
export interface Incumbent {
  readonly version: number;
  readonly parts: MicroModelParts;
  readonly knows: (text: string) => boolean;
  readonly bytes: number;
  /** CPU milliseconds of one request. */
  readonly ms: number;
}

interface MadeVersion {
  readonly judged: readonly Judged[];
  readonly bytes: number;
  /** CPU milliseconds of one request. */
  readonly ms: number;
}

interface Beside {
  readonly incumbent?: Incumbent;
  readonly curated: Pick<CuratedRows, 'labels'>;
  readonly embedder?: LadderEmbedder;
  readonly seed: number;
}

/**
 * A new version beside the one that serves, on the evaluation rows that the latter was not taught,
 * right where the answer as served is right; null where none serves.
 */
export async function compareWithLive(
  made: MadeVersion,
  { incumbent, curated, embedder, seed }: Beside,
): Promise<VersionComparison | null> {
  if (incumbent === undefined) return null;
  const { parts } = incumbent;
  const unseen = made.judged.filter((one) => !incumbent.knows(one.row.text));
  const others = await judgedBy(
    parts,
    unseen.map((one) => one.row),
    embedder === undefined ? {} : { embedder },
  );
  const both = unseen.flatMap((own, at) => {
    const other = others[at];
    return other === undefined ? [] : [{ own, other }];
  });
  const known = new Set([...curated.labels, ...parts.labels]);
  const inScope = both.filter(({ own }) => known.has(own.row.label));
  const foreign = both.filter(({ own }) => !known.has(own.row.label));
  const slicesOf = slicer(inScope.map(({ own }) => own.row));
  const measured = (side: 'own' | 'other') => ({
    calibrationError: calibrationError(
      inScope.map((one) => ({ confidence: one[side].confidence, right: one[side].isRight })),
    ),
    outOfScopeArea:
      foreign.length === 0 || inScope.length === 0
        ? null
        : areaUnderCurve(
            inScope.map((one) => one[side].fit),
            foreign.map((one) => one[side].fit),
          ),
  });
  const learnt = new Set(curated.labels);
  return compareVersions({
    version: incumbent.version,
    seed,
    pairs: inScope.map(({ own, other }) => ({
      isRight: own.isRight && own.isAnswered,
      incumbentIsRight: other.isRight && other.isAnswered,
      slices: slicesOf(own.row),
    })),
    own: { bytes: made.bytes, ms: made.ms, ...measured('own') },
    incumbent: { bytes: incumbent.bytes, ms: incumbent.ms, ...measured('other') },
    lostLabels: parts.labels.filter((label) => !learnt.has(label)),
  });
}

/** Parts of the rows in which a version may be worse: its label, thirds by length, the language. */
function slicer(rows: readonly LabelledText[]): (row: LabelledText) => readonly string[] {
  const lengths = rows.map((row) => row.text.length);
  const [short, long] = [quantile(lengths, 1 / 3), quantile(lengths, 2 / 3)];
  return ({ text, label }) => {
    const length = text.length <= short ? 'short' : text.length <= long ? 'middle' : 'long';
    const language = tongueOf(text);
    return [
      `label: ${label}`,
      `length: ${length}`,
      ...(language === undefined ? [] : [`language: ${language}`]),
    ];
  };
}
