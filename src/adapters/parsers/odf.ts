import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { addSheet, type Merge } from './sheet-tables.ts';
import { addTable, type GridRow } from './table-grid.ts';
import { Unreadable } from './unreadable.ts';
import { readXml, type XmlTag } from './xml-reader.ts';
import { LOCKED, ZipArchive } from './zip-archive.ts';

/** Times that a cell or row may be repeated; sheets are filled up with a million empty ones. */
const MOST_REPEATED = 200;
/** Not the document's own text: remarks, deleted text, forms, what draws the page. */
const SKIPPED = new Set('annotation tracked-changes forms notes'.split(' '));

/** OpenDocument text, sheets and slides: headings, paragraphs, list items, tables; a note follows its paragraph. */
export function parseOdf(bytes: Uint8Array): ParsedDocument {
  const archive = new ZipArchive(bytes);
  if (/manifest:algorithm|encryption-data/.test(archive.text('META-INF/manifest.xml') ?? ''))
    throw new Unreadable(LOCKED);
  const source = archive.text('content.xml');
  if (source === undefined)
    throw new Unreadable('it is an archive, but not an OpenDocument file (.odt, .ods, .odp)');
  const reader = new OdfReader(hiddenStyles(source, archive.text('styles.xml') ?? ''));
  readXml(source, reader);
  return reader.builder.build();
}

/** Names of styles whose text is not displayed. */
function hiddenStyles(...sources: string[]): ReadonlySet<string> {
  const hidden = new Set<string>();
  let name = '';
  for (const source of sources)
    readXml(source, {
      open: (tag) => {
        if (tag.name === 'style') name = tag.attribute('style:name') ?? '';
        if (tag.name === 'text-properties' && tag.attribute('text:display') === 'none')
          hidden.add(name);
      },
    });
  return hidden;
}

class OdfReader {
  readonly builder = new DocumentBuilder();
  readonly #hidden: ReadonlySet<string>;
  readonly #notes: string[] = [];
  readonly #texts: { text: string; level: number | undefined }[] = [];
  readonly #elements: boolean[] = [];
  #isSheet = false;
  #skipped = 0;
  #lists = 0;
  #page = 0;
  #cells: GridRow['cells'][number][] = [];
  #rows: GridRow[] | undefined;
  #headerRows = 0;
  #cell: { text: string; columns: number; rows: number; times: number } | undefined;
  #rowTimes = 1;

  constructor(hidden: ReadonlySet<string>) {
    this.#hidden = hidden;
  }

  open(tag: XmlTag): void {
    const isSkipped =
      this.#skipped > 0 ||
      SKIPPED.has(tag.name) ||
      (tag.name === 'span' && this.#hidden.has(tag.attribute('text:style-name') ?? ''));
    this.#elements.push(isSkipped);
    if (isSkipped) {
      if (this.#skipped === 0 && tag.name === 'span') this.builder.flag('hidden-text');
      this.#skipped += 1;
      return;
    }
    this.#openText(tag);
    this.#openTable(tag);
  }

  #openText(tag: XmlTag): void {
    const open = this.#texts.at(-1);
    switch (tag.name) {
      case 'spreadsheet':
        this.#isSheet = true;
        return;
      case 'h':
        this.#texts.push({ text: '', level: Number(tag.attribute('outline-level') ?? 1) || 1 });
        return;
      case 'p':
        this.#texts.push({ text: '', level: undefined });
        return;
      case 'list':
        this.#lists += 1;
        return;
      case 's':
      case 'tab':
      case 'line-break':
        if (open !== undefined) open.text += ' ';
        return;
      case 'page':
        this.#page += 1;
        this.builder.addHeading(1, `Slide ${this.#page}`, this.#page);
        return;
    }
  }

  #openTable(tag: XmlTag): void {
    switch (tag.name) {
      case 'table':
        if (this.#rows !== undefined) return;
        this.#rows = [];
        if (this.#isSheet) this.builder.addHeading(1, tag.attribute('table:name') ?? 'Sheet');
        return;
      case 'table-header-rows':
        this.#headerRows += 1;
        return;
      case 'table-row':
        this.#rowTimes = timesOf(tag, 'number-rows-repeated');
        return;
      case 'table-cell':
      case 'covered-table-cell':
        this.#cell = {
          text: '',
          columns: Number(tag.attribute('number-columns-spanned') ?? 1) || 1,
          rows: Number(tag.attribute('number-rows-spanned') ?? 1) || 1,
          times: timesOf(tag, 'number-columns-repeated'),
        };
        return;
    }
  }

  text(text: string): void {
    const open = this.#texts.at(-1);
    if (this.#skipped === 0 && open !== undefined) open.text += text;
  }

  close(name: string): void {
    if (this.#elements.pop() === true) {
      this.#skipped -= 1;
      return;
    }
    if (name === 'h' || name === 'p') this.#closeText();
    else if (name === 'list') this.#lists -= 1;
    else if (name === 'table-header-rows') this.#headerRows -= 1;
    else if (name === 'table-cell') this.#closeCell();
    else if (name === 'covered-table-cell') this.#closeCovered();
    else if (name === 'table-row') this.#closeRow();
    else if (name === 'table') this.#closeTable();
  }

  /** Text inside another paragraph is that of a note. */
  #closeText(): void {
    const closed = this.#texts.pop();
    if (closed === undefined) return;
    if (this.#texts.length > 0) {
      this.#notes.push(closed.text);
      return;
    }
    const page = this.#page > 0 ? this.#page : undefined;
    if (this.#cell !== undefined)
      this.#cell.text += `${this.#cell.text === '' ? '' : ' '}${closed.text}`;
    else if (closed.level !== undefined) this.builder.addHeading(closed.level, closed.text, page);
    else this.builder.add(this.#lists > 0 ? 'list-item' : 'paragraph', closed.text, page);
    if (this.#rows === undefined) this.#flushNotes();
  }

  #closeCell(): void {
    if (this.#cell === undefined) return;
    const { text, columns, rows, times } = this.#cell;
    for (let count = 0; count < times; count += 1) this.#cells.push({ text, columns, rows });
    this.#cell = undefined;
  }

  /** A table's cells know what they cover; the places of a sheet are counted. */
  #closeCovered(): void {
    if (this.#isSheet && this.#cell !== undefined) {
      this.#cell.text = '';
      this.#closeCell();
    } else this.#cell = undefined;
  }

  #closeRow(): void {
    const isHeader = this.#headerRows > 0;
    const isEmpty = this.#cells.every((cell) => cell.text.trim() === '');
    const times = isEmpty ? 1 : this.#rowTimes;
    for (let count = 0; count < times; count += 1)
      this.#rows?.push({ cells: this.#cells, ...(isHeader ? { isHeader } : {}) });
    this.#cells = [];
  }

  #closeTable(): void {
    const rows = this.#rows;
    if (rows === undefined) return;
    this.#rows = undefined;
    if (this.#isSheet) addSheet(this.builder, sheetRows(rows), mergesOf(rows));
    else addTable(this.builder, rows);
    this.#flushNotes();
  }

  #flushNotes(): void {
    for (const note of this.#notes.splice(0)) this.builder.add('paragraph', note);
  }
}

function timesOf(tag: XmlTag, name: string): number {
  return Math.min(MOST_REPEATED, Math.max(1, Number(tag.attribute(name) ?? 1) || 1));
}

function sheetRows(rows: readonly GridRow[]): Map<number, Map<number, string>> {
  return new Map(
    rows.map((row, number) => {
      const filled = row.cells.map((cell, column): [number, string] => [column, cell.text]);
      return [number, new Map(filled.filter(([, text]) => text.trim() !== ''))];
    }),
  );
}

function mergesOf(rows: readonly GridRow[]): Merge[] {
  return rows.flatMap((row, top) =>
    row.cells.flatMap(({ columns = 1, rows: height = 1 }, left): Merge[] =>
      columns > 1 || height > 1
        ? [{ top, left, bottom: top + height - 1, right: left + columns - 1 }]
        : [],
    ),
  );
}
