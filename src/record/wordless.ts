import type { CheckName, CheckResult } from '../core/decision.ts';
import { ERROR_TABLE, type ErrorCode } from '../core/errors.ts';
import type { Attempt, Receipt } from '../core/receipt.ts';
import { withoutQuotes } from './quotes.ts';

/**
 * Errors whose messages Cadre writes from names, numbers and the configuration alone. All others may
 * repeat what a vendor, a library or a database said, and that may repeat the prompt.
 */
const OWN_MESSAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'label_refused',
  'egress_refused',
  'model_not_found',
  'collection_not_found',
  'rate_limit_exceeded',
  'budget_exceeded',
  'overloaded',
  'shutting_down',
  'no_spoke',
  'model_unavailable',
  'model_preparing',
  'model_stuck',
  'deadline_exceeded',
  'cancelled',
  'depth_exceeded',
]);

/** Failed checks whose details name properties or values of the answer without quotation marks. */
const FIXED_DETAILS: Readonly<Partial<Record<CheckName, string>>> = {
  schema: 'the answer does not fit its JSON Schema',
  'tool-call': 'a tool call does not fit the tools that were offered',
  arithmetic: 'an equation does not hold',
};

/** The message where Cadre alone wrote it, else what the error table says about the code. */
export function wordlessMessage(code: ErrorCode, message: string): string {
  return OWN_MESSAGES.has(code) ? message : ERROR_TABLE[code].hint;
}

/** The check without its sentence and without what it quotes. */
export function wordlessCheck(check: CheckResult): CheckResult {
  const { sentence: _sentence, ...rest } = check;
  const fixed = check.passed ? undefined : FIXED_DETAILS[check.check];
  return { ...rest, detail: fixed ?? withoutQuotes(check.detail) };
}

/**
 * The receipt as it may be stored for any caller: nothing of the request, the answer, the documents
 * or a vendor's message is in it.
 */
export function wordlessReceipt(receipt: Receipt): Receipt {
  const { checks, abstention, error } = receipt;
  return {
    ...receipt,
    checks: checks.map(wordlessCheck),
    attempts: receipt.attempts.map((attempt) => wordlessAttempt(attempt, checks)),
    ...(abstention === undefined
      ? {}
      : { abstention: { reason: wordlessReason(abstention.reason, checks) } }),
    ...(error === undefined
      ? {}
      : { error: { code: error.code, message: wordlessMessage(error.code, error.message) } }),
  };
}

/** What failed without a code may have been said by anyone; its reason is left out. */
function wordlessAttempt(attempt: Attempt, checks: readonly CheckResult[]): Attempt {
  const { reason, ...rest } = attempt;
  if (reason === undefined) return attempt;
  const { code, outcome } = attempt;
  if (code !== undefined) return { ...rest, reason: wordlessMessage(code, reason) };
  if (outcome === 'failed' || outcome === 'cancelled') return rest;
  return { ...rest, reason: wordlessReason(reason, checks) };
}

/** A reason is often the detail of the check that refused the answer. */
function wordlessReason(reason: string, checks: readonly CheckResult[]): string {
  const check = checks.find((one) => one.detail === reason);
  return check === undefined ? withoutQuotes(reason) : wordlessCheck(check).detail;
}
