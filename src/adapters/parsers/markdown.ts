import type { ParsedDocument } from '../../core/ports.ts';
import { HeadingPath } from './headings.ts';
import { BlockCutter, cellOf, isBlank, type Line, linesOf } from './text-lines.ts';

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const FENCE = /^\s{0,3}(?:[-*+] +|\d+[.)] +)?(`{3,}|~{3,})/;
const ITEM = /^\s*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?/;
/** `[^1]: ` before the text of a footnote, `: ` before a definition. */
const NOTE = /^ {0,3}(?:\[\^[^\]\s]{1,60}\]:|:)[ \t]+/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** The pattern takes quadratic time on a line of spaces. */
const LONGEST_RULE = 2000;
const COMMENT = /^\s*<!--/;

/**
 * Blocks of Markdown as slices of the source, by one pass over its lines. HTML comments are left
 * out: a reader does not see them, so nothing may be cited from them.
 */
export function parseMarkdown(text: string): ParsedDocument {
  const reader = new MarkdownReader(text);
  return reader.read();
}

class MarkdownReader {
  readonly #text: string;
  readonly #lines: readonly Line[];
  readonly #cutter: BlockCutter;
  readonly #headings = new HeadingPath();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = linesOf(text);
    this.#cutter = new BlockCutter(text);
  }

  read(): ParsedDocument {
    this.#readFrontMatter();
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at];
      if (line === undefined) break;
      if (isBlank(line) || RULE.test(line.text)) this.#at += 1;
      else if (COMMENT.test(line.text)) this.#skipComment();
      else if (FENCE.test(line.text)) this.#readFence(line);
      else if (isHeading(line.text)) this.#readHeading(line);
      else if (this.#isTable()) this.#readTable();
      else if (/^(?: {4}|\t)/.test(line.text) && !ITEM.test(line.text)) this.#readIndented();
      else this.#readParagraph(line);
    }
    return this.#cutter.document();
  }

  #readFrontMatter(): void {
    if (this.#lines[0]?.text.trimEnd() !== '---') return;
    const end = this.#lines.findIndex(
      (line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line.text),
    );
    if (end < 0 || end > 200) return;
    if (end > 1) this.#cutter.cutLines('code', this.#lines[1], this.#lines[end - 1], []);
    this.#at = end + 1;
  }

  #skipComment(): void {
    while (this.#at < this.#lines.length && !this.#lines[this.#at]?.text.includes('-->'))
      this.#at += 1;
    this.#at += 1;
  }

  #readFence(open: Line): void {
    const mark = FENCE.exec(open.text)?.[1] ?? '```';
    const closes = new RegExp(`^\\s*${mark[0]}{${mark.length},}\\s*$`);
    let end = this.#at + 1;
    while (end < this.#lines.length && !closes.test(this.#lines[end]?.text ?? '')) end += 1;
    if (end > this.#at + 1)
      this.#cutter.cutLines(
        'code',
        this.#lines[this.#at + 1],
        this.#lines[end - 1],
        this.#headings.path(),
      );
    this.#at = end + 1;
  }

  #readHeading(line: Line): void {
    const [, marks = '#', title = ''] = HEADING.exec(line.text) ?? [];
    const start =
      line.start + Math.max(0, line.text.indexOf(title, line.text.indexOf(marks) + marks.length));
    this.#cutHeading(marks.length, title, start, line.number);
    this.#at += 1;
  }

  #cutHeading(level: number, title: string, start: number, line: number): void {
    if (title.trim() === '') return;
    const path = this.#headings.enter(level, plain(title));
    this.#cutter.cut('heading', start, start + title.length, line, path);
  }

  #isTable(): boolean {
    const next = this.#lines[this.#at + 1]?.text ?? '';
    return (
      next.length < LONGEST_RULE &&
      (this.#lines[this.#at]?.text.includes('|') ?? false) &&
      next.includes('|') &&
      TABLE_RULE.test(next)
    );
  }

  #readTable(): void {
    let headers: readonly string[] | undefined;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (line === undefined || !line.text.includes('|')) return;
      if (line.text.length < LONGEST_RULE && TABLE_RULE.test(line.text)) continue;
      const bars = barsOf(line.text);
      const cells = bars
        .slice(1)
        .map((end, index): [number, number] => [
          line.start + (bars[index] ?? -1) + 1,
          line.start + end,
        ]);
      const placed = cells.flatMap(
        ([from, to], column) => cellOf(this.#text, from, to, headers?.[column] ?? '') ?? [],
      );
      headers ??= cells.map(([from, to]) => plain(this.#text.slice(from, to)));
      this.#cutter.cut(
        'table-row',
        (bars[0] ?? -1) + 1 + line.start,
        line.start + (bars.at(-1) ?? line.text.length),
        line.number,
        this.#headings.path(),
        placed,
      );
    }
  }

  #readIndented(): void {
    const first = this.#at;
    let last = first;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (line === undefined || (!isBlank(line) && !/^(?: {4}|\t)/.test(line.text))) break;
      if (!isBlank(line)) last = this.#at;
    }
    this.#cutter.cutLines('code', this.#lines[first], this.#lines[last], this.#headings.path());
  }

  /** A paragraph or one list item: lines until a blank one or one that begins something else. */
  #readParagraph(first: Line): void {
    const item = ITEM.exec(first.text)?.[0];
    const mark = item ?? NOTE.exec(first.text)?.[0];
    const from = this.#at;
    this.#at += 1;
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at];
      if (line === undefined || isBlank(line)) break;
      const underline =
        mark === undefined && this.#at === from + 1 ? UNDERLINE.exec(line.text) : null;
      if (underline !== null) {
        const title = first.text.trim();
        const start = first.start + first.text.indexOf(title);
        this.#cutHeading(underline[1]?.startsWith('=') ? 1 : 2, title, start, first.number);
        this.#at += 1;
        return;
      }
      if (beginsBlock(line.text) || this.#isTable()) break;
      this.#at += 1;
    }
    const last = this.#lines[this.#at - 1] ?? first;
    const kind = item === undefined ? 'paragraph' : 'list-item';
    this.#cutter.cut(
      kind,
      first.start + (mark?.length ?? 0),
      last.end,
      first.number,
      this.#headings.path(),
    );
  }
}

/** Places before, between and after the cells of a row; outer bars are optional. */
function barsOf(text: string): number[] {
  const bars: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '|') bars.push(at);
  }
  if (text.slice(0, bars[0]).trim() !== '') bars.unshift(-1);
  if (text.slice((bars.at(-1) ?? 0) + 1).trim() !== '') bars.push(text.length);
  return bars;
}

function beginsBlock(text: string): boolean {
  return (
    isHeading(text) ||
    /^ {0,3}\[\^/.test(text) ||
    FENCE.test(text) ||
    ITEM.test(text) ||
    RULE.test(text) ||
    COMMENT.test(text)
  );
}

/** Only short lines: the pattern takes quadratic time on a line of spaces. */
function isHeading(text: string): boolean {
  return text.length < 1000 && HEADING.test(text);
}

/** A heading's words without emphasis, code marks and link targets. */
function plain(title: string): string {
  return title.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]+|\{#[^}]*\}/g, '');
}
