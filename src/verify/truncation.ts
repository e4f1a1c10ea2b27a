import type { FinishReason } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { CHECKED_LENGTH, failed, passed, quoted } from './checks.ts';

/**
 * Was the answer cut? Looks at the finish reason, then at what a cut leaves behind: an open code
 * fence, open brackets of a JSON answer, nothing at all.
 */
export function checkTruncation(text: string, finishReason: FinishReason): CheckResult {
  if (finishReason === 'length')
    return failed('truncation', 0.1, 'the answer reached the token limit before its end');
  if (finishReason === 'tool-calls') return passed('truncation', 1, 'the answer is a tool call');
  const trimmed = text.slice(0, CHECKED_LENGTH).trim();
  if (trimmed === '') return failed('truncation', 0, 'the answer is empty');
  if (countFences(trimmed) % 2 === 1)
    return failed('truncation', 0.2, 'a code fence is opened and never closed');
  const open = openBrackets(trimmed);
  if (open > 0) return failed('truncation', 0.1, `the JSON ends with ${open} open bracket(s)`);
  if (/[,:(\u2013-]$/.test(trimmed))
    return failed(
      'truncation',
      0.4,
      `the answer ends in the middle: ${quoted(trimmed.slice(-60))}`,
    );
  return passed('truncation', 1, 'the answer has an end');
}

function countFences(text: string): number {
  let count = 0;
  for (const line of text.split('\n')) if (/^\s{0,3}(```|~~~)/.test(line)) count += 1;
  return count;
}

/** Brackets left open when the text is one JSON value; 0 for any other text. */
function openBrackets(text: string): number {
  if (text[0] !== '{' && text[0] !== '[') return 0;
  if (!/^(\{\s*("|\})|\[\s*[[{"\d\-\]tfn])/.test(text)) return 0;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0 && !inString) return 0;
  }
  return depth + (inString ? 1 : 0);
}
