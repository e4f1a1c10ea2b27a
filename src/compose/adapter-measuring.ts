import { setTimeout as sleep } from 'node:timers/promises';
import type { MeasuredRow } from '../adapters/models/classifier-protocol.ts';
import { toCadreError } from '../core/errors.ts';
import type { ModelLease } from '../core/ports.ts';
import { isSameAnswer, type JudgedAnswer } from '../learn/adapter-report.ts';

/** Lends a model for one row; the rows of others come between. */
export type Lend = (signal: AbortSignal) => Promise<ModelLease>;

/** The base as it is answers so many of the rows, to have something beside which to stand. */
const BASE_ROWS = 100;
/** Between two tries of a row. */
const PAUSES_MS = [1000, 10_000, 30_000, 60_000];
/** Of an answer, so that a wrong one may end by itself. */
const TOKENS_LEAST = 16;

interface MeasuringInput {
  readonly rows: readonly MeasuredRow[];
  readonly own: Lend;
  readonly base: Lend;
  /** The version that serves, where it is an adapter too. */
  readonly incumbent?: Lend | undefined;
  readonly signal: AbortSignal;
  readonly onRow: (done: number, total: number) => void;
}

export interface Measured {
  readonly own: readonly JudgedAnswer[];
  readonly base: readonly JudgedAnswer[];
  /** Undefined where it was taught the row. */
  readonly incumbent: readonly (JudgedAnswer | undefined)[];
}

/**
 * Asks the models the rows, one row of each in turn, so that a busy machine is as busy for all: the most
 * probable answer, right where it is the row's. Rejects with what the models reject with, after some
 * tries where that may pass.
 */
export async function measureAnswers(input: MeasuringInput): Promise<Measured> {
  const { rows, signal } = input;
  // A token is a character at least: an answer that goes on beyond the longest is wrong already.
  const longest = Math.max(...rows.map((row) => row.answer.length));
  const maxTokens = Math.max(TOKENS_LEAST, longest);
  const judge = (lend: Lend, row: MeasuredRow) =>
    patiently(async () => {
      const lease = await lend(signal);
      try {
        return await judged(lease, row, maxTokens, signal);
      } finally {
        lease.release();
      }
    }, signal);
  const own: JudgedAnswer[] = [];
  const base: JudgedAnswer[] = [];
  const incumbent: (JudgedAnswer | undefined)[] = [];
  for (const row of rows) {
    own.push(await judge(input.own, row));
    if (base.length < BASE_ROWS) base.push(await judge(input.base, row));
    incumbent.push(
      input.incumbent === undefined || row.isKnown ? undefined : await judge(input.incumbent, row),
    );
    input.onRow(own.length, rows.length);
  }
  return { own, base, incumbent };
}

/** What was trained for hours is not given up because a model is busy or has crashed once. */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !toCadreError(error).retryable) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
  return work();
}

async function judged(
  { model }: ModelLease,
  { messages, answer }: MeasuredRow,
  maxTokens: number,
  signal: AbortSignal,
): Promise<JudgedAnswer> {
  let text = '';
  let ms = 0;
  const request = {
    messages: messages.map(({ role, content }) => ({
      role,
      content: [{ type: 'text' as const, text: content }],
    })),
    sampling: { temperature: 0 },
    maxTokens,
  };
  for await (const event of model.doChat(request, { signal })) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'ended') ms = event.promptMs + event.generationMs;
  }
  return { isRight: isSameAnswer(answer, text), ms };
}
