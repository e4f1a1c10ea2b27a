import type { Passage } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';
import { formatDollars, formatMs, paint, safeLine } from './terminal.ts';
import type { Answer } from './wire.ts';

const NEAREST_LENGTH = 160;

/** `handbook/travel.md:14` or `handbook/policy.pdf page 3`. */
export function placeOf(sentence: {
  readonly path: string;
  readonly page?: number | undefined;
  readonly line?: number | undefined;
}): string {
  const path = safeLine(sentence.path);
  if (sentence.page !== undefined) return `${path} page ${sentence.page}`;
  return sentence.line === undefined ? path : `${path}:${sentence.line}`;
}

/** The cited sentences with their places; for a declined answer the nearest passages. */
export function citationLines(answer: Answer): string[] {
  const lines: string[] = [];
  const seen = new Set<number>();
  for (const { sentence } of answer.citations) {
    if (seen.has(sentence.number)) continue;
    seen.add(sentence.number);
    lines.push(
      `${paint('cyan', `[${sentence.number}]`)} ${paint('bold', placeOf(sentence))}  “${safeLine(sentence.text)}”`,
    );
  }
  if (lines.length > 0) lines.unshift('');
  if (answer.abstained) {
    lines.push(paint('yellow', `Declined: ${safeLine(answer.abstained.reason)}`));
    if (answer.abstained.nearest.length > 0) lines.push('Nearest passages:');
    for (const passage of answer.abstained.nearest) lines.push(...nearestLines(passage));
  }
  return lines;
}

function nearestLines(passage: Passage): string[] {
  const first = passage.sentences[0];
  if (first === undefined) return [];
  const text = safeLine(passage.sentences.map((sentence) => sentence.text).join(' '));
  return [`  ${paint('bold', placeOf(first))}  “${shorten(text)}”`];
}

/** To a line's length, between two words where there are any. */
function shorten(text: string): string {
  if (text.length <= NEAREST_LENGTH) return text;
  const most = text.slice(0, NEAREST_LENGTH);
  const space = most.lastIndexOf(' ');
  return `${most.slice(0, space > 0 ? space : NEAREST_LENGTH - 1)} …`;
}

/** One line: spoke, why, checks, time, tokens, cost beside the reference price, how to learn more. */
export function summaryLine(receipt: Receipt): string {
  const passed = receipt.checks.filter((check) => check.passed).length;
  const checks =
    receipt.checks.length === 0 ? 'no checks' : `${passed}/${receipt.checks.length} checks passed`;
  const last = receipt.attempts.at(-1);
  const { usage, cost } = receipt.total ?? receipt;
  const spoke = last?.spoke ?? receipt.route?.spoke ?? receipt.requestedModel;
  const why = receipt.route?.reasons[0];
  const parts = [
    why === undefined ? spoke : `${spoke} (${why})`,
    checks,
    formatMs(receipt.totalMs),
    `${usage.promptTokens}+${usage.completionTokens} tokens`,
    `${formatDollars(cost.total)} (${cost.referenceName}: ${formatDollars(cost.reference)})`,
    `cadre why ${receipt.id}`,
  ];
  return parts.join(' · ');
}
