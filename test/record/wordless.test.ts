import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/core/decision.ts';
import { ERROR_TABLE, type ErrorCode } from '../../src/core/errors.ts';
import type { Attempt, Receipt } from '../../src/core/receipt.ts';
import { wordlessCheck, wordlessMessage, wordlessReceipt } from '../../src/record/wordless.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { SECRET_TEXT, sampleAttempt } from './samples.ts';

const VENDOR = `cloud answered 400: bad input ${SECRET_TEXT}`;

function attemptOf(change: Partial<Attempt>, checks: readonly CheckResult[] = []) {
  const receipt: Receipt = sampleReceipt('req_1', { attempts: [sampleAttempt(change)], checks });
  return wordlessReceipt(receipt).attempts[0];
}

describe('wordless receipts', () => {
  it.each<ErrorCode>([
    'upstream_failed',
    'upstream_timeout',
    'internal',
    'invalid_request',
    'context_length_exceeded',
    'config_invalid',
    'worker_crashed',
    'store_failed',
  ])('say the table’s hint for %s, never the message', (code) => {
    const told = wordlessReceipt(
      sampleReceipt('req_1', {
        error: { code, message: VENDOR },
        attempts: [sampleAttempt({ outcome: 'failed', code, reason: VENDOR })],
      }),
    );
    expect(told.error).toEqual({ code, message: ERROR_TABLE[code].hint });
    expect(told.attempts[0]).toMatchObject({ code, reason: ERROR_TABLE[code].hint });
    expect(JSON.stringify(told)).not.toContain('moon');
  });

  it('keep what Cadre itself wrote', () => {
    const message = 'no spoke can serve this request: `small` may not see it';
    expect(wordlessMessage('no_spoke', message)).toBe(message);
    expect(wordlessMessage('cancelled', 'the request was cancelled')).toMatch(/cancelled/);
    const reason = 'P(right) is 0.20 after the checks';
    expect(attemptOf({ outcome: 'escalated', reason })).toMatchObject({ reason });
  });

  it('drop the reason of a failure that names no code', () => {
    for (const outcome of ['failed', 'cancelled'] as const)
      expect(attemptOf({ outcome, reason: VENDOR })).not.toHaveProperty('reason');
  });

  it('have no property or value that a failed check names without quotation marks', () => {
    const details = {
      schema: '$.moon is not a known property',
      'tool-call': 'the arguments of look: $.moon is missing',
      arithmetic: '1 of 1 equation(s) do not hold: the left side is 4711, not 4712',
    } as const;
    for (const check of ['schema', 'tool-call', 'arithmetic'] as const) {
      const result = { check, passed: false, score: 0, detail: details[check] };
      expect(wordlessCheck(result).detail).not.toMatch(/moon|47/);
      expect(attemptOf({ outcome: 'escalated', reason: result.detail }, [result])?.reason).toBe(
        wordlessCheck(result).detail,
      );
    }
  });

  it('keep details of passed checks, without what they quote', () => {
    const check = { check: 'schema', passed: true, score: 1, detail: 'it fits' } as const;
    expect(wordlessCheck(check)).toEqual(check);
    expect(wordlessCheck({ ...check, detail: `said by “${SECRET_TEXT}”` }).detail).toBe(
      'said by “…”',
    );
  });
});
