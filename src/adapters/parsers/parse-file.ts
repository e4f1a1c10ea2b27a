import { readFile, stat } from 'node:fs/promises';
import type { ParsedDocument } from '../../core/ports.ts';
import { checkContent } from './content-check.ts';
import { parseCsv } from './csv.ts';
import { FILE_LIMIT, type Format, formatOf } from './formats.ts';
import { parseJson, parseJsonLines } from './json.ts';
import { parseMarkdown } from './markdown.ts';
import { parsePlainText, parseRows, parseStructured } from './plain-text.ts';
import type { ReadingTime } from './reading-time.ts';
import { parseSourceCode } from './source-code.ts';
import { decodeText } from './text-lines.ts';
import { Unreadable } from './unreadable.ts';

type TextParser = (text: string) => ParsedDocument;
type ByteParser = (
  bytes: Uint8Array,
  time: ReadingTime,
) => ParsedDocument | Promise<ParsedDocument>;

/** Heavy packages load with the first document that needs them. */
const BYTE_PARSERS: Partial<Record<Format, ByteParser>> = {
  pdf: async (bytes, time) => (await import('./pdf.ts')).parsePdf(bytes, time),
  picture: async (bytes) => (await import('./picture.ts')).parsePicture(bytes),
  mail: async (bytes, time) =>
    (await import('./mail.ts')).parseMail(bytes, (part, format) => parseBytes(part, format, time)),
  html: async (bytes) => (await import('./html.ts')).parseHtml(decodeText(bytes)),
  docx: async (bytes) => (await import('./docx.ts')).parseDocx(bytes),
  pptx: async (bytes) => (await import('./pptx.ts')).parsePptx(bytes),
  xlsx: async (bytes) => (await import('./xlsx.ts')).parseXlsx(bytes),
  odf: async (bytes) => (await import('./odf.ts')).parseOdf(bytes),
  epub: async (bytes) => (await import('./epub.ts')).parseEpub(bytes),
  rtf: async (bytes) => (await import('./rtf.ts')).parseRtf(bytes),
};
const TEXT_PARSERS: Partial<Record<Format, TextParser>> = {
  markdown: parseMarkdown,
  text: parsePlainText,
  rows: parseRows,
  code: parseSourceCode,
  json: parseJson,
  'json-lines': parseJsonLines,
  structured: parseStructured,
  csv: parseCsv,
};

/**
 * Reads one file by its suffix, in the process that calls: only the parse worker does. Rejects with
 * Unreadable. A document without any text gives no blocks.
 */
export async function parseFile(path: string, time: ReadingTime): Promise<ParsedDocument> {
  if (formatOf(path) === undefined) throw new Unreadable('files with this suffix are not read');
  const found = await stat(path);
  if (!found.isFile()) throw new Unreadable('it is not a file');
  if (found.size > FILE_LIMIT)
    throw new Unreadable(`it is larger than ${FILE_LIMIT / 1e6} MB; cut it into parts`);
  const bytes = new Uint8Array(await readFile(path));
  return parseBytes(bytes, checkContent(path, bytes), time);
}

async function parseBytes(
  bytes: Uint8Array,
  format: Format,
  time: ReadingTime,
): Promise<ParsedDocument> {
  const parseText = TEXT_PARSERS[format];
  if (parseText !== undefined) return parseText(decodeText(bytes));
  const parse = BYTE_PARSERS[format];
  if (parse === undefined) throw new Unreadable('files with this suffix are not read');
  return parse(bytes, time);
}
