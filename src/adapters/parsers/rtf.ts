import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder, squeeze } from './document-builder.ts';
import { addTable, type GridRow } from './table-grid.ts';
import { Unreadable } from './unreadable.ts';

/** Groups that are no text of the document (Rich Text Format 1.9.1, destinations). */
const SKIPPED = new Set(
  'fonttbl colortbl info pict object header headerl headerr headerf footer footerl footerr footerf themedata datastore listtable listoverridetable rsidtbl generator xmlnstbl latentstyles fldinst bkmkstart bkmkend annotation atnid atnauthor revtbl filetbl'.split(
    ' ',
  ),
);
const CHARACTERS: Readonly<Record<string, string>> = {
  tab: ' ',
  line: ' ',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  '~': '\u00a0',
  _: '-',
};
const DEEPEST = 500;

interface Group {
  isSkipped: boolean;
  isHidden: boolean;
  isStyles: boolean;
  /** Characters that stand for one of \u for old readers. */
  fallback: number;
}

/** Paragraphs, headings (by style name or outline level), list items and table rows of an RTF file. */
export function parseRtf(bytes: Uint8Array): ParsedDocument {
  const source = Buffer.from(bytes).toString('latin1');
  if (!source.startsWith('{\\rtf')) throw new Unreadable('it is not an RTF file');
  return new RtfReader(source).read();
}

class RtfReader {
  readonly #source: string;
  readonly #builder = new DocumentBuilder();
  readonly #groups: Group[] = [];
  readonly #headings = new Map<number, number>();
  #group: Group = { isSkipped: false, isHidden: false, isStyles: false, fallback: 1 };
  #decoder = new TextDecoder('windows-1252');
  #pending: number[] = [];
  #toSkip = 0;
  #text = '';
  #style = 0;
  #styleName = '';
  #level: number | undefined;
  #isItem = false;
  #isTable = false;
  #cells: { text: string }[] = [];
  #rows: GridRow[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  read(): ParsedDocument {
    const pattern =
      /\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+|[^\\{}\r\n]+/g;
    for (const match of this.#source.matchAll(pattern)) {
      const [whole, hex, word, parameter, symbol, brace] = match;
      if (hex !== undefined) this.#addByte(Number.parseInt(hex, 16));
      else if (word !== undefined)
        this.#follow(word, parameter === undefined ? undefined : Number(parameter));
      else if (symbol !== undefined) this.#followSymbol(symbol);
      else if (brace === '{') this.#open();
      else if (brace === '}') this.#close();
      else if (!/^[\r\n]/.test(whole)) this.#addText(whole);
    }
    this.#endParagraph();
    this.#endTable();
    return this.#builder.build();
  }

  #open(): void {
    this.#flushBytes();
    if (this.#groups.length >= DEEPEST)
      throw new Unreadable(`its groups are nested more than ${DEEPEST} deep`);
    this.#groups.push(this.#group);
    this.#group = { ...this.#group };
  }

  #close(): void {
    this.#flushBytes();
    if (this.#group.isStyles && this.#styleName !== '') this.#endStyle();
    this.#group = this.#groups.pop() ?? this.#group;
  }

  #endStyle(): void {
    const level = /^\s*heading (\d)/i.exec(this.#styleName)?.[1];
    if (level !== undefined) this.#headings.set(this.#style, Number(level));
    this.#styleName = '';
    this.#style = 0;
  }

  #followSymbol(symbol: string): void {
    if (symbol === '*') this.#group.isSkipped = true;
    else if (symbol === '\n' || symbol === '\r') this.#endParagraph();
    else if (symbol !== '-') this.#addText(CHARACTERS[symbol] ?? symbol);
  }

  #follow(word: string, parameter: number | undefined): void {
    if (word === 'u') {
      this.#flushBytes();
      const code = (parameter ?? 0) < 0 ? (parameter ?? 0) + 65_536 : (parameter ?? 0);
      this.#addText(String.fromCharCode(code & 0xffff));
      this.#toSkip = this.#group.fallback;
      return;
    }
    this.#flushBytes();
    if (SKIPPED.has(word)) this.#group.isSkipped = true;
    else if (word === 'stylesheet') this.#group.isStyles = true;
    else if (word === 'ansicpg') this.#setCodePage(parameter ?? 1252);
    else if (word === 'uc') this.#group.fallback = Math.min(8, Math.max(0, parameter ?? 1));
    else if (word === 'v') this.#group.isHidden = parameter !== 0;
    else if (word === 's') this.#style = parameter ?? 0;
    else if (CHARACTERS[word] !== undefined) this.#addText(CHARACTERS[word]);
    else if (!this.#group.isSkipped && !this.#group.isStyles)
      this.#followParagraph(word, parameter);
  }

  #followParagraph(word: string, parameter: number | undefined): void {
    if (word === 'par' || word === 'sect' || word === 'page') this.#endParagraph();
    else if (word === 'pard') {
      this.#style = 0;
      this.#level = undefined;
      this.#isItem = false;
      this.#isTable = false;
    } else if (word === 'outlinelevel') this.#level = (parameter ?? 0) + 1;
    else if (word === 'ls' || word === 'pnlvlblt') this.#isItem = true;
    else if (word === 'intbl') this.#isTable = true;
    else if (word === 'cell') {
      this.#cells.push({ text: this.#text });
      this.#text = '';
    } else if (word === 'row') {
      this.#rows.push({ cells: this.#cells });
      this.#cells = [];
    }
  }

  #setCodePage(page: number): void {
    try {
      this.#decoder = new TextDecoder(
        page === 932
          ? 'shift_jis'
          : page === 936
            ? 'gbk'
            : page === 949
              ? 'euc-kr'
              : page === 950
                ? 'big5'
                : `windows-${page}`,
      );
    } catch {
      // An unknown code page is read as the usual one.
    }
  }

  #addByte(byte: number): void {
    if (this.#toSkip > 0) this.#toSkip -= 1;
    else this.#pending.push(byte);
  }

  #flushBytes(): void {
    if (this.#pending.length === 0) return;
    const text = this.#decoder.decode(Uint8Array.from(this.#pending));
    this.#pending = [];
    this.#put(text);
  }

  #addText(text: string): void {
    this.#flushBytes();
    const rest = this.#toSkip > 0 ? text.slice(this.#toSkip) : text;
    this.#toSkip = Math.max(0, this.#toSkip - text.length);
    this.#put(rest);
  }

  #put(text: string): void {
    if (this.#group.isSkipped) return;
    if (this.#group.isStyles) this.#styleName += text;
    else if (!this.#group.isHidden) this.#text += text;
    else if (text.trim() !== '') this.#builder.flag('hidden-text');
  }

  #endParagraph(): void {
    this.#flushBytes();
    if (this.#isTable) {
      this.#text += ' ';
      return;
    }
    const text = squeeze(this.#text);
    this.#text = '';
    if (text === '') return;
    this.#endTable();
    const level = this.#headings.get(this.#style) ?? this.#level;
    const item = /^[•·▪-]\s+/.exec(text)?.[0] ?? '';
    if (level !== undefined && level <= 9 && text.length <= 300)
      this.#builder.addHeading(level, text);
    else if (this.#isItem || item !== '') this.#builder.add('list-item', text.slice(item.length));
    else this.#builder.add('paragraph', text);
  }

  #endTable(): void {
    if (this.#rows.length > 0) addTable(this.#builder, this.#rows);
    this.#rows = [];
  }
}
