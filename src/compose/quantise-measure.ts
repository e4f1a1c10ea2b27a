import { AsyncQueue } from '../base/async-queue.ts';
import { pairedAdvantage } from '../base/paired-test.ts';
import { textPart } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { Model, ModelLease } from '../core/ports.ts';
import type {
  ModelMeasure,
  QualityRow,
  QuantisationProgress,
  QuantisationReport,
  QuantisationWish,
} from '../core/quantisation.ts';
import type { AcquireOptions } from '../fleet/residency-deps.ts';
import { isSameAnswer } from '../learn/adapter-report.ts';
import { isRightAnswer } from '../learn/answer-grading.ts';
import type { MakingTarget, Quantiser } from './quantise.ts';

interface MeasureParts {
  readonly quantiser: Quantiser;
  readonly acquire: (id: string, options: AcquireOptions) => Promise<ModelLease>;
  readonly acquireAdapted: (
    id: string,
    adapter: string,
    options: AcquireOptions,
  ) => Promise<ModelLease>;
  /** Measured bytes of a model in memory. */
  readonly memoryOf: (id: string) => number;
}

/** An answer that is longer than this to a question with a known answer is not to the point. */
const ANSWER_TOKENS = 64;
/** Of an adapter's: its answers are as long as those that it was taught. */
const ADAPTER_TOKENS_LEAST = 16;
const ADAPTER_TOKENS_MOST = 1024;
const SPEED_TOKENS = 64;
const SPEED_PROMPT = 'Tell me a long story about a lighthouse and the people who live in it.';
const KEPT = 64;

/** The form that is made, and the questions by which it is measured. */
export type MakingOrder = Pick<QuantisationWish, 'format' | 'rows'>;

/**
 * Makes a form of a model and measures it beside the original: tokens per second of one answer, bytes
 * in memory and, where there are rows, how many each has right (greedy, the same prompts). Of a model with
 * an adapter an answer is right where it is exactly one of the row's, as when the adapter was made.
 */
export async function* quantiseMeasured(
  { quantiser, memoryOf, ...lend }: MeasureParts,
  target: MakingTarget,
  { format, rows }: MakingOrder,
  signal: AbortSignal,
): AsyncGenerator<QuantisationProgress> {
  const queue = new AsyncQueue<QuantisationProgress>(KEPT);
  const say = (progress: QuantisationProgress) => queue.push(progress);
  const work = async (): Promise<QuantisationReport> => {
    const { entry, weightError } = await quantiser.doMake(target, format, {
      signal,
      onProgress: (done, total) => say({ stage: 'making', model: target.label, done, total }),
    });
    const options = { signal, priority: 'background' as const };
    const original = () =>
      target.adapter === undefined
        ? lend.acquire(target.model, options)
        : lend.acquireAdapted(target.model, target.adapter.path, options);
    const judge = judgeOf(target, rows);
    const measured: Measured[] = [];
    for (const [model, held, doLend] of [
      [target.label, target.model, original],
      [entry.id, entry.id, () => lend.acquire(entry.id, options)],
    ] as const) {
      const lease = await doLend();
      try {
        const onRow = (done: number) =>
          say({ stage: 'measuring', model, done, total: rows.length });
        const found = await measure(lease.model, rows, { signal, onRow, ...judge });
        measured.push({ ...found, model, memoryBytes: memoryOf(held) });
      } finally {
        lease.release();
      }
    }
    return {
      model: entry.id,
      from: target.label,
      format,
      fileBytes: entry.files[0]?.bytes ?? 0,
      weightError,
      rows: rows.length,
      ...beside(measured),
    };
  };
  work().then(
    (report) => {
      say({ stage: 'ready', report });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  yield* queue;
}

/** What is right, and how long an answer may be. */
interface Judge {
  readonly isRight: (answer: string, gold: readonly string[]) => boolean;
  readonly maxTokens: number;
}

function judgeOf({ adapter }: MakingTarget, rows: readonly QualityRow[]): Judge {
  if (adapter === undefined) return { isRight: isRightAnswer, maxTokens: ANSWER_TOKENS };
  // A token is a character at least: an answer that goes on beyond the longest is wrong already.
  const longest = Math.max(
    ADAPTER_TOKENS_LEAST,
    ...rows.flatMap(({ gold }) => gold.map((one) => one.length)),
  );
  return {
    isRight: (answer, gold) => gold.some((one) => isSameAnswer(one, answer)),
    maxTokens: Math.min(longest, ADAPTER_TOKENS_MOST),
  };
}

interface Measured extends Pick<ModelMeasure, 'model' | 'tokensPerSecond' | 'memoryBytes'> {
  readonly right: readonly boolean[];
}

function beside(measured: readonly Measured[]) {
  const measures = measured.map(({ right, ...one }) => ({
    ...one,
    ...(right.length === 0 ? {} : { right: right.filter(Boolean).length }),
  }));
  const [original, made] = measured.map(({ right }) => right);
  if (original === undefined || made === undefined || made.length === 0) return { measures };
  const onlyOriginal = original.filter((is, index) => is && made[index] === false).length;
  const onlyMade = made.filter((is, index) => is && original[index] === false).length;
  const probability = pairedAdvantage({ onlyFirst: onlyOriginal, onlySecond: onlyMade });
  return { measures, onlyOriginal, onlyMade, probability };
}

async function measure(
  model: Model,
  rows: readonly QualityRow[],
  {
    signal,
    onRow,
    isRight,
    maxTokens,
  }: Judge & { readonly signal: AbortSignal; readonly onRow: (done: number) => void },
) {
  const { tokens, milliseconds } = await answer(model, SPEED_PROMPT, SPEED_TOKENS, signal);
  const right: boolean[] = [];
  for (const { question, gold } of rows) {
    const { text } = await answer(model, question, maxTokens, signal);
    right.push(isRight(text, gold));
    onRow(right.length);
  }
  return { tokensPerSecond: (1000 * tokens) / milliseconds, right };
}

async function answer(model: Model, question: string, maxTokens: number, signal: AbortSignal) {
  const request = {
    messages: [{ role: 'user' as const, content: textPart(question) }],
    sampling: { temperature: 0 },
    maxTokens,
  };
  let text = '';
  let begun: number | undefined;
  for await (const event of model.doChat(request, { signal })) {
    if (event.type === 'text') {
      begun ??= performance.now();
      text += event.text;
    }
    if (event.type === 'ended')
      return {
        text,
        tokens: Math.max(0, event.usage.completionTokens - 1),
        milliseconds: Math.max(1, performance.now() - (begun ?? 0)),
      };
  }
  throw new CadreError('worker_crashed', 'the answer did not end');
}
