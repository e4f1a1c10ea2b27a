import type {
  Block,
  DocumentPage,
  PageLine,
  ParsedDocument,
  ReadingFlag,
} from '../../core/ports.ts';
import { HeadingPath } from './headings.ts';
import { Unreadable } from './unreadable.ts';

/** Characters of text that a document may have. */
export const TEXT_LIMIT = 20_000_000;
/** A longer header would drown its cells. */
const LONGEST_HEADER = 80;
const CELL_GAP = ' | ';

/** A place on a page; lengths as in `PageLine`. */
export type Box = Omit<PageLine, 'start' | 'end'>;

/** A run of text with its place on the page; the texts of all pieces together are the block's. */
export interface Piece {
  readonly text: string;
  readonly box?: Box;
  /** 1-based; the page that was begun last when absent. */
  readonly page?: number;
}

export interface RowCell {
  readonly text: string;
  /** Empty when nothing heads the cell. */
  readonly header: string;
  readonly pieces?: readonly Piece[];
}

/**
 * Builds the text of a document whose file is not text itself: blocks one after the other with a
 * blank line between them, so that every offset is exact by construction.
 */
export class DocumentBuilder {
  readonly #parts: string[] = [];
  readonly #blocks: Block[] = [];
  readonly #headings = new HeadingPath();
  readonly #pages: (Omit<DocumentPage, 'lines'> & { readonly lines: PageLine[] })[] = [];
  readonly #flags = new Set<ReadingFlag>();
  #length = 0;

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  flag(flag: ReadingFlag): void {
    this.#flags.add(flag);
  }

  /** Blocks with pieces that come after stand on this page; sizes as in `DocumentPage`. */
  beginPage(number: number, width: number, height: number): void {
    this.#pages.push({ number, width, height, lines: [] });
  }

  addHeading(level: number, text: string, page?: number): void {
    const clean = squeeze(text);
    if (clean !== '') this.#add('heading', clean, this.#headings.enter(level, clean), { page });
  }

  /** White space is squeezed to single spaces, except in code. */
  add(kind: Exclude<Block['kind'], 'heading'>, text: string, page?: number): void {
    const clean = kind === 'code' ? trimLines(text) : squeeze(text);
    if (clean !== '') this.#add(kind, clean, this.#headings.path(), { page });
  }

  /** The block stands on `page`, where it begins; `level` is that of a heading. */
  addPieces(
    kind: Exclude<Block['kind'], 'code'>,
    pieces: readonly Piece[],
    options: { readonly page: number; readonly level?: number },
  ): void {
    const text = pieces.map((piece) => piece.text).join('');
    if (text.trim() === '') return;
    const headings =
      options.level === undefined
        ? this.#headings.path()
        : this.#headings.enter(options.level, text);
    const start = this.#add(kind, text, headings, { page: options.page });
    this.#place(start, pieces);
  }

  /** A row of a table: the cells that are not empty with a bar between them. */
  addRow(cells: readonly RowCell[], page?: number): void {
    const filled = cells
      .map((cell) => ({ ...cell, text: squeeze(cell.text), header: squeeze(cell.header) }))
      .filter((cell) => cell.text !== '');
    const text = filled.map((cell) => cell.text).join(CELL_GAP);
    if (text === '') return;
    const origin = this.#length + (this.#parts.length === 0 ? 0 : 2);
    let at = origin;
    const placed = filled.map((cell) => {
      const start = at;
      at += cell.text.length + CELL_GAP.length;
      const header = cell.header.slice(0, LONGEST_HEADER).toWellFormed();
      return { start, end: start + cell.text.length, header, pieces: cell.pieces };
    });
    const hasHeaders = placed.some((cell) => cell.header !== '');
    this.#add('table-row', text, this.#headings.path(), {
      page,
      ...(hasHeaders
        ? { cells: placed.map(({ start, end, header }) => ({ start, end, header })) }
        : {}),
    });
    for (const cell of placed) this.#place(cell.start, cell.pieces ?? [], cell.end);
  }

  build(): ParsedDocument {
    return {
      text: this.#parts.join(''),
      blocks: this.#blocks,
      ...(this.#pages.length === 0 ? {} : { pages: this.#pages }),
      ...(this.#flags.size === 0 ? {} : { flags: [...this.#flags].sort() }),
    };
  }

  #place(from: number, pieces: readonly Piece[], limit = Number.POSITIVE_INFINITY): void {
    let start = from;
    for (const { text, box, page } of pieces) {
      const end = Math.min(start + text.length, limit);
      const on = this.#pages.findLast((one) => page === undefined || one.number === page);
      if (box !== undefined && end > start) on?.lines.push({ start, end, ...box });
      start = end;
    }
  }

  #add(
    kind: Block['kind'],
    raw: string,
    headings: readonly string[],
    extra: { readonly page?: number | undefined; readonly cells?: NonNullable<Block['cells']> },
  ): number {
    const text = raw.toWellFormed();
    const gap = this.#parts.length === 0 ? '' : '\n\n';
    const start = this.#length + gap.length;
    const end = start + text.length;
    if (end > TEXT_LIMIT) throw new Unreadable(`it has more than ${TEXT_LIMIT} characters of text`);
    this.#parts.push(gap, text);
    this.#length = end;
    const { page, cells } = extra;
    this.#blocks.push({
      kind,
      text,
      start,
      end,
      headings,
      ...(page === undefined ? {} : { page }),
      ...(cells === undefined ? {} : { cells }),
    });
    return start;
  }
}

/** White space, control and invisible characters become single spaces or nothing. */
export function squeeze(text: string): string {
  return text
    .replace(/[\u00ad\u200b\u200c\u2060-\u2064\ufeff]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

function trimLines(text: string): string {
  return text
    .replaceAll('\r', '')
    .replaceAll('\u0000', ' ')
    .replace(/^\s*\n/, '')
    .trimEnd();
}
