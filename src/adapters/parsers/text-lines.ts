import { isUtf8 } from 'node:buffer';
import type { Block, ParsedDocument, TableCell } from '../../core/ports.ts';
import { TEXT_LIMIT } from './document-builder.ts';
import { Unreadable } from './unreadable.ts';

const BINARY_WINDOW = 8192;

/**
 * The text of a text file: UTF-8, UTF-16 with a byte-order mark, or, where it is not valid UTF-8,
 * Windows-1252. Line ends become \n. Throws Unreadable for a file with NUL bytes.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decoderOf(bytes).decode(bytes).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  if (text.length > TEXT_LIMIT)
    throw new Unreadable(`it has more than ${TEXT_LIMIT} characters of text`);
  return text;
}

function decoderOf(bytes: Uint8Array) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  if (bytes.subarray(0, BINARY_WINDOW).includes(0))
    throw new Unreadable('it is a binary file, not text');
  return new TextDecoder(isUtf8(bytes) ? 'utf-8' : 'windows-1252');
}

export interface Line {
  /** Without the line end. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly number: number;
}

export function linesOf(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((content, index) => {
    const line = { text: content, start, end: start + content.length, number: index + 1 };
    start = line.end + 1;
    return line;
  });
}

export function isBlank(line: Line): boolean {
  return line.text.trim() === '';
}

const LONGEST_HEADER = 80;

/** The cell [start, end) without the white space around it; undefined when it is empty. */
export function cellOf(
  text: string,
  start: number,
  end: number,
  header: string,
): TableCell | undefined {
  const raw = text.slice(start, end);
  const inner = raw.trim();
  if (inner === '') return undefined;
  const from = start + raw.indexOf(inner);
  const short = header.replace(/\s+/g, ' ').trim().slice(0, LONGEST_HEADER).toWellFormed();
  return { start: from, end: from + inner.length, header: short };
}

/** Blocks as slices of a text that is shown as it is. */
export class BlockCutter {
  readonly #text: string;
  readonly #blocks: Block[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Cuts [start, end) without the white space around it; nothing when that is empty. `cells` begin
   * and end with text, inside what is cut.
   */
  cut(
    kind: Block['kind'],
    start: number,
    end: number,
    line: number,
    headings: readonly string[],
    cells: readonly TableCell[] = [],
  ): void {
    const raw = this.#text.slice(start, end);
    const keepsIndent = kind === 'code';
    const text = keepsIndent ? raw.replace(/^(?:[ \t]*\n)+/, '').trimEnd() : raw.trim();
    if (text.trim() === '') return;
    const skipped = raw.indexOf(text);
    const before = raw.slice(0, skipped);
    this.#blocks.push({
      kind,
      text,
      start: start + skipped,
      end: start + skipped + text.length,
      headings,
      line: line + (before.split('\n').length - 1),
      ...(cells.some((cell) => cell.header !== '') ? { cells } : {}),
    });
  }

  /** Cuts the lines from one to another, both included. */
  cutLines(
    kind: Block['kind'],
    first: Line | undefined,
    last: Line | undefined,
    headings: readonly string[],
  ): void {
    if (first !== undefined && last !== undefined)
      this.cut(kind, first.start, last.end, first.number, headings);
  }

  document(): ParsedDocument {
    return { text: this.#text, blocks: this.#blocks };
  }
}
