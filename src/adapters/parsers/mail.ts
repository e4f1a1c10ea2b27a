import type { ParsedDocument } from '../../core/ports.ts';
import { checkContent } from './content-check.ts';
import { DocumentBuilder } from './document-builder.ts';
import { type Format, formatOf } from './formats.ts';
import { decodeCharset, readHeaders } from './mail-headers.ts';
import { type MailPart, mailParts } from './mail-parts.ts';
import { decodeText } from './text-lines.ts';
import { Unreadable } from './unreadable.ts';

type ParseBytes = (bytes: Uint8Array, format: Format) => Promise<ParsedDocument>;

const SHOWN_FIELDS = ['From', 'To', 'Cc', 'Date'] as const;
const MOST_ATTACHMENTS = 20;

/**
 * One message: its subject as heading, who wrote to whom and when, its text, and below headings of
 * their own the attachments that a parser reads; of the others the names.
 */
export async function parseMail(bytes: Uint8Array, parse: ParseBytes): Promise<ParsedDocument> {
  const fields = readHeaders(bytes);
  if (!fields.has('from') && !fields.has('subject') && !fields.has('date'))
    throw new Unreadable('it has none of the headers of a mail');
  const builder = new DocumentBuilder();
  builder.addHeading(1, fields.get('subject') ?? 'Mail without a subject');
  for (const field of SHOWN_FIELDS) {
    const value = fields.get(field.toLowerCase());
    if (value !== undefined) builder.add('paragraph', `${field}: ${value}`);
  }
  const parts = mailParts(bytes);
  for (const part of parts.filter((one) => one.name === undefined)) {
    const format = part.type === 'text/html' ? 'html' : 'text';
    append(builder, await parse(inUtf8(part), format), 1);
  }
  const attachments = parts.filter((one) => one.name !== undefined);
  for (const part of attachments.slice(0, MOST_ATTACHMENTS)) await attach(builder, part, parse);
  return builder.build();
}

async function attach(builder: DocumentBuilder, part: MailPart, parse: ParseBytes): Promise<void> {
  const name = part.name ?? '';
  builder.addHeading(2, `Attachment ${name}`);
  const format = formatOf(name);
  if (format === undefined || format === 'mail') return;
  try {
    append(builder, await parse(part.bytes, checkContent(name, part.bytes)), 2);
  } catch (thrown) {
    // A damaged attachment must not take the message with it.
    const reason = thrown instanceof Unreadable ? thrown.message : 'it is damaged';
    builder.add('paragraph', `(${name} could not be read: ${reason})`);
  }
}

function append(builder: DocumentBuilder, { blocks }: ParsedDocument, level: number): void {
  for (const block of blocks)
    if (block.kind === 'heading') builder.addHeading(level + block.headings.length, block.text);
    else builder.add(block.kind, block.text);
}

/** Text in the charset that its header names, else as a file without one is read. */
function inUtf8({ bytes, charset }: MailPart): Uint8Array {
  const isUtf8 = /^(utf-?8|us-ascii)$/i.test(charset);
  const text = isUtf8 ? undefined : decodeCharset(bytes, charset);
  return Buffer.from(text ?? decodeText(bytes));
}
