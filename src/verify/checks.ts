import type { CheckName, CheckResult } from '../core/decision.ts';

/** Longest piece of an answer that a detail quotes, in characters. */
const QUOTE_LENGTH = 80;

/**
 * Most characters of an answer that the text checks read. Answers are bounded by `maxTokens`
 * (32,768 tokens ≈ 130,000 characters); what is longer than this is a runaway and judged by its
 * first part.
 */
export const CHECKED_LENGTH = 200_000;

export function passed(check: CheckName, score: number, detail: string): CheckResult {
  return { check, passed: true, score, detail };
}

export function failed(check: CheckName, score: number, detail: string): CheckResult {
  return { check, passed: false, score, detail };
}

/** The text on one line, cut to a length that a person reads at a glance, in quotation marks. */
export function quoted(text: string): string {
  const line = text
    .slice(0, QUOTE_LENGTH * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= QUOTE_LENGTH ? `“${line}”` : `“${line.slice(0, QUOTE_LENGTH)}…”`;
}
