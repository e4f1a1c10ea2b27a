export function formatBytes(bytes: number): string {
  if (bytes === 0) return '0';
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)} MB`;
  if (bytes >= 1e3) return `${(bytes / 1e3).toFixed(0)} kB`;
  return `${bytes} B`;
}

export function formatMs(ms: number): string {
  if (ms >= 60_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

export function formatDollars(amount: number): string {
  if (amount === 0) return '$0';
  if (amount < 1e-6) return 'under $0.000001';
  return `$${amount.toPrecision(2)}`;
}

/** 0 … 1 as a whole percentage. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** As formatShare, but never more than it is: the gate's own sentences cut off as well. */
export function formatProbability(probability: number): string {
  return `${Math.floor(probability * 100 + 1e-9)} %`;
}

/** 1234567 → `1.2 M`; used for parameters of models. */
export function formatCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} B`;
  if (count >= 1e6) return `${Math.round(count / 1e6)} M`;
  return count.toLocaleString('en');
}

export function formatPlace(sentence: { path: string; page?: number; line?: number }): string {
  if (sentence.page !== undefined) return `${sentence.path}, page ${sentence.page}`;
  return sentence.line === undefined ? sentence.path : `${sentence.path}:${sentence.line}`;
}

/** `2 steps`, `1 step`. */
export function formatPlural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** 0 … 1 as a percentage with one decimal, none where it is a whole one. */
export function formatPercent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** US dollars of one request as the price of 1,000. */
export function formatPerThousand(cost: number): string {
  return `$${Number((1000 * cost).toPrecision(2))}`;
}

/** An ISO moment as `26 Nov 2026`. */
export function formatDay(moment: string): string {
  return new Date(moment).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
}

/** Milliseconds since the epoch as an age: `just now`, `5 min ago`, `3 h ago`, else the day. */
export function formatAge(moment: number, now = Date.now()): string {
  const minutes = Math.floor((now - moment) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 14 * 24 * 60) return `${formatPlural(Math.floor(minutes / 1440), 'day')} ago`;
  return formatDay(new Date(moment).toISOString());
}

/** Milliseconds since the epoch as `27 Nov 2026, 03:05`. */
export function formatMoment(moment: number): string {
  return new Date(moment).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}
