import { bootstrapMean } from '../base/statistics.ts';
import { type AnswerChecker, SIGNS, type Sign, type Signs } from '../core/answer-checker.ts';
import { type ChatRequest, textPart } from '../core/chat.ts';
import { checkedProbability, SHIPPED_CHECKER, UNFITTED } from '../verify/answer-checker.ts';
import { fitChecker, type GradedSigns, scoreHeldOut } from '../verify/fit-checker.ts';
import { judgeAnswer } from '../verify/verdict.ts';

/** A checker of the owner's own answers, and what it is better at. */
export interface OwnChecker {
  readonly checker: AnswerChecker;
  readonly answers: number;
}

/** Fewer graded answers do not outweigh what was learned from thousands of others. */
const LEAST_ANSWERS = 200;

/**
 * Fits an answer checker from graded lines that hold `answers` or, of the farm's own traffic, `signs`.
 * Undefined where there are too few, or where it is not better than the one that ships by a paired
 * bootstrap of the log loss on answers that it was not fitted on.
 */
export function fitOwnChecker(
  text: string,
  models: readonly string[],
  seed: number,
): OwnChecker | undefined {
  const rows = text.split('\n').flatMap((line, at) => {
    if (!line.includes('"signs"') && !line.includes('"answers"')) return [];
    return answersOf(JSON.parse(line) as Line, models, `line ${at}`);
  });
  if (rows.length < LEAST_ANSWERS || new Set(rows.map((row) => row.score)).size < 2)
    return undefined;
  const own = scoreHeldOut(rows, {});
  const gains = rows.map(
    (row, at) =>
      lossOf(checkedProbability(SHIPPED_CHECKER, row.signs), row.score) -
      lossOf(own[at] ?? 0.5, row.score),
  );
  if (bootstrapMean(gains, { seed }).low <= 0) return undefined;
  const { shared, agreeing } = SHIPPED_CHECKER.power;
  const source = `${rows.length} graded answers of this farm`;
  return { checker: fitChecker(rows, { source, shared, agreeing }), answers: rows.length };
}

type PerModel<T> = Readonly<Record<string, T | null>> | readonly (T | null)[];

interface Line {
  readonly prompt?: string;
  readonly messages?: readonly { readonly role?: string; readonly content?: unknown }[];
  readonly task?: string | null;
  readonly scores: PerModel<number | boolean>;
  readonly answers?: PerModel<string> | null;
  readonly signs?: PerModel<Readonly<Record<string, number>>> | null;
}

function answersOf(line: Line, models: readonly string[], group: string): GradedSigns[] {
  const task = line.task ?? '';
  return models.flatMap((id, at) => {
    const score = Number(partOf(line.scores, id, at) ?? Number.NaN);
    const signs = signsOf(line, id, at, task);
    return Number.isNaN(score) || signs === undefined ? [] : [{ signs, task, score, group }];
  });
}

function partOf<T>(all: PerModel<T> | null | undefined, id: string, at: number): T | undefined {
  if (all === null || all === undefined) return undefined;
  const found = Array.isArray(all) ? all[at] : (all as Readonly<Record<string, T | null>>)[id];
  return found ?? undefined;
}

function signsOf(line: Line, id: string, at: number, task: string): Signs | undefined {
  const kept = partOf(line.signs, id, at);
  if (kept !== undefined) return wholeSigns(kept);
  const answer = partOf(line.answers, id, at);
  if (answer === undefined || answer === '') return undefined;
  return judgeAnswer({
    request: requestOf(line),
    text: answer,
    finishReason: 'stop',
    toolCalls: [],
    passages: [],
    task,
    checker: UNFITTED,
  }).signs;
}

/** Signs as a receipt has them: what is not there is 0, what this version does not know is dropped. */
function wholeSigns(kept: Readonly<Record<string, number>>): Signs {
  const value = (sign: Sign) => {
    const one = kept[sign];
    return typeof one === 'number' && Number.isFinite(one) ? one : 0;
  };
  return Object.fromEntries(SIGNS.map((sign) => [sign, value(sign)])) as Record<Sign, number>;
}

function requestOf({ prompt, messages = [] }: Line): ChatRequest {
  const last = messages.findLast((one) => one.role === 'user')?.content;
  const text = prompt ?? (typeof last === 'string' ? last : '');
  return { model: 'auto', messages: [{ role: 'user', content: textPart(text) }], sampling: {} };
}

/** Negative log-likelihood of a grade, nats. */
function lossOf(probability: number, score: number): number {
  return -(score * Math.log(probability) + (1 - score) * Math.log(1 - probability));
}
