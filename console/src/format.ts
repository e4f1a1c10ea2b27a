export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)} MB`;
  return `${(bytes / 1e3).toFixed(0)} kB`;
}

export function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

export function formatDollars(amount: number): string {
  if (amount === 0) return '$0';
  return `$${amount.toPrecision(2)}`;
}

export function formatPlace(sentence: { path: string; page?: number; line?: number }): string {
  if (sentence.page !== undefined) return `${sentence.path}, page ${sentence.page}`;
  return sentence.line === undefined ? sentence.path : `${sentence.path}:${sentence.line}`;
}
