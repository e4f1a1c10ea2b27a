import type { RawItem } from './pdf-items.ts';
import {
  bare,
  type OperatorList,
  type Painting,
  type PlacedImage,
  readPainting,
} from './pdf-paint.ts';

/** Pixels of a picture that is decoded to know where pictures stand. */
const IMAGE_LIMIT = 25_000_000;
/** Bytes; in larger files with pictures, only the ink of the text is looked at. */
const FILE_WITH_IMAGES = 20_000_000;
/** Milliseconds of processor time for all pages; the pages after that keep all their text. */
const BUDGET_MS = 6000;
/** Of 255, per channel; inks nearer to the ground than this cannot be seen. */
const LEAST_CONTRAST = 18;
/** More invisible text than this share of a page is the text layer of a scan. */
const LAYER_SHARE = 0.5;
const SEARCH_WINDOW = 3000;

interface PageOfText {
  getOperatorList(): Promise<OperatorList>;
}

/**
 * Leaves out text that nobody sees: drawn in no ink, or in the colour of what is painted under it.
 * Text under or over a picture is kept, and so is the invisible text layer of a scanned page.
 */
export class VisibleText {
  /** For `maxImageSize`: pictures are decoded only where that is cheap. */
  readonly imageLimit: number;
  readonly #seesImages: boolean;
  #left = BUDGET_MS;
  #hasHidden = false;

  constructor(bytes: Uint8Array) {
    const hasImages = /\/Subtype\s*\/Image/.test(Buffer.from(bytes).toString('latin1'));
    this.#seesImages = !hasImages || bytes.length <= FILE_WITH_IMAGES;
    this.imageLimit = hasImages && this.#seesImages ? IMAGE_LIMIT : 1;
  }

  get hasHidden(): boolean {
    return this.#hasHidden;
  }

  /** `imageArea`: square points that the largest picture of the page covers, as far as is known. */
  async keep<Item extends RawItem>(
    page: PageOfText,
    items: readonly Item[],
  ): Promise<{ readonly items: readonly Item[]; readonly imageArea: number }> {
    if (this.#left <= 0 || items.length === 0) return { items, imageArea: 0 };
    const start = process.cpuUsage();
    const painting = await page
      .getOperatorList()
      .then(readPainting)
      .catch(() => undefined);
    const shown = painting === undefined ? items : this.#shown(items, painting);
    const used = process.cpuUsage(start);
    this.#left -= (used.user + used.system) / 1000;
    if (shown.length < items.length) this.#hasHidden = true;
    return { items: shown, imageArea: Math.max(0, ...(painting?.images ?? []).map(areaOf)) };
  }

  #shown<Item extends RawItem>(items: readonly Item[], painting: Painting): readonly Item[] {
    const invisible = painting.inks.filter((ink) => ink.isInvisible).length;
    const isLayer = invisible > painting.inks.length * LAYER_SHARE;
    let at = 0;
    return items.filter((item) => {
      const text = bare(item.str);
      if (text === '') return true;
      const found = painting.text.slice(at, at + SEARCH_WINDOW).indexOf(text);
      if (found < 0) return true;
      const from = at + found;
      at = from + text.length;
      const ink = painting.inks[from];
      if (ink === undefined) return true;
      if (ink.isInvisible) return isLayer;
      return !this.#seesImages || !isLost(ink.colour, groundOf(item, from, painting));
    });
  }
}

function areaOf({ matrix: [a = 0, b = 0, c = 0, d = 0] }: PlacedImage): number {
  return Math.abs(a * d - b * c);
}

/** The colour that was painted last under the middle of an item; undefined = a picture or pattern. */
function groundOf(item: RawItem, at: number, { shapes }: Painting): string | undefined {
  const [, , c = 0, d = 0, x = 0, y = 0] = item.transform;
  const size = Math.hypot(c, d);
  const middle = [x + item.width / 2, y + size / 3] as const;
  for (let index = shapes.length - 1; index >= 0; index -= 1) {
    const shape = shapes[index];
    if (shape === undefined || shape.at > at) continue;
    const [left, bottom, right, top] = shape.box;
    if (middle[0] >= left && middle[0] <= right && middle[1] >= bottom && middle[1] <= top)
      return shape.colour;
  }
  return '#ffffff';
}

function isLost(ink: string | undefined, ground: string | undefined): boolean {
  const one = channelsOf(ink);
  const other = channelsOf(ground);
  if (one === undefined || other === undefined) return false;
  return one.every((value, index) => Math.abs(value - (other[index] ?? 0)) < LEAST_CONTRAST);
}

function channelsOf(colour: string | undefined): number[] | undefined {
  const hex = /^#([0-9a-f]{6})/i.exec(colour ?? '')?.[1];
  if (hex === undefined) return undefined;
  return [0, 2, 4].map((from) => Number.parseInt(hex.slice(from, from + 2), 16));
}
