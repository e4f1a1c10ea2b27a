import { extractTextItems, getDocumentProxy } from 'unpdf';
import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { blocksOfPage, bodySize, linesOfPage, repeatedLines } from './pdf-layout.ts';
import { Unreadable } from './unreadable.ts';

const END_WINDOW = 2048;

/** Paragraphs and headings per page, by the places and sizes of the text on it. */
export async function parsePdf(bytes: Uint8Array): Promise<ParsedDocument> {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  if (!head.includes('%PDF-')) throw new Unreadable('it is not a PDF file');
  const tail = Buffer.from(bytes.subarray(-END_WINDOW)).toString('latin1');
  if (!tail.includes('%%EOF')) throw new Unreadable('the PDF is cut off: its end is missing');
  const pages = await readPages(bytes);
  const lines = pages.map(linesOfPage);
  const size = bodySize(lines.flat());
  const repeated = repeatedLines(lines);
  const builder = new DocumentBuilder();
  for (const [index, page] of lines.entries())
    for (const block of blocksOfPage(page, size, repeated)) {
      if (block.level === undefined) builder.add('paragraph', block.text, index + 1);
      else builder.addHeading(block.level, block.text, index + 1);
    }
  if (builder.isEmpty)
    throw new Unreadable(
      'the PDF has no text: its pages are pictures and would need text recognition',
    );
  return builder.build();
}

async function readPages(bytes: Uint8Array) {
  try {
    const document = await getDocumentProxy(bytes, { verbosity: 0, stopAtErrors: false });
    return (await extractTextItems(document)).items;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error.name === 'PasswordException')
      throw new Unreadable('the PDF is protected by a password');
    throw new Unreadable(`the PDF is damaged (${error.message.split('\n')[0]?.slice(0, 120)})`);
  }
}
