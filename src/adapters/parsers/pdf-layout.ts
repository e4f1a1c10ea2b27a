import type { DocumentBuilder, Piece } from './document-builder.ts';
import { boxOf, type PdfPage, type Row, type Segment } from './pdf-items.ts';
import { type PdfTable, tableAt } from './pdf-table.ts';
import { headerCount } from './table-grid.ts';

/** A line that is higher than the body by this factor is a heading. */
const HEADING_FACTOR = 1.15;
const LONGEST_HEADING = 160;
/** A gap of more than this many font sizes between base lines ends a paragraph. */
const PARAGRAPH_GAP = 1.75;
const BULLET = /^(?:[•◦▪‣●○■□➢✓]|[-–—*](?=\s))\s*/;
const NUMBERED = /^\(?(?:\d{1,3}|[a-z])[.)]\s+/;

export interface HeadingSizes {
  readonly body: number;
  /** Larger sizes, largest first. */
  readonly larger: readonly number[];
}

/** The font size that most characters have, and the sizes of headings. */
export function headingSizes(rows: readonly Row[]): HeadingSizes {
  const counts = new Map<number, number>();
  for (const segment of rows.flat()) {
    const size = rounded(segment.size);
    counts.set(size, (counts.get(size) ?? 0) + segment.text.length);
  }
  const body = [...counts].sort((left, right) => right[1] - left[1])[0]?.[0] ?? 10;
  const larger = [...counts.keys()].filter((size) => size >= body * HEADING_FACTOR);
  return { body, larger: larger.sort((left, right) => right - left) };
}

function rounded(size: number): number {
  return Math.round(size * 2) / 2;
}

export interface LayoutOptions {
  readonly builder: DocumentBuilder;
  readonly sizes: HeadingSizes;
  /** Level by the document's outline of a line on a page; undefined = not in the outline. */
  readonly outlineLevel: (page: number, text: string) => number | undefined;
  /** Deepest level of the outline; 0 without one. */
  readonly outlineDepth: number;
}

/**
 * Adds the blocks of a document page by page: headings, paragraphs, list items and rows of tables.
 * A paragraph that goes on in the next column is one block; a sentence that goes on over the page
 * is finished in the block where it began.
 */
export class PdfLayout {
  readonly #options: LayoutOptions;
  #page: PdfPage | undefined;
  #pieces: Piece[] = [];
  #kind: 'paragraph' | 'list-item' | 'heading' = 'paragraph';
  #level = 0;
  #last: Segment | undefined;

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  addPage(page: PdfPage, rows: readonly Row[]): void {
    if (!this.#isUnfinished()) this.close();
    this.#page = page;
    this.#options.builder.beginPage(page.number, page.width, page.height);
    for (let at = 0; at < rows.length; ) {
      const table = tableAt(rows, at);
      if (table === undefined) this.#addRow(rows[at] ?? [], page);
      else this.#addTable(table, page);
      at = table?.end ?? at + 1;
    }
  }

  #addRow(row: Row, page: PdfPage): void {
    const first = row[0];
    if (first === undefined) return;
    const text = row.map((segment) => segment.text).join(' ');
    const level = this.#levelOf(text, page, Math.max(...row.map((segment) => segment.size)));
    const mark = level === undefined ? this.#markOf(text, first) : '';
    if (this.#startsBlock(first, level, mark)) this.close();
    if (this.#pieces.length === 0) {
      this.#kind = level !== undefined ? 'heading' : mark === '' ? 'paragraph' : 'list-item';
      this.#level = level ?? 0;
    }
    for (const [index, segment] of row.entries()) {
      const piece = { box: boxOf(segment, page), page: page.number };
      this.#append({
        ...piece,
        text: index === 0 ? segment.text.slice(mark.length) : segment.text,
      });
    }
    this.#last = first;
  }

  #levelOf(text: string, page: PdfPage, size: number): number | undefined {
    const isEntry = /… ?\S{1,6}$/.test(text);
    if (text.length > LONGEST_HEADING || isEntry || !/\p{L}/u.test(text)) return undefined;
    const { sizes, outlineLevel, outlineDepth } = this.#options;
    const known = outlineLevel(page.number, text);
    if (known !== undefined) return known;
    const rank = sizes.larger.indexOf(rounded(size));
    return rank < 0 ? undefined : outlineDepth + Math.min(rank, 5) + 1;
  }

  /** The mark of a list item; a number counts only where a sentence or block has just ended. */
  #markOf(text: string, first: Segment): string {
    const bullet = BULLET.exec(text)?.[0];
    if (bullet !== undefined && bullet.length < text.length) return bullet;
    const before = this.#pieces.at(-1)?.text;
    const isFree = before === undefined || /[.:;!?]["”)]?$/.test(before) || this.#isApart(first);
    const isItem = this.#kind === 'list-item' || before === undefined || isFree;
    return (isItem && isFree && NUMBERED.exec(text)?.[0]) || '';
  }

  #startsBlock(first: Segment, level: number | undefined, mark: string): boolean {
    if (this.#last === undefined || mark !== '') return true;
    if (level !== undefined || this.#kind === 'heading')
      return this.#kind !== 'heading' || level !== this.#level || this.#isApart(first, 2.2);
    return this.#isApart(first) || first.isUpright !== this.#last.isUpright;
  }

  #isApart(first: Segment, factor = PARAGRAPH_GAP): boolean {
    if (this.#last === undefined) return true;
    const gap = first.y - this.#last.y;
    if (gap < -this.#last.size / 2) return !(this.#isUnfinished() && /^\p{Ll}/u.test(first.text));
    return gap > factor * Math.max(first.size, this.#last.size);
  }

  /** The open paragraph stops in the middle of a sentence. */
  #isUnfinished(): boolean {
    const end = this.#pieces.at(-1)?.text;
    return end !== undefined && this.#kind === 'paragraph' && /[\p{L}\p{N},;-]$/u.test(end);
  }

  /** A word that was cut at a line end is made whole; a sentence is not carried on past its end on the next page. */
  #append(piece: Piece): void {
    const last = this.#pieces.at(-1);
    if (last === undefined) {
      this.#pieces.push(piece);
      return;
    }
    const { text } = piece;
    const isCut = /\p{L}[-\u00ad\u2010]$/u.test(last.text) && /^\p{Ll}/u.test(text);
    const space = isUnspaced(last.text, text) ? '' : ' ';
    const joined = isCut ? last.text.slice(0, -1) : `${last.text}${space}`;
    this.#pieces[this.#pieces.length - 1] = { ...last, text: joined };
    const isCarried = this.#pieces[0]?.page !== piece.page;
    const end = isCarried ? /[.!?]["”’)]*(?= |$)/.exec(text) : null;
    if (end === null) {
      this.#pieces.push(piece);
      return;
    }
    const [head, tail] = cutPiece(piece, end.index + end[0].length);
    this.#pieces.push(head);
    this.close();
    if (tail.text !== '') this.#pieces.push(tail);
  }

  /** Ends the open block; to be called after the last page. */
  close(): void {
    const pieces = this.#pieces;
    const page = pieces[0]?.page ?? this.#page?.number ?? 1;
    this.#pieces = [];
    this.#last = undefined;
    if (this.#kind === 'heading')
      this.#options.builder.addPieces('heading', pieces, { page, level: this.#level });
    else this.#options.builder.addPieces(this.#kind, pieces, { page });
    this.#kind = 'paragraph';
  }

  #addTable({ rows }: PdfTable, page: PdfPage): void {
    this.close();
    const texts = rows.map((row) => row.map((cell) => cell?.text ?? ''));
    const headers = headerCount(texts.map((row) => ({ cells: row }))) === 1 ? texts[0] : undefined;
    for (const [index, row] of rows.entries())
      this.#options.builder.addRow(
        row.map((cell, column) => ({
          text: cell?.text ?? '',
          header: index === 0 ? '' : (headers?.[column] ?? ''),
          pieces: cell === undefined ? [] : [{ text: cell.text, box: boxOf(cell, page) }],
        })),
        page.number,
      );
  }
}

/** Cuts a line in two; the places are as wide as their shares of the characters. */
function cutPiece(piece: Piece, at: number): [Piece, Piece] {
  const share = at / piece.text.length;
  const { box } = piece;
  const tail = piece.text.slice(at).trimStart();
  if (box === undefined)
    return [
      { ...piece, text: piece.text.slice(0, at) },
      { ...piece, text: tail },
    ];
  const width = box.width * share;
  return [
    { ...piece, text: piece.text.slice(0, at), box: { ...box, width } },
    { ...piece, text: tail, box: { ...box, x: box.x + width, width: box.width - width } },
  ];
}

/** Chinese and Japanese put no space between the lines of a sentence. */
function isUnspaced(left: string, right: string): boolean {
  const script = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}。、，]/u;
  return script.test(left.at(-1) ?? '') && script.test(right[0] ?? '');
}
