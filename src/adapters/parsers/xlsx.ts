import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { isOn, relationsOf } from './office-parts.ts';
import { addSheet, type Merge } from './sheet-tables.ts';
import { Unreadable } from './unreadable.ts';
import { type NumberKind, readNumberKinds, showNumber } from './xlsx-format.ts';
import { readXml, type XmlTag } from './xml-reader.ts';
import { ZipArchive } from './zip-archive.ts';

const WORKBOOK = 'xl/workbook.xml';
/** Cells of all sheets; the rest of a larger workbook is left out. */
const MOST_CELLS = 1_000_000;

interface Book {
  readonly strings: readonly string[];
  readonly kinds: readonly NumberKind[];
  calendar: 1900 | 1904;
  cellsLeft: number;
}

/** Tables of the sheets of a workbook under their names; hidden sheets, rows and columns are left out. */
export function parseXlsx(bytes: Uint8Array): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const source = archive.text(WORKBOOK);
  if (source === undefined) throw new Unreadable('it is an archive, but not a workbook (.xlsx)');
  const relations = relationsOf(archive, WORKBOOK);
  const builder = new DocumentBuilder();
  const book: Book = {
    strings: readStrings(archive.text('xl/sharedStrings.xml') ?? ''),
    kinds: readNumberKinds(archive.text('xl/styles.xml') ?? ''),
    calendar: 1900,
    cellsLeft: MOST_CELLS,
  };
  readXml(source, {
    open: (tag) => {
      if (tag.name === 'workbookPr')
        book.calendar = /^(?:1|true)$/.test(tag.attribute('date1904') ?? '') ? 1904 : 1900;
      if (tag.name !== 'sheet') return;
      const sheet = archive.text(relations.get(tag.attribute('r:id') ?? '') ?? '');
      if (/hidden/i.test(tag.attribute('state') ?? '')) builder.flag('hidden-text');
      else if (sheet !== undefined) {
        builder.addHeading(1, tag.attribute('name') ?? 'Sheet');
        const reader = new SheetReader(book);
        readXml(sheet, reader);
        if (reader.hasHidden) builder.flag('hidden-text');
        addSheet(builder, reader.rows, reader.merges);
      }
    },
  });
  if (book.cellsLeft <= 0) builder.flag('cut-short');
  return builder.build();
}

/** Texts that cells refer to by number; readings of Japanese (rPh) are no part of them. */
function readStrings(source: string): string[] {
  const strings: string[] = [];
  let text = '';
  let isText = false;
  let isReading = false;
  readXml(source, {
    open: ({ name }) => {
      if (name === 'si') text = '';
      else if (name === 'rPh') isReading = true;
      else isText = name === 't';
    },
    text: (piece) => {
      if (isText && !isReading) text += piece;
    },
    close: (name) => {
      if (name === 't') isText = false;
      else if (name === 'rPh') isReading = false;
      else if (name === 'si') strings.push(text);
    },
  });
  return strings;
}

class SheetReader {
  readonly rows = new Map<number, Map<number, string>>();
  readonly merges: Merge[] = [];
  hasHidden = false;
  readonly #book: Book;
  readonly #hiddenColumns: (readonly [number, number])[] = [];
  #row = -1;
  #column = -1;
  #isRowHidden = false;
  #type = 'n';
  #style = 0;
  #value = '';
  #isValue = false;

  constructor(book: Book) {
    this.#book = book;
  }

  open(tag: XmlTag): void {
    switch (tag.name) {
      case 'col':
        if (isHidden(tag))
          this.#hiddenColumns.push([
            Number(tag.attribute('min')) - 1,
            Number(tag.attribute('max')) - 1,
          ]);
        return;
      case 'row': {
        const number = Number(tag.attribute('r'));
        this.#row = number > 0 ? number - 1 : this.#row + 1;
        this.#column = -1;
        this.#isRowHidden = isHidden(tag);
        return;
      }
      case 'c': {
        const place = placeOf(tag.attribute('r') ?? '');
        this.#column = place?.column ?? this.#column + 1;
        this.#type = tag.attribute('t') ?? 'n';
        this.#style = Number(tag.attribute('s') ?? 0);
        this.#value = '';
        return;
      }
      case 'v':
      case 't':
        this.#isValue = true;
        return;
      case 'mergeCell': {
        const [from = '', to = ''] = (tag.attribute('ref') ?? '').split(':');
        const start = placeOf(from);
        const end = placeOf(to);
        if (start !== undefined && end !== undefined)
          this.merges.push({
            top: start.row,
            left: start.column,
            bottom: end.row,
            right: end.column,
          });
        return;
      }
    }
  }

  text(text: string): void {
    if (this.#isValue) this.#value += text;
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#isValue = false;
    else if (name === 'c') this.#closeCell();
  }

  #closeCell(): void {
    const text = this.#shown();
    if (text.trim() === '' || this.#book.cellsLeft <= 0) return;
    this.#book.cellsLeft -= 1;
    const column = this.#column;
    if (
      this.#isRowHidden ||
      this.#hiddenColumns.some(([from, to]) => column >= from && column <= to)
    ) {
      this.hasHidden = true;
      return;
    }
    const row = this.rows.get(this.#row) ?? new Map<number, string>();
    row.set(column, text);
    this.rows.set(this.#row, row);
  }

  #shown(): string {
    const { strings, kinds, calendar } = this.#book;
    const value = this.#value;
    if (value === '') return '';
    if (this.#type === 's') return strings[Number(value)] ?? '';
    if (this.#type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
    if (this.#type !== 'n') return value;
    return showNumber(value, kinds[this.#style] ?? { kind: 'plain' }, calendar);
  }
}

function isHidden(tag: XmlTag): boolean {
  const value = tag.attribute('hidden');
  return value !== undefined && isOn(value);
}

/** `B7` → row 6, column 1. */
function placeOf(reference: string): { readonly row: number; readonly column: number } | undefined {
  const [, letters = '', digits = ''] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference) ?? [];
  if (letters === '') return undefined;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { row: Number(digits) - 1, column };
}
