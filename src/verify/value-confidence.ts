import type { TokenLogprob } from '../core/chat.ts';

/** Ends (exclusive) and starts of the values of a JSON text, in characters. */
function valueSpans(text: string): { readonly start: number; readonly end: number }[] {
  const spans: { start: number; end: number }[] = [];
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    const end = match.index + match[0].length;
    const isKey = /^\s*:/.test(text.slice(end, end + 20));
    if (!isKey) spans.push({ start: match.index, end });
  }
  return spans;
}

/**
 * The least log-probability of a token: of a token in a value where the answer is a JSON object, since
 * braces and keys say nothing of it; of any token else. Undefined where fewer than two tokens are known.
 */
export function leastLogprob(text: string, tokens: readonly TokenLogprob[]): number | undefined {
  if (tokens.length < 2) return undefined;
  if (!/^\s*\{/.test(text)) return leastOf(tokens);
  // Where a grammar bound the answer, its space may have been taken out: the tokens have their own text.
  const written = tokens.map((one) => one.token).join('');
  if (written.replaceAll(/\s/g, '') !== text.replaceAll(/\s/g, '')) return undefined;
  const spans = valueSpans(written);
  const inside: TokenLogprob[] = [];
  let at = 0;
  for (const token of tokens) {
    const end = at + token.token.length;
    const isValue = /[\p{L}\p{N}]/u.test(token.token);
    if (isValue && spans.some((span) => at < span.end && end > span.start)) inside.push(token);
    at = end;
  }
  return inside.length === 0 ? undefined : leastOf(inside);
}

function leastOf(tokens: readonly TokenLogprob[]): number | undefined {
  let least = 0;
  for (const { logprob } of tokens) if (logprob < least) least = logprob;
  return Number.isFinite(least) ? least : undefined;
}
