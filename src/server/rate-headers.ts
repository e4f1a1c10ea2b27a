import { CadreError } from '../core/errors.ts';
import type { Allowance, RateAnswer, RateStanding } from '../core/rate.ts';
import type { Exchange } from './exchange.ts';

/** Tells a limited key what it has left, under the names that the dialect's clients read. */
export function tellRate(
  { response, dialect }: Exchange,
  standing: RateStanding | undefined,
): void {
  if (standing === undefined || response.headersSent) return;
  const tell = dialect === 'anthropic' ? tellAnthropic : tellOpenAi;
  tell(response, 'requests', standing.requests);
  tell(response, 'tokens', standing.tokens);
}

/** Throws `rate_limit_exceeded` for a refusal; what is left is told in either case. */
export function requireRate(exchange: Exchange, answer: RateAnswer): void {
  tellRate(exchange, answer.standing);
  if (answer.allowed) return;
  const message =
    answer.lacks === 'requests'
      ? 'the key asks more often than its rate allows'
      : 'the key uses more tokens per minute than it may';
  throw new CadreError('rate_limit_exceeded', message, { retryAfter: answer.retryAfter });
}

function tellOpenAi(
  response: Exchange['response'],
  what: 'requests' | 'tokens',
  allowance: Allowance | undefined,
): void {
  if (allowance === undefined) return;
  response.setHeader(`x-ratelimit-limit-${what}`, allowance.limit);
  response.setHeader(`x-ratelimit-remaining-${what}`, allowance.remaining);
  response.setHeader(`x-ratelimit-reset-${what}`, durationText(allowance.resetMs));
}

/** Anthropic says when the allowance is whole again, not how long that takes. */
function tellAnthropic(
  response: Exchange['response'],
  what: 'requests' | 'tokens',
  allowance: Allowance | undefined,
): void {
  if (allowance === undefined) return;
  const at = new Date(Date.now() + Math.max(0, allowance.resetMs)).toISOString();
  response.setHeader(`anthropic-ratelimit-${what}-limit`, allowance.limit);
  response.setHeader(`anthropic-ratelimit-${what}-remaining`, allowance.remaining);
  response.setHeader(`anthropic-ratelimit-${what}-reset`, at.replace(/\.\d+Z$/, 'Z'));
}

/** As OpenAI prints it: `0s`, `120ms`, `7.2s`, `1m0s`. */
export function durationText(ms: number): string {
  if (ms <= 0) return '0s';
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const tenths = Math.ceil(ms / 100);
  if (tenths < 600) return `${tenths / 10}s`;
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${minutes}m${seconds % 60}s`;
}
