import type { DocumentText } from '../../src/core/document-text.ts';
import type { PageLine } from '../../src/core/ports.ts';
import type { CitedPlace } from './cited-place.ts';

/** Characters [start, end) of the whole text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Found {
  /** Undefined where what was cited is not in the document any more. */
  readonly range: Range | undefined;
  /** True where another version is shown than the one that was cited. */
  readonly isOther: boolean;
}

/** Where a cited place is in the version that is shown: at its offsets, else where its words are now. */
export function findPlace(text: DocumentText, place: CitedPlace): Found {
  const isOther = place.version !== undefined && place.version !== text.document.version;
  if (!isOther) return { range: { start: place.start, end: place.end }, isOther };
  const words = place.words.trim();
  if (words === '') return { range: undefined, isOther };
  const at = nearest(text.text, words, place.start - text.start);
  const start = at + text.start;
  return { range: at < 0 ? undefined : { start, end: start + words.length }, isOther };
}

function nearest(text: string, words: string, wanted: number): number {
  const after = text.indexOf(words, Math.max(0, wanted));
  const before = text.lastIndexOf(words, Math.max(0, wanted));
  if (after < 0 || before < 0) return Math.max(after, before);
  return after - wanted < wanted - before ? after : before;
}

/** A run of text before, in, or after the marked range. */
export interface Piece extends Range {
  readonly text: string;
  readonly isMarked: boolean;
}

/** Cuts [start, end) where the marked range begins and ends. */
export function cutPieces(
  { text, start: origin }: Pick<DocumentText, 'text' | 'start'>,
  { start, end }: Range,
  marked: Range | undefined,
): readonly Piece[] {
  const from = Math.min(Math.max(marked?.start ?? end, start), end);
  const to = Math.min(Math.max(marked?.end ?? end, from), end);
  const cut = (first: number, last: number, isMarked: boolean): Piece[] =>
    first < last
      ? [{ text: text.slice(first - origin, last - origin), start: first, end: last, isMarked }]
      : [];
  return [...cut(start, from, false), ...cut(from, to, true), ...cut(to, end, false)];
}

/** The part of a line that is marked, as a box on its page; characters count as equally wide. */
export function markedBox(
  line: PageLine,
  marked: Range | undefined,
): Pick<PageLine, 'x' | 'y' | 'width' | 'height'> | undefined {
  if (marked === undefined || line.start >= marked.end || line.end <= marked.start)
    return undefined;
  const length = line.end - line.start;
  const from = Math.max(0, marked.start - line.start) / length;
  const to = Math.min(length, marked.end - line.start) / length;
  const { x, y, width, height } = line;
  return { x: x + from * width, y, width: (to - from) * width, height };
}
