import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The folder named by CADRE_DATA; without it the benchmark says what to set and ends with 2. */
export function dataFolder(): string {
  const folder = process.env['CADRE_DATA'];
  if (folder && existsSync(folder)) return folder;
  process.stderr.write(
    'Set CADRE_DATA to a folder with the public data sets; bench/README.md names them.\n',
  );
  process.exit(2);
}

/** Text of a file, plain or gzip. */
export function readData(...path: string[]): string {
  const file = join(dataFolder(), ...path);
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

export function readJsonLines<T>(...path: string[]): T[] {
  return readData(...path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** A fixed order that does not depend on the file's: by the hash of seed and content. */
export function shuffleByHash<T>(rows: readonly T[], key: (row: T) => string, seed: string): T[] {
  const hash = (row: T) =>
    createHash('sha256')
      .update(`${seed}\0${key(row)}`)
      .digest('hex');
  return rows
    .map((row) => ({ row, order: hash(row) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map((one) => one.row);
}

/** Rows of a CSV with quoted fields; the first row is the heading. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') {
        field += '"';
        index += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',' || character === '\n') {
      row.push(field.replace(/\r$/, ''));
      field = '';
      if (character === '\n') {
        rows.push(row);
        row = [];
      }
    } else field += character;
  }
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  return rows;
}
