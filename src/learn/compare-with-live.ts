import { calibrationError } from '../base/calibration.ts';
import { classifyText, type MicroModelParts } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { areaUnderCurve, quantile } from '../base/statistics.ts';
import { tongueOf } from '../base/tongue.ts';
import type { VersionComparison } from '../core/version-comparison.ts';
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
  /** How many versions were compared with it, this one among them. */
  readonly attempt: number;
}

interface MadeVersion {
  readonly judged: readonly Judged[];
  readonly parts: MicroModelParts;
  readonly bytes: number;
}

/** Rows that both are timed on, and how often. */
const TIMED_ROWS = 200;
const TIMED_ROUNDS = 5;

interface Beside {
  readonly incumbent?: Incumbent;
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
export async function compareWithLive(
  made: MadeVersion,
  { incumbent, curated, embedder, seed, cpuMs }: Beside,
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
  const timed = unseen.slice(0, TIMED_ROWS).map((one) => one.row.text);
  const [ownMs, incumbentMs] = await timesOf([made.parts, parts], timed, { embedder, cpuMs });
  return compareVersions({
    version: incumbent.version,
    attempt: incumbent.attempt,
    seed,
    pairs: inScope.map(({ own, other }) => ({
      isRight: own.isRight && own.isAnswered,
      incumbentIsRight: other.isRight && other.isAnswered,
      slices: slicesOf(own.row),
    })),
    own: { bytes: made.bytes, ms: ownMs, ...measured('own') },
    incumbent: { bytes: incumbent.bytes, ms: incumbentMs, ...measured('other') },
    lostLabels: parts.labels.filter((label) => !learnt.has(label)),
  });
}

/**
 * CPU milliseconds of one text by each of the two, in turns on the same texts; the embedder's share is
 * measured once and counts for each that reads vectors.
 */
async function timesOf(
  models: readonly [MicroModelParts, MicroModelParts],
  texts: readonly string[],
  {
    embedder,
    cpuMs,
  }: { readonly embedder: LadderEmbedder | undefined; readonly cpuMs: () => number },
): Promise<readonly [number, number]> {
  const reads = models.map(
    ({ embedding }) => embedder !== undefined && embedding?.embedder === embedder.id,
  );
  const embedded =
    embedder !== undefined && reads.includes(true)
      ? await embedder.embed(texts)
      : { vectors: [], cpuMs: 0 };
  const sums: [number, number] = [0, 0];
  for (let round = 0; round < TIMED_ROUNDS; round += 1)
    for (const side of [0, 1] as const) {
      const started = cpuMs();
      texts.forEach((text, at) => {
        classifyText(models[side], text, reads[side] ? embedded.vectors[at] : undefined);
      });
      sums[side] += cpuMs() - started;
    }
  const count = Math.max(1, texts.length);
  const timeOf = (side: 0 | 1) =>
    sums[side] / TIMED_ROUNDS / count + (reads[side] ? embedded.cpuMs / count : 0);
  return [timeOf(0), timeOf(1)];
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
