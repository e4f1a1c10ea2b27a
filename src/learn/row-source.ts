import { parsedJson } from '../base/parsed-json.ts';
import { RecordSplitter, type TableRecord } from '../base/record-splitter.ts';
import { CadreError } from '../core/errors.ts';
import { type GivenNames, pairOf, placesOf } from './labelled-rows.ts';
import { separatorOf, surplusOf, taken } from './table-rows.ts';

/** One row of a file of labelled examples, as it stands there. */
export interface SourceRow {
  /** Line of a table or of JSON lines, place in a JSON list; from 1. */
  readonly line: number;
  /** As it stands in the file; of a JSON list one line of JSON. */
  readonly raw: string;
  readonly text: string;
  readonly label: string;
  /** Why it cannot be learnt from; absent = it can. */
  readonly problem?: string;
  /** Another column or field, by its name in any case; undefined where the row has none. */
  fieldOf(name: string): string | undefined;
}

/** Some rows of a file, as many as a piece of it held. */
export interface SourceBatch {
  /** First line of a table; rows are written below it. */
  readonly header?: string;
  readonly rows: readonly SourceRow[];
}

/** A JSON list is read whole. */
const LIST_MOST = 400_000_000;
const LINE_MOST = 16_000_000;
const FIELDS_SHOWN = 20;

/**
 * Rows of a table (comma, semicolon or tab), of JSON lines or of one JSON list, from pieces of its
 * text, so that no file has to fit into memory (a JSON list does). Throws `invalid_request` that names
 * the file and the line.
 */
export async function* readSource(
  name: string,
  pieces: AsyncIterable<string>,
  given: GivenNames = {},
): AsyncGenerator<SourceBatch> {
  let start = '';
  let reader: Reader | undefined;
  for await (const piece of pieces) {
    if (reader === undefined) {
      start += piece;
      reader = readerOf(name, start, given);
      if (reader !== undefined) yield reader.push(start);
    } else yield reader.push(piece);
  }
  if (start.trim() === '') throw invalid(name, 'is empty');
  reader ??= readerOf(name, `${start}\n`, given);
  if (reader === undefined) throw invalid(name, 'holds no row');
  yield reader.end();
}

interface Reader {
  push(piece: string): SourceBatch;
  end(): SourceBatch;
}

/** Undefined until the first line is there, which tells what the file is. */
function readerOf(name: string, start: string, given: GivenNames): Reader | undefined {
  const first = start.trimStart()[0];
  if (first === undefined) return undefined;
  if (first === '[') return new ListReader(name, given);
  if (first === '{') return new LineReader(name, given);
  const from = start.length - start.trimStart().length;
  const end = start.indexOf('\n', from);
  if (end < 0 && start.length < LINE_MOST) return undefined;
  return new TableReader(name, separatorOf(start.slice(from, end < 0 ? undefined : end)), given);
}

class TableReader implements Reader {
  readonly #name: string;
  readonly #given: GivenNames;
  readonly #splitter: RecordSplitter;
  #columns: readonly string[] | undefined;
  #places = { text: 0, label: 0 };

  constructor(name: string, separator: string, given: GivenNames) {
    this.#name = name;
    this.#given = given;
    this.#splitter = new RecordSplitter(separator);
  }

  push(piece: string): SourceBatch {
    return this.#batch(() => this.#splitter.push(piece));
  }

  end(): SourceBatch {
    return this.#batch(() => this.#splitter.end());
  }

  #batch(take: () => TableRecord[]): SourceBatch {
    const records = taken(this.#name, take);
    if (this.#columns !== undefined || records.length === 0)
      return { rows: records.map((record) => this.#row(record)) };
    const [header, ...rest] = records;
    this.#places = placesOf(this.#name, header?.fields ?? [], this.#given);
    this.#columns = (header?.fields ?? []).map((one) => one.trim().toLowerCase());
    return { header: header?.raw ?? '', rows: rest.map((record) => this.#row(record)) };
  }

  #row({ fields, raw, line }: TableRecord): SourceRow {
    const columns = this.#columns ?? [];
    const row = sourceRow(
      line,
      raw,
      fields[this.#places.text],
      fields[this.#places.label],
      (name) => {
        const place = columns.indexOf(name.toLowerCase());
        return place < 0 ? undefined : fields[place];
      },
    );
    const problem = row.problem ?? surplusOf(columns, fields);
    return problem === undefined ? row : { ...row, problem };
  }
}

class LineReader implements Reader {
  readonly #name: string;
  readonly #given: GivenNames;
  #rest = '';
  #line = 0;
  #found = 0;
  readonly #keys = new Set<string>();

  constructor(name: string, given: GivenNames) {
    this.#name = name;
    this.#given = given;
  }

  push(piece: string): SourceBatch {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LINE_MOST)
      throw invalid(
        `${this.#name},`,
        `line ${this.#line + lines.length + 1} is longer than ${LINE_MOST} characters`,
      );
    return { rows: lines.flatMap((line) => this.#row(line)) };
  }

  end(): SourceBatch {
    const rows = this.#row(this.#rest);
    if (this.#found === 0) throw unlabelled(this.#name, this.#keys, this.#given);
    return { rows };
  }

  #row(raw: string): SourceRow[] {
    this.#line += 1;
    if (raw.trim() === '') return [];
    const row = objectRow(this.#line, raw.trim(), this.#given);
    if (row.problem === undefined) this.#found += 1;
    else if (this.#found === 0) addKeys(this.#keys, raw);
    return [row];
  }
}

class ListReader implements Reader {
  readonly #name: string;
  readonly #given: GivenNames;
  readonly #pieces: string[] = [];
  #length = 0;

  constructor(name: string, given: GivenNames) {
    this.#name = name;
    this.#given = given;
  }

  push(piece: string): SourceBatch {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > LIST_MOST)
      throw invalid(this.#name, 'is a list of JSON too large to be read whole; write JSON lines');
    return { rows: [] };
  }

  end(): SourceBatch {
    const list = parsedJson(this.#pieces.join(''));
    if (!Array.isArray(list)) throw invalid(this.#name, 'begins like a list of JSON, but is none');
    const rows = list.map((value, at) => objectRow(at + 1, JSON.stringify(value), this.#given));
    if (rows.some((row) => row.problem === undefined)) return { rows };
    const keys = new Set<string>();
    for (const row of rows.slice(0, 100)) addKeys(keys, row.raw);
    throw unlabelled(this.#name, keys, this.#given);
  }
}

function objectRow(line: number, raw: string, given: GivenNames): SourceRow {
  const value = parsedJson(raw);
  if (value === undefined)
    return { ...sourceRow(line, raw, undefined, undefined, () => undefined), problem: 'not JSON' };
  const object = Object(value) as Record<string, unknown>;
  const { text, label } = pairOf(object, given);
  return sourceRow(line, raw, text, label, (name) => {
    const key = Object.keys(object).find((one) => one.toLowerCase() === name.toLowerCase());
    const field = key === undefined ? undefined : object[key];
    return field === undefined || field === null || typeof field === 'object'
      ? undefined
      : String(field);
  });
}

function sourceRow(
  line: number,
  raw: string,
  text: string | undefined,
  label: string | undefined,
  fieldOf: SourceRow['fieldOf'],
): SourceRow {
  const row = { line, raw, text: text?.trim() ?? '', label: label?.trim() ?? '', fieldOf };
  if (row.text === '') return { ...row, problem: 'no text' };
  return row.label === '' ? { ...row, problem: 'no label' } : row;
}

function addKeys(keys: Set<string>, raw: string): void {
  for (const key of Object.keys(Object(parsedJson(raw))).slice(0, FIELDS_SHOWN)) keys.add(key);
}

function unlabelled(name: string, keys: ReadonlySet<string>, { labels }: GivenNames): CadreError {
  const own = labels?.[0] ?? 'label';
  const shown = [...keys].slice(0, FIELDS_SHOWN).map((key) => `“${key.slice(0, 40)}”`);
  return invalid(
    name,
    `has no row with a text and a ${own}: its fields are ${shown.join(', ') || 'none'}; name them \`text\` and \`${own}\`, or write chats as {"messages": […]}`,
  );
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
