import type { RecognisedLine } from './ocr.ts';
import type { PdfPage, RawItem } from './pdf-items.ts';

/** Lines this much higher than most are set in a larger size; recognised heights vary. */
const LARGER = 1.45;
/** Share of a recognised line's height that stands above the base line. */
const ABOVE_BASE = 0.82;

/** Recognised words as the text of a page, so that one layout serves both. */
export function recognisedPage(
  page: { readonly number: number; readonly width: number; readonly height: number },
  lines: readonly RecognisedLine[],
  pixelsPerPoint: number,
): PdfPage {
  const heights = lines.map((line) => line.letterHeight ?? line.height);
  heights.sort((left, right) => left - right);
  const usual = heights[heights.length >> 1] ?? 1;
  const items = lines.flatMap((line): RawItem[] => {
    const size = ((line.letterHeight ?? 0) > usual * LARGER ? line.height : usual) / pixelsPerPoint;
    const base = (line.y + line.height * ABOVE_BASE) / pixelsPerPoint;
    return line.words.map((word) => ({
      str: word.text,
      dir: 'ltr',
      width: word.width / pixelsPerPoint,
      transform: [size, 0, 0, size, word.x / pixelsPerPoint, base],
      fontName: '',
    }));
  });
  return { ...page, transform: [1, 0, 0, 1, 0, 0], items };
}
