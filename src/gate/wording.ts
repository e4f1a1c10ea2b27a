import type { KeptTarget } from '../core/gate-certificate.ts';

/** 5210 → `5,210`. */
export function countWords(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** US dollars as people read them: `$0.0312`, `under $0.0001`. */
export function dollarWords(dollars: number): string {
  if (dollars === 0) return '$0';
  if (dollars < 0.0001) return 'under $0.0001';
  return `$${dollars < 1 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
}

/** `at most $4.00 per 1,000 requests`, `95 of 100 requests take at most 2.0 s`. */
export function targetWords({ of, limit }: KeptTarget): string {
  return of === 'dollars'
    ? `at most ${limit < 0.0001 ? `$${plainNumber(limit)}` : dollarWords(limit)} per 1,000 requests`
    : `95 of 100 requests take at most ${secondWords(limit)}`;
}

/** Two digits of a tiny number, without an exponent. */
function plainNumber(value: number): string {
  return value.toFixed(Math.min(100, 1 - Math.floor(Math.log10(value)))).replace(/0+$/, '');
}

/** Milliseconds as `0.3 s`, `12 s`. */
export function secondWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : String(Math.round(seconds))} s`;
}

/** Probabilities with two digits, rounded down: 0.598 never reads as if it reached 0.60. */
export function shareWords(share: number): string {
  return (Math.floor(share * 100 + 1e-9) / 100).toFixed(2);
}
