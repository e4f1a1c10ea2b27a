import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../../src/core/chat.ts';
import { gradeAnswer } from './grading.ts';
import type { LiveRow } from './live-row.ts';

/** An answer that holds the fact among more words than these is no answer "in a few words". */
const MOST_WORDS = 40;

/** 0 … 1: how right an answer is. */
export async function gradeLive(row: LiveRow, answer: string): Promise<number> {
  switch (row.metric) {
    case 'fields':
      return shareOfFields(parsedJson(answer), row.gold as { readonly [field: string]: JsonValue });
    case 'text':
      return plain(answer) === plain(String(row.gold)) ? 1 : 0;
    case 'data':
      return isDeepStrictEqual(parsedJson(answer), row.gold) ? 1 : 0;
    case 'phrase':
      return holdsPhrase(answer, row.gold as readonly string[]) ? 1 : 0;
    default: {
      const { schema: _, ...rest } = row;
      return gradeAnswer({ ...rest, metric: row.metric, gold: String(row.gold) }, answer);
    }
  }
}

function unfenced(answer: string): string {
  return /```[\w-]*\n([\s\S]*?)\n?```/.exec(answer)?.[1] ?? answer;
}

/** Space at the ends of lines, a fence and quotation marks around the whole are no part of a result. */
function plain(answer: string): string {
  return unfenced(answer)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
    .replace(/^(["'“])([\s\S]*)(["'”])$/, '$2');
}

function parsedJson(answer: string): JsonValue | undefined {
  try {
    return JSON.parse(unfenced(answer)) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Strings are compared without case and outer space, numbers by value. */
function shareOfFields(
  given: JsonValue | undefined,
  gold: { readonly [field: string]: JsonValue },
): number {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 0;
  const fields = Object.entries(gold);
  const right = fields.filter(([field, value]) => {
    const found = (given as { readonly [field: string]: JsonValue })[field];
    if (typeof value === 'number') return Number(found) === value;
    return typeof found === 'string' && words(found) === words(String(value));
  });
  return right.length / fields.length;
}

function words(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[.,;]+$/, '')
    .trim();
}

function holdsPhrase(answer: string, phrases: readonly string[]): boolean {
  const text = answer.toLowerCase().replace(/\s+/g, ' ');
  if (text.split(' ').length > MOST_WORDS) return false;
  return phrases.some((phrase) => {
    const at = new RegExp(`(?<![\\p{L}\\p{N}])${escaped(phrase)}`, 'u').exec(text);
    if (at === null) return false;
    // "12" is not in "120", but "clog" is in "clogged".
    return !/\d$/.test(phrase) || !/^[\d]/.test(text.slice(at.index + phrase.length));
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
