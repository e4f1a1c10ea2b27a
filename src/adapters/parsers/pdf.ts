import { getDocumentProxy } from 'unpdf';
import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { type PdfPage, type RawItem, rowsOf } from './pdf-items.ts';
import { headingSizes, PdfLayout } from './pdf-layout.ts';
import { inReadingOrder } from './pdf-order.ts';
import { readOutline } from './pdf-outline.ts';
import { withoutRunning } from './pdf-running.ts';
import { readScans } from './pdf-scan.ts';
import { VisibleText } from './pdf-visible.ts';
import type { ReadingTime } from './reading-time.ts';
import { Unreadable } from './unreadable.ts';

/** Pixels of a page's picture: A4 at 600 dots per inch has 35 million. */
const SCAN_PIXELS = 40_000_000;

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

const END_WINDOW = 2048;
/** Pages; the rest of a longer document is left out. */
const MOST_PAGES = 3000;
/** Pages one after the other that cannot be had: the document claims more than it has. */
const MOST_MISSING = 20;
/** Characters; a page with less text than this is looked at as a picture. */
const SCANNED_CHARACTERS = 12;
/** A page with less text than this and a picture on most of it was stamped after it was scanned. */
const STAMPED_CHARACTERS = 150;
const STAMPED_SHARE = 0.6;

/** Headings, paragraphs, list items and rows of tables per page, by the places and sizes of the text. */
export async function parsePdf(bytes: Uint8Array, time: ReadingTime): Promise<ParsedDocument> {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  if (!head.includes('%PDF-')) throw new Unreadable('it is not a PDF file');
  const tail = Buffer.from(bytes.subarray(-END_WINDOW)).toString('latin1');
  if (!tail.includes('%%EOF')) throw new Unreadable('the PDF is cut off: its end is missing');
  const visible = new VisibleText(bytes);
  const document = await open(bytes, visible.imageLimit);
  const builder = new DocumentBuilder();
  const withImages = () => open(bytes, SCAN_PIXELS);
  const pages = await readPages(document, { builder, visible, time, withImages });
  await addPages(document, pages, builder);
  if (!builder.isEmpty) return builder.build();
  throw new Unreadable(
    'the PDF has no text, neither written nor in pictures that could be recognised',
  );
}

async function open(bytes: Uint8Array, maxImageSize: number): Promise<PdfDocument> {
  try {
    // pdf.js takes the buffer away from its caller.
    return await getDocumentProxy(bytes.slice(), {
      verbosity: 0,
      stopAtErrors: false,
      maxImageSize,
    });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error.name === 'PasswordException')
      throw new Unreadable(
        'the PDF is protected by a password; save a copy without one and put it in its place',
      );
    throw new Unreadable(`the PDF is damaged (${error.message.split('\n')[0]?.slice(0, 120)})`);
  }
}

async function readPages(
  document: PdfDocument,
  parts: {
    readonly builder: DocumentBuilder;
    readonly visible: VisibleText;
    readonly time: ReadingTime;
    /** The document with its pictures decoded. */
    readonly withImages: () => Promise<PdfDocument>;
  },
): Promise<PdfPage[]> {
  const { builder, visible, time, withImages } = parts;
  const pages: PdfPage[] = [];
  const scanned: number[] = [];
  let missing = 0;
  const count = Math.min(document.numPages, MOST_PAGES);
  if (document.numPages > count) builder.flag('cut-short');
  for (let number = 1; number <= count && missing < MOST_MISSING; number += 1) {
    if (time.isShort()) {
      builder.flag('cut-short');
      break;
    }
    const read = await readPage(document, number, visible).catch(() => undefined);
    if (read === undefined) {
      missing += 1;
      builder.flag('cut-short');
      continue;
    }
    missing = 0;
    pages.push(read.page);
    if (isPicture(read.page, read.imageArea)) scanned.push(number);
  }
  if (pages.length === 0 && count > 0)
    throw new Unreadable('the PDF is damaged: none of its pages can be read');
  if (visible.hasHidden) builder.flag('hidden-text');
  if (scanned.length === 0) return pages;
  const pictures = await withImages();
  const recognised = await readScans(pictures, scanned, { time, builder });
  return pages.map((page) => {
    const other = recognised.get(page.number);
    return other !== undefined && charactersOf(other) > charactersOf(page) ? other : page;
  });
}

function isPicture(page: PdfPage, imageArea: number): boolean {
  const characters = charactersOf(page);
  const isCovered = imageArea >= STAMPED_SHARE * page.width * page.height;
  return characters < SCANNED_CHARACTERS || (characters < STAMPED_CHARACTERS && isCovered);
}

function charactersOf(page: PdfPage): number {
  return page.items.reduce((sum, item) => sum + item.str.trim().length, 0);
}

async function readPage(
  document: PdfDocument,
  number: number,
  visible: VisibleText,
): Promise<{ readonly page: PdfPage; readonly imageArea: number }> {
  const page = await document.getPage(number);
  const { width, height, transform } = page.getViewport({ scale: 1 });
  const content = await page.getTextContent();
  const items = content.items.filter((item): item is typeof item & RawItem => 'str' in item);
  const shown = await visible.keep(page, items);
  page.cleanup();
  return {
    page: { number, width, height, transform, items: shown.items },
    imageArea: shown.imageArea,
  };
}

async function addPages(
  document: PdfDocument,
  pages: readonly PdfPage[],
  builder: DocumentBuilder,
): Promise<void> {
  const onHidden = () => builder.flag('hidden-text');
  const read = withoutRunning(
    pages.map((page) => ({ page, rows: inReadingOrder(rowsOf(page, onHidden)) })),
  );
  const outline = await readOutline(document);
  const sizes = headingSizes(read.flatMap((one) => one.rows));
  const layout = new PdfLayout({
    builder,
    sizes,
    outlineLevel: outline.levelOf,
    outlineDepth: outline.depth,
  });
  for (const { page, rows } of read) layout.addPage(page, rows);
  layout.close();
}
