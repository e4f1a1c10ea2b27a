import { pairedDifference } from '../base/paired-test.ts';
import type { ModelStatus } from '../core/catalogue.ts';
import { textPart } from '../core/chat.ts';
import { toCadreError } from '../core/errors.ts';
import type { GeneralistReport, SampledRow } from '../core/generalist.ts';
import type { Model, ModelLease } from '../core/ports.ts';
import type { AcquireOptions } from '../fleet/residency-deps.ts';

export interface GeneralistModels {
  statuses(): readonly ModelStatus[];
  readonly memoryBudget: number;
  acquire(id: string, options: AcquireOptions): Promise<ModelLease>;
}

interface Wish {
  readonly labels: readonly string[];
  readonly sample: readonly SampledRow[];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onRow: (done: number, total: number, model: string) => void;
}

const MOST_ROWS = 40;
/** Fewer rows than this show nothing. */
const LEAST_ROWS = 10;
/** Loading and all answers together; what is answered by then counts. */
const DEADLINE_MS = 90_000;
/** Of all labels together: some 2,000 tokens, which are read once. */
const MOST_LABEL_LETTERS = 8000;
/** Resident bytes ÷ file bytes, as fleet/gguf-memory.ts has them. */
const REPACKING_FACTOR = 1.8;
const READY: ReadonlySet<ModelStatus['state']> = new Set(['installed', 'loading', 'resident']);

/**
 * Asks the largest local model the rows of the sample, in the background, bound to the labels. Never
 * rejects for the model's own trouble; rejects with the signal's reason.
 */
export async function besideGeneralist(
  models: GeneralistModels,
  wish: Wish,
): Promise<GeneralistReport> {
  const { labels, sample, signal } = wish;
  const rows = sample.slice(0, MOST_ROWS);
  const chosen = largestOf(models);
  if (chosen === undefined) return { notAsked: 'no local chat model is installed that fits' };
  if (rows.length < LEAST_ROWS)
    return { notAsked: `${rows.length} rows are fewer than ${LEAST_ROWS}` };
  if (labels.join(', ').length > MOST_LABEL_LETTERS)
    return { notAsked: `${labels.length} labels are more than ${chosen} can be shown` };
  const bound = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const answers: boolean[] = [];
  let ms = 0;
  try {
    const lease = await models.acquire(chosen, { signal: bound, priority: 'background' });
    try {
      for (const row of rows) {
        const start = performance.now();
        const said = await labelOf(lease.model, row.text, labels, bound);
        ms += performance.now() - start;
        answers.push(said === row.label);
        wish.onRow(answers.length, rows.length, chosen);
      }
    } finally {
      lease.release();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (answers.length < LEAST_ROWS) return { notAsked: troubleOf(error, chosen, answers.length) };
  }
  return reportOf(chosen, rows.slice(0, answers.length), answers, ms, wish.seed);
}

function largestOf({ statuses, memoryBudget }: GeneralistModels): string | undefined {
  return statuses()
    .filter(({ state, capabilities }) => READY.has(state) && capabilities.includes('chat'))
    .filter(({ fileBytes }) => fileBytes * REPACKING_FACTOR <= memoryBudget)
    .toSorted((left, right) => right.parameters - left.parameters)[0]?.id;
}

function troubleOf(error: unknown, model: string, answered: number): string {
  const { code, message } = toCadreError(error);
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `${model} answered ${answered} rows in ${DEADLINE_MS / 1000} s`;
  return `${model}: ${message} (${code})`;
}

async function labelOf(
  model: Model,
  text: string,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const words = `Sort the text of the user into one of these labels, and answer with that label alone. Labels: ${labels.join(', ')}`;
  const request = {
    messages: [
      { role: 'system' as const, content: textPart(words) },
      { role: 'user' as const, content: textPart(text) },
    ],
    jsonSchema: { type: 'string', enum: [...labels] },
    sampling: { temperature: 0 },
    maxTokens: 64,
  };
  let answer = '';
  for await (const event of model.doChat(request, { signal }))
    if (event.type === 'text') answer += event.text;
  try {
    return String(JSON.parse(answer));
  } catch {
    return undefined;
  }
}

function reportOf(
  model: string,
  rows: readonly SampledRow[],
  answers: readonly boolean[],
  ms: number,
  seed: number,
): GeneralistReport {
  const onlyFirst = rows.filter((row, at) => row.isRight && answers[at] === false).length;
  const onlySecond = rows.filter((row, at) => !row.isRight && answers[at] === true).length;
  const counts = { rows: rows.length, onlyFirst, onlySecond };
  const { low, high } = pairedDifference(counts, { seed });
  return {
    model,
    rows: rows.length,
    accuracy: answers.filter(Boolean).length / rows.length,
    ownAccuracy: rows.filter((row) => row.isRight).length / rows.length,
    differenceLow: low,
    differenceHigh: high,
    msPerAnswer: ms / rows.length,
  };
}
