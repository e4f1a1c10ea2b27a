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
import { isRightAnswer } from '../learn/answer-grading.ts';
import type { Quantiser } from './quantise.ts';

interface MeasureParts {
  readonly quantiser: Quantiser;
  readonly acquire: (
    id: string,
    options: { readonly signal: AbortSignal; readonly priority: 'background' },
  ) => Promise<ModelLease>;
  /** Measured bytes of a model in memory. */
  readonly memoryOf: (id: string) => number;
}

/** An answer that is longer than this to a question with a known answer is not to the point. */
const ANSWER_TOKENS = 64;
const SPEED_TOKENS = 64;
const SPEED_PROMPT = 'Tell me a long story about a lighthouse and the people who live in it.';
const KEPT = 64;

/**
 * Makes a form of a model and measures it beside the original: tokens per second of one answer, bytes
 * in memory and, where there are rows, how many each has right (greedy, the same prompts).
 */
export async function* quantiseMeasured(
  { quantiser, acquire, memoryOf }: MeasureParts,
  wish: QuantisationWish,
  signal: AbortSignal,
): AsyncGenerator<QuantisationProgress> {
  const queue = new AsyncQueue<QuantisationProgress>(KEPT);
  const say = (progress: QuantisationProgress) => queue.push(progress);
  const work = async (): Promise<QuantisationReport> => {
    const { entry, weightError } = await quantiser.doMake(wish.id, wish.format, {
      signal,
      onProgress: (done, total) => say({ stage: 'making', model: wish.id, done, total }),
    });
    const measured: Measured[] = [];
    for (const id of [wish.id, entry.id]) {
      const lease = await acquire(id, { signal, priority: 'background' });
      try {
        const onRow = (done: number) =>
          say({ stage: 'measuring', model: id, done, total: wish.rows.length });
        const found = await measure(lease.model, wish.rows, { signal, onRow });
        measured.push({ ...found, model: id, memoryBytes: memoryOf(id) });
      } finally {
        lease.release();
      }
    }
    return {
      model: entry.id,
      from: wish.id,
      format: wish.format,
      fileBytes: entry.files[0]?.bytes ?? 0,
      weightError,
      rows: wish.rows.length,
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
  { signal, onRow }: { readonly signal: AbortSignal; readonly onRow: (done: number) => void },
) {
  const { tokens, milliseconds } = await answer(model, SPEED_PROMPT, SPEED_TOKENS, signal);
  const right: boolean[] = [];
  for (const { question, gold } of rows) {
    const { text } = await answer(model, question, ANSWER_TOKENS, signal);
    right.push(isRightAnswer(text, gold));
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
