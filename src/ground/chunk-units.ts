import { splitSentences } from '../base/sentences.ts';
import type { Block } from '../core/ports.ts';
import { estimateTokens } from './token-estimate.ts';

/** The smallest thing that is indexed and cited: a sentence, a table row, a few lines of code. */
export interface Unit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line?: number;
  /** Of what is indexed. */
  readonly tokens: number;
  /** A table row said with its headers. */
  readonly withHeaders?: string;
}

/** Tokens; a longer unit is cut at a space, so that it fits an embedder's window. */
export const UNIT_TOKENS = 220;
const CODE_CHARACTERS = 320;

/** Cuts a block into units with offsets into the document's text. */
export function unitsOf(block: Block): Unit[] {
  const pieces = piecesOf(block);
  const units: Unit[] = [];
  let line = block.line;
  let counted = 0;
  for (const piece of pieces.flatMap(cutToSize)) {
    if (line !== undefined) {
      line += countLines(block.text, counted, piece.start);
      counted = piece.start;
    }
    const start = block.start + piece.start;
    const end = block.start + piece.end;
    const withHeaders = sayWithHeaders(block, start, end);
    units.push({
      text: piece.text,
      start,
      end,
      tokens: estimateTokens(withHeaders ?? piece.text),
      ...(line === undefined ? {} : { line }),
      ...(withHeaders === undefined ? {} : { withHeaders }),
    });
  }
  return units;
}

/** A row of a table is one unit, so that its cells stay together; a long one is cut at its cells. */
function piecesOf(block: Block): Piece[] {
  if (block.kind === 'code') return codePieces(block.text);
  if (block.cells === undefined) return splitSentences(block.text);
  const { text, start } = block;
  if (estimateTokens(text) <= UNIT_TOKENS) return [{ text, start: 0, end: text.length }];
  return block.cells.flatMap((cell) => {
    const from = cell.start - start;
    return splitSentences(text.slice(from, cell.end - start)).map((sentence) => ({
      text: sentence.text,
      start: from + sentence.start,
      end: from + sentence.end,
    }));
  });
}

/** `header: cell; header: cell` of the cells in [start, end); undefined when none has a header. */
function sayWithHeaders(block: Block, start: number, end: number): string | undefined {
  const cells = (block.cells ?? []).filter((cell) => cell.start < end && cell.end > start);
  if (cells.every((cell) => cell.header === '')) return undefined;
  return cells
    .map((cell) => {
      const from = Math.max(cell.start, start) - block.start;
      const text = block.text.slice(from, Math.min(cell.end, end) - block.start);
      const clean = text.replace(/\s+/g, ' ').trim();
      return cell.header === '' ? clean : `${cell.header}: ${clean}`;
    })
    .join('; ');
}

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function cutToSize(piece: Piece): Piece[] {
  if (piece.text.length <= UNIT_TOKENS || estimateTokens(piece.text) <= UNIT_TOKENS) return [piece];
  const middle = piece.text.length >> 1;
  const space = piece.text.lastIndexOf(' ', middle);
  let at = space > piece.text.length / 4 ? space + 1 : middle;
  if (/[\udc00-\udfff]/.test(piece.text[at] ?? '')) at += 1;
  return [trimmed(piece, 0, at), trimmed(piece, at, piece.text.length)].flatMap((half) =>
    half.text === '' ? [] : cutToSize(half),
  );
}

function trimmed(piece: Piece, from: number, to: number): Piece {
  const raw = piece.text.slice(from, to);
  const text = raw.trim();
  const start = piece.start + from + (raw.length - raw.trimStart().length);
  return { text, start, end: start + text.length };
}

/** Runs of lines, cut at blank lines and before they grow long; indentation of the first is kept. */
function codePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let start = -1;
  let end = 0;
  let at = 0;
  const close = () => {
    if (start >= 0) pieces.push({ text: text.slice(start, end), start, end });
    start = -1;
  };
  for (const line of text.split('\n')) {
    const content = line.trimEnd();
    if (content === '' || (start >= 0 && at + content.length - start > CODE_CHARACTERS)) close();
    if (content !== '') {
      if (start < 0) start = at;
      end = at + content.length;
    }
    at += line.length + 1;
  }
  close();
  return pieces;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1))
    count += 1;
  return count;
}
