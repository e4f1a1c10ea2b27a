import { allAre } from '../base/counted.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed, quoted } from './checks.ts';
import { jsonAnswer } from './plain-answer.ts';
import { TextSource } from './text-source.ts';
import { isDoubtful, type Value } from './value-kind.ts';

/** Values of an answer that are compared at most. */
const MOST_VALUES = 200;

export interface CopiedValues {
  readonly check: CheckResult;
  /** Share of the fields that are empty or null, 0 … 1. */
  readonly empty: number;
  /** Share of the values that stand in a second field too, or are of another kind than their field's name says. */
  readonly doubtful: number;
}

/**
 * Does every value of an extraction occur in the text that it was taken from? Compared without case,
 * space and punctuation at the ends; numbers by value, dates in any notation. Undefined where the
 * answer is no JSON with values.
 */
export function checkCopied(answer: string, text: string, order = ''): CopiedValues | undefined {
  const json = jsonAnswer(answer);
  if (typeof json !== 'object' || json === null) return undefined;
  const values: Value[] = [];
  const emptyFields = collect(json, '', values);
  const all = values.length + emptyFields;
  if (all === 0) return undefined;
  const source = new TextSource(text);
  const missing = values.filter((one) => !source.has(one.value));
  const share = values.length === 0 ? 0.5 : 1 - missing.length / values.length;
  const [first] = missing;
  const check =
    first === undefined
      ? passed('copied', share, `${allAre(values.length, 'value')} in the text`)
      : failed(
          'copied',
          Math.min(0.5, share),
          `${missing.length} of ${values.length} values are not in the text: ${quoted(String(first.value))}`,
        );
  const doubtful = values.filter((one) => isDoubtful(one, values, { order, text })).length;
  return { check, empty: emptyFields / all, doubtful: doubtful / Math.max(1, values.length) };
}

/** Adds what strings and numbers are in the value; returns how many fields are empty. */
function collect(json: unknown, field: string, into: Value[]): number {
  if (into.length >= MOST_VALUES) return 0;
  if (json === null || (typeof json === 'string' && json.trim() === '')) return 1;
  if (typeof json === 'string' || typeof json === 'number') into.push({ field, value: json });
  if (typeof json !== 'object') return 0;
  if (Array.isArray(json)) return json.reduce((sum, one) => sum + collect(one, field, into), 0);
  return Object.entries(json).reduce((sum, [name, one]) => sum + collect(one, name, into), 0);
}
