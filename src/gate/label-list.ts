interface Place {
  readonly start: number;
  readonly end: number;
}

/** A label's own letters: what touches them on a side makes another word of it. */
const LETTER = /[\p{L}\p{N}_-]/u;
/** Between labels that stand one after the other: a few signs, “and” and “or”. */
const GAP_MOST = 40;
const SIGNS = /^[\s"'“”‘’`*()[\]{}.:,;|/\d-]+$/;
/** How the line of a list begins. */
const BULLET = /^(?:[-*•]|\d+[.)])?[\s"'“”‘’`*]*$/;
const JOINED = /(?:[,;|/]|\b(?:and|or)) ?["'“”‘’`*()[\]{}]*$/;
const GOES_ON = /^["'“”‘’`*()[\]{}]* ?(?:[,;|/]|(?:and|or)\b(?! nothing\b))/;

/**
 * Where a text lists these labels, all of them and no others: one after the other, or each at the
 * beginning of a line of its own, whatever follows there. Spaces of the text are single ones.
 */
export function listPlace(text: string, labels: readonly string[]): Place | undefined {
  const places = placesOf(labels, text);
  const [first] = places ?? [];
  const last = places?.at(-1);
  if (places === undefined || first === undefined || last === undefined) return undefined;
  const gaps = places.slice(1).map(({ start }, index) => text.slice(places[index]?.end, start));
  if (gaps.every(isGap)) {
    const before = text.slice(Math.max(0, first.start - GAP_MOST), first.start);
    const isWhole =
      !JOINED.test(before) && !GOES_ON.test(text.slice(last.end, last.end + GAP_MOST));
    return isWhole ? { start: first.start, end: last.end } : undefined;
  }
  return linesOf(text, places);
}

function isGap(gap: string): boolean {
  if (gap.length > GAP_MOST) return false;
  return SIGNS.test(gap.replace(/\b(?:and|or)\b/, ' '));
}

/** Where each label stands, in the order of the text; undefined where one is missing. */
function placesOf(labels: readonly string[], text: string): Place[] | undefined {
  const taken: Place[] = [];
  // The longest first: `card` is not what stands in `lost card`.
  for (const label of labels.toSorted((a, b) => b.length - a.length)) {
    const start = firstPlace(label, text, taken);
    if (start < 0) return undefined;
    taken.push({ start, end: start + label.length });
  }
  return taken.sort((a, b) => a.start - b.start);
}

function firstPlace(label: string, text: string, taken: readonly Place[]): number {
  for (let at = text.indexOf(label); at >= 0; at = text.indexOf(label, at + label.length)) {
    const end = at + label.length;
    const isWord = !LETTER.test(text.charAt(at - 1)) && !LETTER.test(text.charAt(end));
    if (isWord && !taken.some((one) => at < one.end && one.start < end)) return at;
  }
  return -1;
}

/** The lines of the list, where each of them begins with a label and no item follows. */
function linesOf(text: string, places: readonly Place[]): Place | undefined {
  const starts = new Set<number>();
  for (const { start } of places) {
    const line = text.lastIndexOf('\n', start - 1) + 1;
    if (start - line > GAP_MOST || !BULLET.test(text.slice(line, start))) return undefined;
    starts.add(line);
  }
  const first = Math.min(...starts);
  const end = endOfLine(text, places.at(-1)?.start ?? 0);
  let at = first;
  for (const line of text.slice(first, end).split('\n')) {
    if (line !== '' && !starts.has(at)) return undefined;
    at += line.length + 1;
  }
  const next = text.slice(end + 1, endOfLine(text, end + 1));
  const isItem = /^(?:[-*•]|\d+[.)]) ?\S/.test(next);
  return isItem || starts.size !== places.length ? undefined : { start: first, end };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
