import type { getDocumentProxy } from 'unpdf';
import type { DocumentBuilder } from './document-builder.ts';
import { recognise } from './ocr.ts';
import { type DecodedImage, type PaintedImage, rasterOf, toPnm } from './page-raster.ts';
import { multiply, type PdfPage } from './pdf-items.ts';
import { readPainting } from './pdf-paint.ts';
import { ReadingTime } from './reading-time.ts';
import { recognisedPage } from './recognised-page.ts';

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<PdfDocument['getPage']>>;

/** Pictures of one page; a page is one picture or some strips. */
const MOST_IMAGES = 64;
/** Pixels; smaller pictures are ornaments. */
const LEAST_SIDE = 16;
const DECODE_MS = 10_000;

/**
 * Recognises the text of pages that are pictures: at most 100 of a document, each within the time
 * of one step. What was met is told by flags.
 */
export async function readScans(
  document: PdfDocument,
  numbers: readonly number[],
  parts: { readonly time: ReadingTime; readonly builder: DocumentBuilder },
): Promise<ReadonlyMap<number, PdfPage>> {
  const found = new Map<number, PdfPage>();
  let steps = 0;
  for (const number of numbers) {
    const page = await document.getPage(number);
    const painted = await paintedImages(page).catch(() => []);
    if (painted.length > 0) {
      if (steps >= ReadingTime.mostSteps - 1) {
        parts.builder.flag('cut-short');
        break;
      }
      steps += 1;
      parts.time.step();
      const read = await readScan(page, painted);
      if (read.items.length > 0) {
        found.set(number, read);
        parts.builder.flag('read-by-ocr');
      }
    }
    page.cleanup();
  }
  if (steps > 0) parts.time.step();
  return found;
}

async function readScan(page: Page, painted: readonly PaintedImage[]): Promise<PdfPage> {
  const { width, height } = page.getViewport({ scale: 1 });
  const raster = rasterOf({ width, height }, painted);
  const lines = await recognise(toPnm(raster));
  return recognisedPage({ number: page.pageNumber, width, height }, lines, raster.density);
}

async function paintedImages(page: Page): Promise<PaintedImage[]> {
  const { transform } = page.getViewport({ scale: 1 });
  const { images } = await readPainting(await page.getOperatorList());
  const painted: PaintedImage[] = [];
  for (const { source, matrix, isStencil } of images.slice(0, MOST_IMAGES)) {
    const decoded = typeof source === 'string' ? await decode(page, source) : source;
    const image = asImage(decoded, isStencil);
    if (image !== undefined) painted.push({ image, matrix: multiply(transform, matrix) });
  }
  return painted;
}

function decode(page: Page, name: string): Promise<unknown> {
  const objects = name.startsWith('g_') ? page.commonObjs : page.objs;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), DECODE_MS);
    objects.get(name, (image: unknown) => {
      clearTimeout(timer);
      resolve(image);
    });
  });
}

function asImage(value: unknown, isStencil: boolean): DecodedImage | undefined {
  const { width, height, data } = (value ?? {}) as Partial<DecodedImage>;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) return undefined;
  if (width === undefined || height === undefined) return undefined;
  if (width < LEAST_SIDE || height < LEAST_SIDE) return undefined;
  return { width, height, data, isStencil };
}
