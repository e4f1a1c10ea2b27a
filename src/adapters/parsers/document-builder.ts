import type { Block, ParsedDocument } from '../../core/ports.ts';
import { HeadingPath } from './headings.ts';
import { Unreadable } from './unreadable.ts';

/** Characters of text that a document may have. */
export const TEXT_LIMIT = 20_000_000;

/**
 * Builds the text of a document whose file is not text itself: blocks one after the other with a
 * blank line between them, so that every offset is exact by construction.
 */
export class DocumentBuilder {
  readonly #parts: string[] = [];
  readonly #blocks: Block[] = [];
  readonly #headings = new HeadingPath();
  #length = 0;

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  addHeading(level: number, text: string, page?: number): void {
    const clean = squeeze(text);
    if (clean !== '') this.#add('heading', clean, this.#headings.enter(level, clean), page);
  }

  /** White space is squeezed to single spaces, except in code. */
  add(kind: Exclude<Block['kind'], 'heading'>, text: string, page?: number): void {
    const clean = kind === 'code' ? trimLines(text) : squeeze(text);
    if (clean !== '') this.#add(kind, clean, this.#headings.path(), page);
  }

  build(): ParsedDocument {
    return { text: this.#parts.join(''), blocks: this.#blocks };
  }

  #add(kind: Block['kind'], raw: string, headings: readonly string[], page?: number): void {
    const text = raw.toWellFormed();
    const gap = this.#parts.length === 0 ? '' : '\n\n';
    const start = this.#length + gap.length;
    const end = start + text.length;
    if (end > TEXT_LIMIT) throw new Unreadable(`it has more than ${TEXT_LIMIT} characters of text`);
    this.#parts.push(gap, text);
    this.#length = end;
    this.#blocks.push({
      kind,
      text,
      start,
      end,
      headings,
      ...(page === undefined ? {} : { page }),
    });
  }
}

function squeeze(text: string): string {
  return text
    .replaceAll('\u00ad', '')
    .replace(/[\s\p{Cc}\u200b]+/gu, ' ')
    .trim();
}

function trimLines(text: string): string {
  return text
    .replaceAll('\r', '')
    .replaceAll('\u0000', ' ')
    .replace(/^\s*\n/, '')
    .trimEnd();
}
