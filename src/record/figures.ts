/** Figures as people read them; a figure that is no number is shown as `?`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Three digits that count, down to a millionth of a dollar. */
export function dollars(amount: number): string {
  if (!Number.isFinite(amount)) return '?';
  if (amount === 0) return '$0';
  if (amount < 0.000_001) return 'under $0.000001';
  return `$${amount >= 1 ? amount.toFixed(2) : String(Number(amount.toFixed(6)))}`;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '?';
}

export function joules(amount: number): string {
  if (!Number.isFinite(amount)) return '?';
  return amount < 10 ? `${amount.toFixed(2)} J` : `${Math.round(amount)} J`;
}

/** Control and direction-changing characters would let a stored text repaint the reader's terminal. */
export function plainLine(line: string): string {
  return line.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, ' ');
}
