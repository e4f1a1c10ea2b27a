import { readFile, stat } from 'node:fs/promises';
import type { ParsedDocument } from '../../core/ports.ts';
import { parseCsv } from './csv.ts';
import { FILE_LIMIT, type Format, formatOf } from './formats.ts';
import { parseMarkdown } from './markdown.ts';
import { parsePlainText, parseRows, parseStructured } from './plain-text.ts';
import type { ReadingTime } from './reading-time.ts';
import { parseSourceCode } from './source-code.ts';
import { decodeText } from './text-lines.ts';
import { Unreadable } from './unreadable.ts';

type TextParser = (text: string) => ParsedDocument;
type ByteParser = (bytes: Uint8Array, time: ReadingTime) => Promise<ParsedDocument>;

/** Heavy packages load with the first document that needs them. */
const BYTE_PARSERS: Partial<Record<Format, ByteParser>> = {
  pdf: async (bytes, time) => (await import('./pdf.ts')).parsePdf(bytes, time),
  picture: async (bytes) => (await import('./picture.ts')).parsePicture(bytes),
  html: async (bytes) => (await import('./html.ts')).parseHtml(decodeText(bytes)),
  ...Object.fromEntries(
    (['docx', 'pptx', 'xlsx', 'odt', 'rtf'] as const).map((type): [Format, ByteParser] => [
      type,
      async (bytes) => (await import('./office.ts')).parseOffice(bytes, type),
    ]),
  ),
};
const TEXT_PARSERS: Partial<Record<Format, TextParser>> = {
  markdown: parseMarkdown,
  text: parsePlainText,
  rows: parseRows,
  code: parseSourceCode,
  structured: parseStructured,
  csv: parseCsv,
};

/**
 * Reads one file by its suffix, in the process that calls: only the parse worker does. Rejects with
 * Unreadable. A document without any text gives no blocks.
 */
export async function parseFile(path: string, time: ReadingTime): Promise<ParsedDocument> {
  const format = formatOf(path);
  if (format === undefined) throw new Unreadable('files with this suffix are not read');
  const { size } = await stat(path);
  if (size > FILE_LIMIT) throw new Unreadable(`it is larger than ${FILE_LIMIT / 1e6} MB`);
  const bytes = new Uint8Array(await readFile(path));
  const parseText = TEXT_PARSERS[format];
  if (parseText !== undefined) return parseText(decodeText(bytes));
  const parseBytes = BYTE_PARSERS[format];
  if (parseBytes === undefined) throw new Unreadable('files with this suffix are not read');
  return parseBytes(bytes, time);
}
