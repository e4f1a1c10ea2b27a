import { classifyText, type MicroModelParts, writeMicroModel } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import type { RungReport } from '../core/specialist.ts';
import type { HeldOut } from './held-out.ts';
import { trainMeasured } from './train-micro-model.ts';
import { textsToEmbed } from './training-set.ts';
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

export interface LadderOptions {
  /** Held-out accuracy that is enough, 0 … 1; absent = the best rung. */
  readonly target?: number;
  /** Told of every rung as soon as it is measured. */
  readonly onRung?: (rung: RungReport) => void;
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

/** Texts that the cost of a request is measured on. */
const TIMED_TEXTS = 200;

/**
 * Climbs from the cheapest kind of model to the dearest and stops at the first whose accuracy on
 * rows that it had not seen reaches the target. Without a target, or when none reaches it, the best
 * is chosen, where a dearer one must be better by more than chance. The same rows, vectors, seed
 * and target give the same model. Throws RangeError for fewer than two labels.
 */
export async function climbLadder(
  input: LadderInput,
  { target, onRung }: LadderOptions = {},
): Promise<Climb> {
  const tried: Tried[] = [];
  const isEnough = (
    rung: RungName,
    { parts: model, heldOut }: ReturnType<typeof trainMeasured>,
    msPerRequest: number,
  ) => {
    const { accuracy, accuracyLow, accuracyHigh } = model.embedding?.report ?? model.ngramReport;
    const bytes = writeMicroModel(model).length;
    const report = { rung, accuracy, accuracyLow, accuracyHigh, bytes, msPerRequest };
    tried.push({ rung, model, heldOut, report });
    onRung?.(report);
    return target !== undefined && accuracy >= target;
  };
  const { rows, source, seed } = input;
  const ngrams = trainMeasured({ rows, source, seed });
  const isDone = isEnough('n-grams', ngrams, requestCost(ngrams.parts, input, []));
  if (isDone || input.embedder === undefined) return choose(tried, target);
  const { embedder } = input;
  const words = await embedAll(vocabularyOf(rows), embedder);
  const student = trainMeasured({ rows, source, seed, words: words.vectors });
  if (isEnough('student', student, requestCost(student.parts, input, [])))
    return choose(tried, target);
  const { vectors, textMs } = await embedAll(textsToEmbed(rows), embedder);
  const embedding = { embedder: embedder.id, vectors };
  const both = trainMeasured({ rows, source, seed, embedding });
  isEnough('ensemble', both, textMs + requestCost(both.parts, input, vectors));
  return choose(tried, target);
}

async function embedAll(texts: readonly string[], embedder: LadderEmbedder) {
  const { vectors, cpuMs } = await embedder.embed(texts);
  if (vectors.length !== texts.length)
    throw new RangeError(`${embedder.id} gave ${vectors.length} vectors for ${texts.length} texts`);
  return { vectors, textMs: cpuMs / Math.max(1, texts.length) };
}

function choose(tried: readonly Tried[], target: number | undefined): Climb {
  const rungs = tried.map((one) => one.report);
  const [first, ...dearer] = tried;
  if (first === undefined) throw new RangeError('no rung was tried');
  const climb = ({ rung, model, heldOut }: Tried, reason: string) => ({
    model,
    heldOut,
    chosen: rung,
    reason,
    rungs,
  });
  if (target !== undefined) {
    const enough = tried.find((one) => one.report.accuracy >= target);
    if (enough !== undefined) return climb(enough, 'the cheapest that reaches the target');
  }
  let best = first;
  for (const one of dearer) {
    if (one.report.accuracyLow > best.report.accuracy) best = one;
  }
  const missed = target === undefined ? '' : 'none reaches the target; ';
  return climb(best, `${missed}the best, where a dearer one must be better by more than chance`);
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
