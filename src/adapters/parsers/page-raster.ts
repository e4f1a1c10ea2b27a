import { multiply } from './pdf-items.ts';

/** A picture as pdf.js decodes it. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  /** Rows of packed bits (padded to bytes), or 1, 3 or 4 bytes per pixel. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** The picture is a stencil that is filled with ink where its bits are 0. */
  readonly isStencil?: boolean;
}

export interface PaintedImage {
  readonly image: DecodedImage;
  /** From the unit square (origin at the picture's lower left) to points of the shown page. */
  readonly matrix: readonly number[];
}

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Pixels per point. */
  readonly density: number;
  /** One byte per pixel, 255 = white. */
  readonly grey: Uint8Array;
}

/** A4 at about 290 dots per inch. */
const MOST_PIXELS = 8_500_000;
const LEAST_DENSITY = 1;
const WHITE = 255;

/** Paints the pictures of a page, however they are turned or cut into strips, into one grey picture. */
export function rasterOf(
  page: { readonly width: number; readonly height: number },
  painted: readonly PaintedImage[],
): Raster {
  const wanted = Math.max(
    LEAST_DENSITY,
    ...painted.map(({ image, matrix: [a = 0, b = 0] }) => image.width / Math.hypot(a, b)),
  );
  const density = Math.min(wanted, Math.sqrt(MOST_PIXELS / (page.width * page.height)));
  const width = Math.max(1, Math.round(page.width * density));
  const height = Math.max(1, Math.round(page.height * density));
  const grey = new Uint8Array(width * height).fill(WHITE);
  const raster = { width, height, density, grey };
  for (const one of painted) paint(raster, one);
  return raster;
}

function paint(raster: Raster, { image, matrix }: PaintedImage): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = multiply(
    [raster.density, 0, 0, raster.density, 0, 0],
    matrix,
  );
  const area = a * d - b * c;
  const read = readerOf(image);
  if (Math.abs(area) < 1 || read === undefined) return;
  const xs = [e, e + a, e + c, e + a + c];
  const ys = [f, f + b, f + d, f + b + d];
  const left = Math.max(0, Math.floor(Math.min(...xs)));
  const right = Math.min(raster.width, Math.ceil(Math.max(...xs)));
  const bottom = Math.min(raster.height, Math.ceil(Math.max(...ys)));
  for (let y = Math.max(0, Math.floor(Math.min(...ys))); y < bottom; y += 1)
    for (let x = left; x < right; x += 1) {
      const dx = x + 0.5 - e;
      const dy = y + 0.5 - f;
      const u = (dx * d - dy * c) / area;
      const v = (dy * a - dx * b) / area;
      if (u < 0 || u >= 1 || v <= 0 || v > 1) continue;
      const column = Math.floor(u * image.width);
      const row = Math.min(image.height - 1, Math.floor((1 - v) * image.height));
      const value = read(column, row);
      const at = y * raster.width + x;
      if (image.isStencil !== true) raster.grey[at] = value;
      else if (value === 0) raster.grey[at] = 0;
    }
}

function readerOf(image: DecodedImage): ((x: number, y: number) => number) | undefined {
  const { width, height, data } = image;
  const channels = data.length / (width * height);
  if (channels === 1) return (x, y) => data[y * width + x] ?? WHITE;
  if (channels === 3 || channels === 4)
    return (x, y) => {
      const at = (y * width + x) * channels;
      const [red = WHITE, green = WHITE, blue = WHITE] = [data[at], data[at + 1], data[at + 2]];
      return (red * 77 + green * 151 + blue * 28) >> 8;
    };
  const stride = (width + 7) >> 3;
  if (data.length < stride * height) return undefined;
  return (x, y) => (((data[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? WHITE : 0);
}

/** The raster as a PNM file (netpbm P5), which the recognition engine reads. */
export function toPnm({ width, height, grey }: Raster): Uint8Array {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n${WHITE}\n`, 'latin1'), grey]);
}
