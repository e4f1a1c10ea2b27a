import { type ChatRequest, lastUserText } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { checkCode } from './code-shape.ts';
import { type CopiedValues, checkCopied } from './copied-values.ts';
import { checkGivenSupport } from './given-support.ts';
import { type GivenText, splitGiven } from './given-text.ts';
import { checkKept } from './kept-facts.ts';
import { checkDemands } from './order-checks.ts';

/** Checks that hold an answer against the words of its request. */
export interface DeepChecks {
  readonly checks: readonly CheckResult[];
  readonly copied?: CopiedValues;
}

/** Characters of a request that an answer is held against. */
const MOST = 60_000;
const EXTRACTS =
  /\b(?:extract|pull out|copy|parse|read off|fill in)\b|extrahier|extrais|extrae|提取|抽取/i;

/**
 * What of an answer can be seen from the request alone: values copied from the text, words that are
 * in it, demands of the order met, facts kept. `task` is what the request looks like. A call of a tool
 * is no answer yet.
 */
export function deepChecks(request: ChatRequest, task: string, text: string): DeepChecks {
  if (text.trim() === '') return { checks: [] };
  const whole = lastUserText(request.messages).slice(0, MOST);
  const given = splitGiven(request.messages);
  const isData = (request.responseFormat?.type ?? 'text') !== 'text';
  const copied = copiedOf(task, isData, given, whole, text);
  const found: (CheckResult | undefined)[] = [copied?.check];
  if (!isData) found.push(checkDemands(whole, given, text), checkCode(text));
  if (!isData && given !== undefined) {
    if (task === 'reading' || task === 'document-question')
      found.push(checkGivenSupport(text, given.text, given.order));
    if (task === 'rewrite') found.push(checkKept(given, text));
  }
  const checks = found.filter((one) => one !== undefined);
  return copied === undefined ? { checks } : { checks, copied };
}

/** Only what was to be copied can be missing: where JSON is made up, its values are in no text. */
function copiedOf(
  task: string,
  isData: boolean,
  given: GivenText | undefined,
  whole: string,
  text: string,
): CopiedValues | undefined {
  const isExtraction = task === 'extract' && (isData || /^\s*(?:```|[[{])/.test(text));
  if (!isExtraction || (given === undefined && !EXTRACTS.test(whole))) return undefined;
  return checkCopied(text, given?.text ?? whole, given?.order ?? whole);
}
