import { parsedJson } from '../base/parsed-json.ts';
import { RecordSplitter } from '../base/record-splitter.ts';
import { placesOf } from './labelled-rows.ts';
import { separatorOf } from './table-rows.ts';

/** One text of a file that rows are compared with. */
export interface OtherText {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Fewer words are a label, an id or a name. */
const WORDS_LEAST = 3;
const WHOLE_MOST = 400_000_000;

/**
 * The texts of any file that is compared with: the text column of a table, the longer strings of JSON
 * (lines or whole), else every line.
 */
export async function* readOtherTexts(pieces: AsyncIterable<string>): AsyncGenerator<OtherText[]> {
  let reader: ((piece: string, isLast: boolean) => OtherText[]) | undefined;
  let start = '';
  for await (const piece of pieces) {
    if (reader !== undefined) {
      yield reader(piece, false);
      continue;
    }
    start += piece;
    reader = readerOf(start);
    if (reader !== undefined) yield reader(start, false);
  }
  yield reader === undefined ? (readerOf(`${start}\n`)?.(start, true) ?? []) : reader('', true);
}

function readerOf(start: string) {
  const end = start.indexOf('\n');
  if (end < 0) return undefined;
  const first = start.slice(0, end);
  if (/^\s*[[{]/.test(first))
    return parsedJson(first) === undefined ? wholeReader() : lineReader(jsonTexts);
  return tableReader(first) ?? lineReader((line) => [line.trim()]);
}

function tableReader(header: string) {
  const separator = separatorOf(header);
  const place = textPlace(header.trim().split(separator));
  if (place === undefined) return undefined;
  const splitter = new RecordSplitter(separator);
  let isHeader = true;
  return (piece: string, isLast: boolean): OtherText[] => {
    const records = [...splitter.push(piece), ...(isLast ? splitter.end() : [])];
    const rows = isHeader ? records.slice(1) : records;
    if (records.length > 0) isHeader = false;
    return rows.map(({ line, fields }) => ({ line, text: fields[place] ?? '' }));
  };
}

function textPlace(header: readonly string[]): number | undefined {
  const columns = header.map((one) => one.replaceAll('"', ''));
  try {
    return placesOf('', [...columns, 'label']).text;
  } catch {
    return undefined;
  }
}

function lineReader(textsOf: (line: string) => readonly string[]) {
  let [rest, line] = ['', 0];
  return (piece: string, isLast: boolean): OtherText[] => {
    const lines = (rest + piece).split('\n');
    rest = isLast ? '' : (lines.pop() ?? '');
    return lines.flatMap((one) => {
      line += 1;
      return textsOf(one).flatMap((text) => (text === '' ? [] : [{ line, text }]));
    });
  };
}

function wholeReader() {
  const held: string[] = [];
  let length = 0;
  return (piece: string, isLast: boolean): OtherText[] => {
    if (length < WHOLE_MOST) held.push(piece);
    length += piece.length;
    return isLast ? jsonTexts(held.join('')).map((text, at) => ({ line: at + 1, text })) : [];
  };
}

function jsonTexts(line: string): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.trim().split(/\s+/).length >= WORDS_LEAST) found.push(value);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(parsedJson(line));
  return found;
}
