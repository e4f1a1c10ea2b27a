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

function splitRecords(file: TableFile): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  const endRecord = () => {
    record.push(field);
    if (record.length > 1 || field !== '') records.push(record);
    record = [];
    field = '';
  };
  const { text } = file;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at] ?? '';
    if (quoted) {
      if (unit !== '"') field += unit;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (unit === '"' && field === '') quoted = true;
    else if (unit === ',') {
      record.push(field);
      field = '';
    } else if (unit === '\n') endRecord();
    else if (unit !== '\r') field += unit;
  }
  if (quoted) throw invalid(file.path, records.length + 1, 'a quoted field is not closed');
  endRecord();
  return records;
}

function invalid(path: string, row: number, problem: string): CadreError {
  return new CadreError('config_invalid', `${path}, row ${row}: ${problem}`, { param: path });
}
