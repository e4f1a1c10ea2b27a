import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder, squeeze } from './document-builder.ts';
import { type DocxStyle, readDocxStyles } from './docx-styles.ts';
import { isOn } from './office-parts.ts';
import { addTable, type GridCell, type GridRow } from './table-grid.ts';
import { Unreadable } from './unreadable.ts';
import { readXml, type XmlTag } from './xml-reader.ts';
import { ZipArchive } from './zip-archive.ts';

/**
 * Headings, paragraphs, list items and tables of a Word document; a footnote follows the paragraph
 * that names it. Deleted and hidden text, comments, heads and feet are left out.
 */
export function parseDocx(bytes: Uint8Array): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const source = archive.text('word/document.xml');
  if (source === undefined)
    throw new Unreadable('it is an archive, but not a Word document (.docx)');
  const notes = new Map([
    ...readNotes(archive.text('word/footnotes.xml') ?? '', 'footnote'),
    ...readNotes(archive.text('word/endnotes.xml') ?? '', 'endnote'),
  ]);
  const styleOf = readDocxStyles(archive.text('word/styles.xml') ?? '');
  const reader = new DocxReader(styleOf, notes);
  readXml(source, reader);
  return reader.build();
}

function readNotes(source: string, kind: string): Map<string, string> {
  const notes = new Map<string, string>();
  let id = '';
  let text = '';
  let isText = false;
  readXml(source, {
    open: (tag) => {
      if (tag.name === kind) id = `${kind} ${tag.attribute('type') ? '' : tag.attribute('id')}`;
      isText = tag.name === 't';
    },
    text: (piece) => {
      if (isText) text += piece;
    },
    close: (name) => {
      isText = false;
      if (name === 'p') text += ' ';
      if (name !== kind) return;
      notes.set(id, squeeze(text));
      text = '';
    },
  });
  return notes;
}

interface Paragraph {
  text: string;
  style: DocxStyle;
  level: number | undefined;
  isList: boolean;
  isShaded: boolean;
}

interface OpenTable {
  readonly rows: GridRow[];
  cells: GridCell[];
  isHeader: boolean;
  cell: string;
  columns: number;
  isContinued: boolean;
  /** Text of the cell above, by column, for cells that are merged downwards. */
  readonly above: Map<number, string>;
}

const NO_STYLE: DocxStyle = { isList: false, isHidden: false };

class DocxReader {
  readonly #builder = new DocumentBuilder();
  readonly #styleOf: (id: string | undefined) => DocxStyle;
  readonly #notes: ReadonlyMap<string, string>;
  readonly #paragraphs: Paragraph[] = [];
  readonly #tables: OpenTable[] = [];
  readonly #pendingNotes: string[] = [];
  #skipped = 0;
  #isText = false;
  #isRun = false;
  #isHidden = false;
  #isWhite = false;
  #hasGround = false;

  constructor(styleOf: (id: string | undefined) => DocxStyle, notes: ReadonlyMap<string, string>) {
    this.#styleOf = styleOf;
    this.#notes = notes;
  }

  build(): ParsedDocument {
    this.#flushNotes();
    return this.#builder.build();
  }

  open(tag: XmlTag): void {
    if (this.#skipped > 0 || tag.name === 'Fallback' || tag.name === 'moveFrom') {
      if (tag.name === 'Fallback' || tag.name === 'moveFrom') this.#skipped += 1;
      return;
    }
    this.#openText(tag);
    this.#openTable(tag);
    this.#openFormat(tag);
  }

  #openText(tag: XmlTag): void {
    const paragraph = this.#paragraphs.at(-1);
    switch (tag.name) {
      case 'p':
        this.#paragraphs.push({
          text: '',
          style: NO_STYLE,
          level: undefined,
          isList: false,
          isShaded: false,
        });
        return;
      case 'r':
        this.#isRun = true;
        this.#isHidden = paragraph?.style.isHidden ?? false;
        this.#isWhite = false;
        return;
      case 't':
        this.#isText = true;
        return;
      case 'tab':
      case 'br':
      case 'cr':
        if (this.#isRun && paragraph !== undefined) paragraph.text += ' ';
        return;
      case 'noBreakHyphen':
        if (paragraph !== undefined) paragraph.text += '-';
        return;
      case 'footnoteReference':
      case 'endnoteReference': {
        const kind = tag.name.replace('Reference', '');
        const note = this.#notes.get(`${kind} ${tag.attribute('id')}`);
        if (note !== undefined && note !== '') this.#pendingNotes.push(note);
        return;
      }
    }
  }

  #openFormat(tag: XmlTag): void {
    const paragraph = this.#paragraphs.at(-1);
    const value = tag.attribute('val');
    if (tag.name === 'background') this.#hasGround = true;
    if (paragraph === undefined) return;
    if (this.#isRun) {
      if (tag.name === 'vanish') this.#isHidden = isOn(value);
      else if (tag.name === 'rStyle') this.#isHidden ||= this.#styleOf(value).isHidden;
      else if (tag.name === 'sz' && Number(value) <= 2) this.#isHidden = true;
      else if (tag.name === 'color') this.#isWhite = /^f[c-f]f[c-f]f[c-f]$/i.test(value ?? '');
      else if (tag.name === 'shd' || tag.name === 'highlight') paragraph.isShaded = true;
      return;
    }
    if (tag.name === 'pStyle') paragraph.style = this.#styleOf(value);
    else if (tag.name === 'numPr') paragraph.isList = true;
    else if (tag.name === 'outlineLvl' && Number(value) < 9) paragraph.level = Number(value) + 1;
    else if (tag.name === 'shd') paragraph.isShaded = true;
  }

  #openTable(tag: XmlTag): void {
    const table = this.#tables.at(-1);
    switch (tag.name) {
      case 'tbl':
        this.#tables.push({
          rows: [],
          cells: [],
          isHeader: false,
          cell: '',
          columns: 1,
          isContinued: false,
          above: new Map(),
        });
        return;
      case 'tblHeader':
        if (table !== undefined) table.isHeader = isOn(tag.attribute('val'));
        return;
      case 'gridSpan':
        if (table !== undefined) table.columns = Number(tag.attribute('val')) || 1;
        return;
      case 'vMerge':
        if (table !== undefined) table.isContinued = tag.attribute('val') !== 'restart';
        return;
    }
  }

  text(text: string): void {
    const paragraph = this.#paragraphs.at(-1);
    if (!this.#isText || this.#skipped > 0 || paragraph === undefined) return;
    const isLost =
      this.#isWhite && !paragraph.isShaded && !this.#hasGround && this.#tables.length === 0;
    if (this.#isHidden || isLost) {
      if (text.trim() !== '') this.#builder.flag('hidden-text');
    } else paragraph.text += text;
  }

  close(name: string): void {
    if (name === 'Fallback' || name === 'moveFrom') this.#skipped = Math.max(0, this.#skipped - 1);
    if (this.#skipped > 0) return;
    if (name === 't') this.#isText = false;
    else if (name === 'r') this.#isRun = false;
    else if (name === 'p') this.#closeParagraph();
    else if (name === 'tc') this.#closeCell();
    else if (name === 'tr') this.#closeRow();
    else if (name === 'tbl') this.#closeTable();
  }

  #closeParagraph(): void {
    const paragraph = this.#paragraphs.pop();
    const table = this.#tables.at(-1);
    if (paragraph === undefined) return;
    const { text, style } = paragraph;
    const level = paragraph.level ?? style.level;
    if (table !== undefined) table.cell += `${table.cell === '' ? '' : ' '}${text}`;
    else if (level !== undefined && text.length <= 300) this.#builder.addHeading(level, text);
    else this.#builder.add(paragraph.isList || style.isList ? 'list-item' : 'paragraph', text);
    if (this.#tables.length === 0) this.#flushNotes();
  }

  #closeCell(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    const column = table.cells.reduce((sum, cell) => sum + (cell.columns ?? 1), 0);
    const text = table.isContinued ? (table.above.get(column) ?? '') : table.cell;
    table.above.set(column, text);
    table.cells.push({ text, columns: table.columns });
    table.cell = '';
    table.columns = 1;
    table.isContinued = false;
  }

  #closeRow(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    table.rows.push({ cells: table.cells, isHeader: table.isHeader });
    table.cells = [];
    table.isHeader = false;
  }

  /** A table inside a cell becomes text of that cell. */
  #closeTable(): void {
    const table = this.#tables.pop();
    const outer = this.#tables.at(-1);
    if (table === undefined) return;
    if (outer === undefined) addTable(this.#builder, table.rows);
    else
      outer.cell += ` ${table.rows.map((row) => row.cells.map((cell) => cell.text).join(' | ')).join('; ')}`;
    if (outer === undefined) this.#flushNotes();
  }

  #flushNotes(): void {
    for (const note of this.#pendingNotes.splice(0)) this.#builder.add('paragraph', note);
  }
}
