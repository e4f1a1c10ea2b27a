import { pairedDifference } from '../base/paired-test.ts';
import type { ModelStatus } from '../core/catalogue.ts';
import { textPart } from '../core/chat.ts';
import { toCadreError } from '../core/errors.ts';
import type { GeneralistReport } from '../core/generalist.ts';
import type { ModelLease } from '../core/ports.ts';
import { REPACKING_FACTOR } from '../fleet/gguf-memory.ts';
import type { AcquireOptions } from '../fleet/residency-deps.ts';
import type { GeneralistAsk } from '../learn/generalist-question.ts';

export interface GeneralistModels {
  statuses(): readonly ModelStatus[];
  readonly memoryBudget: number;
  acquire(id: string, options: AcquireOptions): Promise<ModelLease>;
}

interface Wish {
  readonly asks: readonly GeneralistAsk[];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onRow: (done: number, total: number, model: string) => void;
  /** 90,000 when absent. */
  readonly deadlineMs?: number;
}

const MOST_ROWS = 40;
/** UTF-16 units; longer ones take a small machine a minute each, and no row is cut. */
const LONGEST_TEXT = 1000;
/** Fewer rows than this show nothing. */
const LEAST_ROWS = 10;
/** Loading and all answers together; what is answered by then counts. */
const DEADLINE_MS = 90_000;
/** Of what it is told: some 2,000 tokens, which are read once. */
const MOST_TOLD_LETTERS = 8200;
const READY: ReadonlySet<ModelStatus['state']> = new Set(['installed', 'loading', 'resident']);

/**
 * Asks the largest local model the rows, one after the other in the background, bound to what each
 * allows. Never rejects for the model's own trouble; rejects with the signal's reason.
 */
export async function besideGeneralist(
  models: GeneralistModels,
  wish: Wish,
): Promise<GeneralistReport> {
  const { signal, deadlineMs = DEADLINE_MS } = wish;
  const short = wish.asks.filter(({ text }) => text.length <= LONGEST_TEXT);
  const asks = short.filter((ask) => toldLetters(ask) <= MOST_TOLD_LETTERS).slice(0, MOST_ROWS);
  const chosen = largestOf(models);
  if (chosen === undefined) return { notAsked: 'no local chat model is installed that fits' };
  if (short.length >= LEAST_ROWS && asks.length < LEAST_ROWS)
    return { notAsked: `what it must be told is more than ${chosen} can be shown` };
  if (asks.length < LEAST_ROWS)
    return {
      notAsked: `${asks.length} rows of at most ${LONGEST_TEXT} characters are fewer than ${LEAST_ROWS}`,
    };
  const bound = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const lend = () => models.acquire(chosen, { signal: bound, priority: 'background' });
  const answers: boolean[] = [];
  let ms = 0;
  try {
    for (const ask of asks) {
      const said = await answerTo(lend, ask, bound);
      ms += said.ms;
      answers.push(ask.isAnswer(said.text));
      wish.onRow(answers.length, asks.length, chosen);
    }
  } catch (error) {
    signal.throwIfAborted();
    const isLate = bound.aborted;
    if (answers.length < LEAST_ROWS)
      return {
        notAsked: isLate
          ? `${chosen} answered ${answers.length} rows in ${deadlineMs / 1000} s`
          : troubleOf(error, chosen),
      };
  }
  return reportOf(chosen, asks.slice(0, answers.length), answers, ms, wish.seed);
}

function largestOf({ statuses, memoryBudget }: GeneralistModels): string | undefined {
  return statuses()
    .filter(({ state, capabilities }) => READY.has(state) && capabilities.includes('chat'))
    .filter(({ fileBytes }) => fileBytes * REPACKING_FACTOR <= memoryBudget)
    .toSorted((left, right) => right.parameters - left.parameters)[0]?.id;
}

/** Letters that a row is asked with beside its own. */
function toldLetters({ messages, text }: GeneralistAsk): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0) - text.length;
}

function troubleOf(error: unknown, model: string): string {
  const { code, message } = toCadreError(error);
  return `${model}: ${message} (${code})`;
}

/** The model is lent for one row, so that a model that somebody waits for may take its place. */
async function answerTo(
  lend: () => Promise<ModelLease>,
  { messages, schema, maxTokens }: GeneralistAsk,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly ms: number }> {
  const lease = await lend();
  const start = performance.now();
  try {
    const request = {
      messages: messages.map(({ role, content }) => ({ role, content: textPart(content) })),
      ...(schema && { jsonSchema: schema }),
      sampling: { temperature: 0 },
      maxTokens,
    };
    let answer = '';
    for await (const event of lease.model.doChat(request, { signal }))
      if (event.type === 'text') answer += event.text;
    return { text: answer, ms: performance.now() - start };
  } finally {
    lease.release();
  }
}

function reportOf(
  model: string,
  asks: readonly GeneralistAsk[],
  answers: readonly boolean[],
  ms: number,
  seed: number,
): GeneralistReport {
  const onlyFirst = asks.filter((ask, at) => ask.isOwnRight && answers[at] === false).length;
  const onlySecond = asks.filter((ask, at) => !ask.isOwnRight && answers[at] === true).length;
  const counts = { rows: asks.length, onlyFirst, onlySecond };
  const { low, high } = pairedDifference(counts, { seed });
  return {
    model,
    rows: asks.length,
    accuracy: answers.filter(Boolean).length / asks.length,
    ownAccuracy: asks.filter((ask) => ask.isOwnRight).length / asks.length,
    differenceLow: low,
    differenceHigh: high,
    msPerAnswer: ms / asks.length,
  };
}
