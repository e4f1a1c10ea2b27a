import type { DocumentText, TextBlock } from '../core/document-text.ts';
import type { DocumentPage, ParsedDocument } from '../core/ports.ts';
import type { ChunkRow } from '../core/stores.ts';

/** Characters that are shown at once; a browser draws so many without a pause. */
const PART_LENGTH = 200_000;

export interface ReadableText {
  readonly text: string;
  readonly blocks: readonly TextBlock[];
  readonly pages?: readonly DocumentPage[];
}

type Part = Pick<DocumentText, 'length' | 'start' | 'end' | 'text' | 'blocks' | 'pages'>;

/** The part around a character; it begins and ends with blocks unless one is longer than a part. */
export function partAround({ text, blocks, pages }: ReadableText, around: number): Part {
  const [start, end] = boundsOf(text.length, blocks, Math.min(Math.max(0, around), text.length));
  const overlaps = (one: { readonly start: number; readonly end: number }) =>
    one.start < end && one.end > start;
  const shown = pages
    ?.map((page) => ({ ...page, lines: page.lines.filter(overlaps) }))
    .filter((page) => page.lines.length > 0);
  return {
    length: text.length,
    start,
    end,
    text: text.slice(start, end),
    blocks: blocks.filter(overlaps),
    ...(shown === undefined || shown.length === 0 ? {} : { pages: shown }),
  };
}

function boundsOf(
  length: number,
  blocks: readonly TextBlock[],
  around: number,
): readonly [number, number] {
  if (length <= PART_LENGTH) return [0, length];
  const wanted = Math.max(0, Math.min(around - PART_LENGTH / 2, length - PART_LENGTH));
  const first = blocks.findLast((block) => block.start <= wanted)?.start ?? 0;
  const start = around - first > PART_LENGTH ? wanted : first;
  const last = blocks.find((block) => block.end >= start + PART_LENGTH)?.end ?? length;
  return [start, Math.min(last, start + 2 * PART_LENGTH, length)];
}

/**
 * The stored sentences at their own offsets. What lies between them (white space, marks of a markup)
 * is not stored and stands as blanks.
 */
export function textOfChunks(chunks: readonly ChunkRow[]): ReadableText {
  const parts: string[] = [];
  const blocks: TextBlock[] = [];
  let length = 0;
  for (const { sentences, headings, page } of chunks) {
    for (const { text, start, end, line, withHeaders } of sentences) {
      if (start < length) continue;
      parts.push(' '.repeat(start - length), text.slice(0, end - start).padEnd(end - start));
      length = end;
      const kind = withHeaders === undefined ? 'paragraph' : 'table-row';
      const before = blocks.at(-1);
      const isSame = before?.headings === headings && kind === 'paragraph';
      if (isSame && before.kind === 'paragraph') blocks[blocks.length - 1] = { ...before, end };
      else
        blocks.push({
          kind,
          start,
          end,
          headings,
          ...(page === undefined ? {} : { page }),
          ...(line === undefined ? {} : { line }),
        });
    }
  }
  return { text: parts.join(''), blocks };
}

export function textOfParsed({ text, blocks, pages }: ParsedDocument): ReadableText {
  return {
    text,
    blocks: blocks.map(({ text: _text, ...place }) => place),
    ...(pages === undefined ? {} : { pages }),
  };
}
