import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder, squeeze } from './document-builder.ts';
import { isOn, relationsOf } from './office-parts.ts';
import { addTable, type GridRow } from './table-grid.ts';
import { Unreadable } from './unreadable.ts';
import { readXml, type XmlTag } from './xml-reader.ts';
import { ZipArchive } from './zip-archive.ts';

const PRESENTATION = 'ppt/presentation.xml';

/** Slides in their order: the title is the heading, the slide's number the page. Hidden slides and notes are left out. */
export function parsePptx(bytes: Uint8Array): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const source = archive.text(PRESENTATION);
  if (source === undefined)
    throw new Unreadable('it is an archive, but not a presentation (.pptx)');
  const relations = relationsOf(archive, PRESENTATION);
  const builder = new DocumentBuilder();
  let page = 0;
  readXml(source, {
    open: (tag) => {
      if (tag.name !== 'sldId') return;
      page += 1;
      const name = relations.get(tag.attribute('r:id') ?? '');
      const slide = name === undefined ? undefined : archive.text(name);
      if (slide !== undefined) addSlide(builder, slide, page);
    },
  });
  return builder.build();
}

function addSlide(builder: DocumentBuilder, source: string, page: number): void {
  const reader = new SlideReader();
  readXml(source, reader);
  if (reader.isHidden) {
    builder.flag('hidden-text');
    return;
  }
  builder.addHeading(1, reader.title === '' ? `Slide ${page}` : reader.title, page);
  for (const part of reader.parts)
    if ('rows' in part) addTable(builder, part.rows, page);
    else builder.add(part.isItem ? 'list-item' : 'paragraph', part.text, page);
}

type Part =
  | { readonly rows: readonly GridRow[] }
  | { readonly text: string; readonly isItem: boolean };

class SlideReader {
  title = '';
  isHidden = false;
  readonly parts: Part[] = [];
  #place = '';
  #text = '';
  #isText = false;
  #isItem = false;
  #cell: string | undefined;
  #cells: GridRow['cells'][number][] = [];
  #rows: GridRow[] | undefined;
  #span = { columns: 1, rows: 1, isCovered: false };

  open(tag: XmlTag): void {
    switch (tag.name) {
      case 'sld':
        this.isHidden = tag.attribute('show') !== undefined && !isOn(tag.attribute('show'));
        return;
      case 'sp':
        this.#place = '';
        return;
      case 'ph':
        this.#place = tag.attribute('type') ?? 'body';
        return;
      case 'p':
        this.#text = '';
        this.#isItem = false;
        return;
      case 'pPr':
        this.#isItem ||= Number(tag.attribute('lvl') ?? 0) > 0;
        return;
      case 'buChar':
      case 'buAutoNum':
        this.#isItem = true;
        return;
      case 't':
        this.#isText = true;
        return;
      case 'br':
        this.#text += ' ';
        return;
      case 'tbl':
        this.#rows = [];
        return;
      case 'tc':
        this.#cell = '';
        this.#span = {
          columns: Number(tag.attribute('gridSpan') ?? 1) || 1,
          rows: Number(tag.attribute('rowSpan') ?? 1) || 1,
          isCovered: isCovered(tag),
        };
        return;
    }
  }

  text(text: string): void {
    if (this.#isText) this.#text += text;
  }

  close(name: string): void {
    if (name === 't') this.#isText = false;
    else if (name === 'p') this.#closeParagraph();
    else if (name === 'tc') {
      const { columns, rows, isCovered: skipped } = this.#span;
      if (!skipped) this.#cells.push({ text: this.#cell ?? '', columns, rows });
      this.#cell = undefined;
    } else if (name === 'tr') {
      this.#rows?.push({ cells: this.#cells });
      this.#cells = [];
    } else if (name === 'tbl' && this.#rows !== undefined) {
      this.parts.push({ rows: this.#rows });
      this.#rows = undefined;
    }
  }

  /** Numbers, dates and feet of the slide are no content. */
  #closeParagraph(): void {
    const text = squeeze(this.#text);
    this.#text = '';
    if (text === '' || ['sldNum', 'dt', 'ftr', 'hdr'].includes(this.#place)) return;
    if (this.#cell !== undefined) this.#cell += `${this.#cell === '' ? '' : ' '}${text}`;
    else if (this.#place === 'title' || this.#place === 'ctrTitle')
      this.title += `${this.title === '' ? '' : ' '}${text}`;
    else
      this.parts.push({
        text,
        isItem: this.#isItem || this.#place === 'body' || this.#place === 'obj',
      });
  }
}

function isCovered(tag: XmlTag): boolean {
  return ['hMerge', 'vMerge'].some((name) => {
    const value = tag.attribute(name);
    return value !== undefined && isOn(value);
  });
}
