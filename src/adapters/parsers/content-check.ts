import { type Format, formatOf } from './formats.ts';
import { Unreadable } from './unreadable.ts';

interface Signature {
  readonly what: string;
  /** First bytes, as Latin-1. */
  readonly start: string;
  readonly formats: readonly Format[];
  readonly suffix?: string;
}

const ARCHIVES: readonly Format[] = ['docx', 'pptx', 'xlsx', 'odf', 'epub'];
const SIGNATURES: readonly Signature[] = [
  { what: 'a PDF', start: '%PDF-', formats: ['pdf'], suffix: '.pdf' },
  { what: 'a PNG picture', start: '\x89PNG', formats: ['picture'], suffix: '.png' },
  { what: 'a JPEG picture', start: '\xff\xd8\xff', formats: ['picture'], suffix: '.jpg' },
  { what: 'a GIF picture', start: 'GIF8', formats: [] },
  { what: 'a zip archive', start: 'PK\x03\x04', formats: ARCHIVES },
  { what: 'a gzip archive', start: '\x1f\x8b', formats: [] },
  { what: 'a RAR archive', start: 'Rar!\x1a', formats: [] },
  { what: 'a 7z archive', start: "7z\xbc\xaf'", formats: [] },
  { what: 'an RTF file', start: '{\\rtf', formats: ['rtf'], suffix: '.rtf' },
  { what: 'a program', start: '\x7fELF', formats: [] },
  { what: 'a program', start: 'MZ\x90', formats: [] },
  { what: 'a database', start: 'SQLite format 3', formats: [] },
];

/**
 * The format to read a file by: that of its suffix, unless its first bytes say for certain that it
 * is another; then it is Unreadable, with its right suffix. A page of HTML that is named as text is
 * read as a page.
 */
export function checkContent(path: string, bytes: Uint8Array): Format {
  const format = formatOf(path);
  if (format === undefined) throw new Unreadable('files with this suffix are not read');
  const start = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  const found = SIGNATURES.find((one) => start.startsWith(one.start));
  if (found !== undefined && !found.formats.includes(format)) {
    const advice =
      found.suffix === undefined ? '' : `; rename it to ${found.suffix} and it is read`;
    const name = /\.[^./]{1,12}$/.exec(path)?.[0] ?? '';
    throw new Unreadable(`it is ${found.what}, not what ${name} says${advice}`);
  }
  const isPage = /^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html[\s>])/i.test(start);
  return isPage && format === 'text' ? 'html' : format;
}
