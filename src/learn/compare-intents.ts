import { calibrationError } from '../base/calibration.ts';
import { classifyText, type MicroModelParts } from '../base/micro-model.ts';
import { areaUnderCurve } from '../base/statistics.ts';
import type { VersionComparison } from '../core/version-comparison.ts';
import type { CuratedRows } from './curated-rows.ts';
import type { Incumbent } from './incumbent.ts';
import { type Judged, judgedBy } from './judged-rows.ts';
import type { LadderEmbedder } from './ladder.ts';
import { textSlicer } from './text-slices.ts';
import { compareVersions } from './version-comparison.ts';
import { type TimedSide, timesOf } from './version-times.ts';

interface MadeVersion {
  readonly judged: readonly Judged[];
  readonly parts: MicroModelParts;
  readonly bytes: number;
}

interface Beside {
  readonly incumbent?: Incumbent<MicroModelParts>;
  readonly curated: Pick<CuratedRows, 'labels'>;
  readonly embedder?: LadderEmbedder;
  readonly seed: number;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
}

/**
 * A new version beside the one that serves, on the evaluation rows that the latter was not taught,
 * right where the answer as served is right; null where none serves.
 */
export async function compareIntents(
  made: MadeVersion,
  { incumbent, curated, embedder, seed, cpuMs }: Beside,
): Promise<VersionComparison | null> {
  if (incumbent === undefined) return null;
  const { model: parts } = incumbent;
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
  const slicesOf = textSlicer(inScope.map(({ own }) => own.row.text));
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
  const timed = unseen.map((one) => one.row.text);
  const [ownMs, incumbentMs] = await timesOf(
    [timedSide(made.parts), timedSide(parts)],
    timed,
    embedder,
    cpuMs,
  );
  return compareVersions({
    version: incumbent.version,
    attempt: incumbent.attempt,
    seed,
    pairs: inScope.map(({ own, other }) => ({
      isRight: own.isRight && own.isAnswered,
      incumbentIsRight: other.isRight && other.isAnswered,
      slices: [`label: ${own.row.label}`, ...slicesOf(own.row.text)],
    })),
    own: { bytes: made.bytes, ms: ownMs, ...measured('own') },
    incumbent: { bytes: incumbent.bytes, ms: incumbentMs, ...measured('other') },
    lostLabels: parts.labels.filter((label) => !learnt.has(label)),
  });
}

function timedSide(parts: MicroModelParts): TimedSide {
  return {
    embedder: parts.embedding?.embedder,
    answer: (text, vector) => classifyText(parts, text, vector),
  };
}
