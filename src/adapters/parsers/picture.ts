import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { recognise } from './ocr.ts';
import { rowsOf } from './pdf-items.ts';
import { headingSizes, PdfLayout } from './pdf-layout.ts';
import { recognisedPage } from './recognised-page.ts';
import { Unreadable } from './unreadable.ts';

const MOST_PIXELS = 40_000_000;
/** Smaller pictures are icons and ornaments; looking for text in them is not worth the time. */
const LEAST_PIXELS = 40_000;

/** The text of a PNG, JPEG or TIFF picture (its first page), recognised. A picture without text gives no blocks. */
export async function parsePicture(bytes: Uint8Array): Promise<ParsedDocument> {
  const size = sizeOf(bytes);
  if (size === undefined)
    throw new Unreadable('it is not a PNG, JPEG or TIFF picture, or is damaged');
  if (size.width * size.height > MOST_PIXELS)
    throw new Unreadable(
      `the picture has ${size.width} × ${size.height} pixels, more than ${MOST_PIXELS / 1e6} million; save a smaller copy`,
    );
  const builder = new DocumentBuilder();
  if (size.width * size.height < LEAST_PIXELS) return builder.build();
  const page = recognisedPage({ number: 1, ...size }, await recognise(bytes), 1);
  const rows = rowsOf(page, () => undefined);
  if (rows.length > 0) builder.flag('read-by-ocr');
  const layout = new PdfLayout({
    builder,
    sizes: headingSizes(rows),
    outlineLevel: () => undefined,
    outlineDepth: 0,
  });
  layout.addPage(page, rows);
  layout.close();
  return builder.build();
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function sizeOf(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 24) return undefined;
  if (view.getUint32(0) === 0x89504e47)
    return { width: view.getUint32(16), height: view.getUint32(20) };
  if (view.getUint16(0) === 0xffd8) return jpegSize(view);
  const order = view.getUint16(0);
  if (order === 0x4949 || order === 0x4d4d) return tiffSize(view, order === 0x4949);
  return undefined;
}

/** Walks the segments to the frame header (ITU T.81, B.2.2). */
function jpegSize(view: DataView): Size | undefined {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** Tags 256 and 257 of the first directory (TIFF 6.0). */
function tiffSize(view: DataView, isLittle: boolean): Size | undefined {
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > view.byteLength) return undefined;
  const count = view.getUint16(directory, isLittle);
  let width = 0;
  let height = 0;
  for (let entry = 0; entry < count; entry += 1) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > view.byteLength) return undefined;
    const isShort = view.getUint16(at + 2, isLittle) === 3;
    const value = isShort ? view.getUint16(at + 8, isLittle) : view.getUint32(at + 8, isLittle);
    if (view.getUint16(at, isLittle) === 256) width = value;
    if (view.getUint16(at, isLittle) === 257) height = value;
  }
  return width > 0 && height > 0 ? { width, height } : undefined;
}
