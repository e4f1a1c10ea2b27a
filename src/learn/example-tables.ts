import type { LabelledText } from '../base/ngram-classifier.ts';
import { CadreError } from '../core/errors.ts';

interface TableFile {
  readonly path: string;
  readonly text: string;
}

/** CSV after RFC 4180 with a header that names `text` and `label` (or `category`). */
export function readDelimited(file: TableFile): LabelledText[] {
  const [header, ...records] = splitRecords(file);
  const names = (header ?? []).map((name) => name.trim().toLowerCase());
  const textColumn = names.indexOf('text');
  const labelColumn = names.findIndex((name) => name === 'label' || name === 'category');
  if (textColumn < 0 || labelColumn < 0) {
    throw invalid(file.path, 1, 'the header must name the columns text and label');
  }
  return records.map((record, at) => {
    const text = record[textColumn];
    const label = record[labelColumn]?.trim();
    if (text === undefined || label === undefined || label === '') {
      throw invalid(file.path, at + 2, `has ${record.length} fields, text and label are needed`);
    }
    return { text: text.trim(), label };
  });
}

/** One JSON object per line with the string fields `text` and `label`. */
export function readJsonLines(file: TableFile): LabelledText[] {
  const rows: LabelledText[] = [];
  file.text.split('\n').forEach((line, at) => {
    if (line.trim() === '') return;
    const value = parsed(file.path, at + 1, line);
    const { text, label } = value;
    if (typeof text !== 'string' || typeof label !== 'string' || label.trim() === '') {
      throw invalid(file.path, at + 1, 'needs the string fields text and label');
    }
    rows.push({ text: text.trim(), label: label.trim() });
  });
  return rows;
}

function parsed(path: string, line: number, text: string): { text?: unknown; label?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw invalid(path, line, 'is not JSON');
  }
}

/**
 * Fields of a table after RFC 4180, empty lines left out. Throws `config_invalid` for a quoted field
 * that does not end.
 */
export function splitRecords(file: TableFile, separator = ','): string[][] {
  const records: string[][] = [];
  const { text } = file;
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const field =
      text[at] === '"' ? quotedField(text, at, separator) : plainField(text, at, separator);
    if (field === undefined)
      throw invalid(file.path, records.length + 1, 'a quoted field is not closed');
    record.push(field.value);
    at = field.end;
    if (text[at] === separator) {
      at += 1;
      if (at < text.length && text[at] !== '\n') continue;
      record.push('');
    }
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
    at += 1;
  }
  return records;
}

interface Field {
  readonly value: string;
  /** Where the separator or the line break stands, or the end of the text. */
  readonly end: number;
}

function plainField(text: string, start: number, separator: string): Field {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== '\n') end += 1;
  return { value: text.slice(start, end).replaceAll('\r', ''), end };
}

/** Two quotes are one; what stands behind the last one belongs to the field. */
function quotedField(text: string, start: number, separator: string): Field | undefined {
  let value = '';
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      const rest = plainField(text, quote + 1, separator);
      return { value: value + rest.value, end: rest.end };
    }
    value += '"';
    from = quote + 2;
  }
}

function invalid(path: string, row: number, problem: string): CadreError {
  return new CadreError('config_invalid', `${path}, row ${row}: ${problem}`, { param: path });
}
