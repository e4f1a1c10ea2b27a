/** One record of a table. */
export interface TableRecord {
  readonly fields: readonly string[];
  /** As it stands in the file, without the line break behind it. */
  readonly raw: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** A quoted field longer than this is one that was not closed. */
const RECORD_MOST = 4_000_000;

/**
 * Records of a table after RFC 4180, from pieces of its text as they come; empty lines are left out.
 * Throws RangeError that names the line in which a quoted field opens that does not end.
 */
export class RecordSplitter {
  readonly #separator: string;
  #rest = '';
  #line = 1;

  constructor(separator: string) {
    this.#separator = separator;
  }

  push(piece: string): TableRecord[] {
    this.#rest += piece;
    const found = this.#take(false);
    if (this.#rest.length > RECORD_MOST) throw this.#open();
    return found;
  }

  end(): TableRecord[] {
    return this.#take(true);
  }

  #take(isLast: boolean): TableRecord[] {
    const found: TableRecord[] = [];
    let start = 0;
    while (start < this.#rest.length) {
      const record = this.#record(start, isLast);
      if (record === undefined) break;
      const raw = this.#rest.slice(start, record.end).replace(/\r$/, '');
      if (record.fields.length > 1 || record.fields[0] !== '')
        found.push({ fields: record.fields, raw, line: this.#line });
      this.#line += 1 + countOf(raw, '\n');
      start = record.end + 1;
    }
    this.#rest = this.#rest.slice(start);
    return found;
  }

  /** Undefined where the record may go on in the next piece. */
  #record(start: number, isLast: boolean): { fields: string[]; end: number } | undefined {
    const text = this.#rest;
    const fields: string[] = [];
    let at = start;
    while (true) {
      const field = text[at] === '"' ? this.#quoted(at) : { value: '', end: at };
      if (field === undefined) {
        if (isLast) throw this.#open();
        return undefined;
      }
      let end = field.end;
      while (end < text.length && text[end] !== this.#separator && text[end] !== '\n') end += 1;
      if (end === text.length && !isLast) return undefined;
      fields.push(field.value + text.slice(field.end, end).replaceAll('\r', ''));
      if (end === text.length || text[end] === '\n') return { fields, end };
      at = end + 1;
    }
  }

  /** Two quotes are one; what stands behind the last one belongs to the field. */
  #quoted(start: number): { value: string; end: number } | undefined {
    const text = this.#rest;
    let value = '';
    for (let from = start + 1; ; ) {
      const quote = text.indexOf('"', from);
      if (quote < 0) return undefined;
      value += text.slice(from, quote);
      if (text[quote + 1] !== '"') return { value, end: quote + 1 };
      value += '"';
      from = quote + 2;
    }
  }

  #open(): RangeError {
    return new RangeError(
      `line ${this.#line}: a quoted field that opens in this row is not closed`,
    );
  }
}

function countOf(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) count += 1;
  return count;
}
