import { classifyText, type MicroModelParts, writeMicroModel } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { pairedNonInferiority } from '../base/paired-test.ts';
import type { RungReport } from '../core/specialist.ts';
import { type ClimbOptions, climbRungs } from './climb.ts';
import { type HeldOut, pairHeldOut } from './held-out.ts';
import { trainMeasured } from './train-micro-model.ts';
import { textsToEmbed } from './training-set.ts';
import { PROMOTION_MARGIN } from './version-comparison.ts';
import { vocabularyOf } from './word-table.ts';

/**
 * From the cheapest to the dearest per request: n-grams; n-grams that learnt what words mean from
 * the embedder and do without it afterwards; n-grams and embedding together.
 */
export type RungName = 'n-grams' | 'student' | 'ensemble';

export interface LadderInput {
  readonly rows: readonly LabelledText[];
  /** Fingerprint of the examples, kept in the model. */
  readonly source: string;
  readonly seed: number;
  /** Absent = the rungs that read vectors are left out. */
  readonly embedder?: LadderEmbedder;
  /** Milliseconds of CPU used so far, of this thread; for the cost of a request. */
  readonly cpuMs: () => number;
}

export interface LadderEmbedder {
  readonly id: string;
  /**
   * One unit vector per text, and the CPU milliseconds that all took. Called for the words before
   * the student, for the rows before the ensemble.
   */
  embed(
    texts: readonly string[],
  ): Promise<{ readonly vectors: readonly Float32Array[]; readonly cpuMs: number }>;
}

export interface Climb {
  readonly model: MicroModelParts;
  /** Scores of rows by heads that had not seen them, which the model's report is made of. */
  readonly heldOut: HeldOut;
  readonly chosen: RungName;
  /** Why this rung, in words. */
  readonly reason: string;
  /** Every rung that was tried, cheapest first. */
  readonly rungs: readonly RungReport[];
}

interface Tried {
  readonly rung: RungName;
  readonly model: MicroModelParts;
  readonly heldOut: HeldOut;
  readonly report: RungReport;
}

/** Of taking a rung that is a point worse or more for one that is not. */
const RISK = 0.05;
/** Texts that the cost of a request is measured on. */
const TIMED_TEXTS = 200;

/**
 * Climbs from the cheapest kind of model to the dearest and stops at the first whose accuracy on
 * rows that it had not seen reaches the target. Without a target, or when none reaches it, the
 * cheapest that is shown to be less than a point worse than the dearer ones: few rows show no such
 * thing, and what they teach of words that they lack is seen by the dearer rungs alone (80 rows written
 * by a model: .988, 1 and 1 of them right by the three rungs, and .795, .850 and .895 of 200 messages
 * that people wrote). The same rows, vectors, seed and target give the same model. Throws RangeError
 * for fewer than two labels.
 */
export async function climbLadder(input: LadderInput, options: ClimbOptions = {}): Promise<Climb> {
  const { chosen, reason, tried } = await climbRungs(
    rungsOf(input),
    {
      isPreferred,
      rule: 'the cheapest that is shown to be less than a point worse than the dearer ones',
    },
    options,
  );
  const { model, heldOut, rung } = chosen;
  return { model, heldOut, chosen: rung, reason, rungs: tried.map((one) => one.report) };
}

/** Both were measured on the same rows. */
function isPreferred(dearer: Tried, cheaper: Tried): boolean {
  if (dearer.report.accuracy < cheaper.report.accuracy) return false;
  const counts = pairHeldOut(headsOf(cheaper), headsOf(dearer));
  return pairedNonInferiority(counts, PROMOTION_MARGIN) > RISK;
}

function headsOf({ heldOut, model }: Tried) {
  return { heldOut, mode: model.embedding?.mode ?? model.ngramMode };
}

function rungsOf(input: LadderInput): (() => Tried | Promise<Tried>)[] {
  const { rows, source, seed, embedder } = input;
  const measured = (
    rung: RungName,
    { parts: model, heldOut }: ReturnType<typeof trainMeasured>,
    msPerRequest: number,
  ): Tried => {
    const { accuracy, accuracyLow, accuracyHigh } = model.embedding?.report ?? model.ngramReport;
    const bytes = writeMicroModel(model).length;
    const report = { rung, accuracy, accuracyLow, accuracyHigh, bytes, msPerRequest };
    return { rung, model, heldOut, report };
  };
  const ngrams = () => {
    const made = trainMeasured({ rows, source, seed });
    return measured('n-grams', made, requestCost(made.parts, input, []));
  };
  if (embedder === undefined) return [ngrams];
  const student = async () => {
    const words = await embedAll(vocabularyOf(rows), embedder);
    const made = trainMeasured({ rows, source, seed, words: words.vectors });
    return measured('student', made, requestCost(made.parts, input, []));
  };
  const ensemble = async () => {
    const { vectors, textMs } = await embedAll(textsToEmbed(rows), embedder);
    const embedding = { embedder: embedder.id, vectors };
    const made = trainMeasured({ rows, source, seed, embedding });
    return measured('ensemble', made, textMs + requestCost(made.parts, input, vectors));
  };
  return [ngrams, student, ensemble];
}

/** One vector per text and the CPU milliseconds of one; throws RangeError for another number of them. */
export async function embedAll(texts: readonly string[], embedder: LadderEmbedder) {
  const { vectors, cpuMs } = await embedder.embed(texts);
  if (vectors.length !== texts.length)
    throw new RangeError(`${embedder.id} gave ${vectors.length} vectors for ${texts.length} texts`);
  return { vectors, textMs: cpuMs / Math.max(1, texts.length) };
}

/** CPU milliseconds of one text without its embedding. */
function requestCost(
  model: MicroModelParts,
  { rows, cpuMs }: LadderInput,
  vectors: readonly Float32Array[],
): number {
  const timed = rows.slice(0, TIMED_TEXTS);
  const started = cpuMs();
  timed.forEach((row, at) => {
    classifyText(model, row.text, vectors[at]);
  });
  return (cpuMs() - started) / timed.length;
}
