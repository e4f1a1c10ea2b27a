import { getResolvedPDFJS } from 'unpdf';
import { multiply } from './pdf-items.ts';

type Operations = Record<string, number>;
export interface OperatorList {
  readonly fnArray: readonly number[];
  readonly argsArray: readonly unknown[];
}

/** Something painted on a page before the text at `at`: its colour, or undefined for a picture. */
interface Shape {
  readonly at: number;
  readonly box: readonly [number, number, number, number];
  readonly colour: string | undefined;
}

interface State {
  matrix: number[];
  colour: string | undefined;
  alpha: number;
  mode: number;
}

/** A placed picture: `matrix` leads from the unit square to the page's own space. */
export interface PlacedImage {
  /** Name of a picture that pdf.js keeps, or the picture. */
  readonly source: unknown;
  readonly isStencil: boolean;
  readonly matrix: readonly number[];
}

/** What a page's content stream paints: its text without white space with the ink of each character, shapes, pictures. */
export interface Painting {
  readonly text: string;
  readonly inks: readonly { readonly colour: string | undefined; readonly isInvisible: boolean }[];
  readonly shapes: readonly Shape[];
  readonly images: readonly PlacedImage[];
}

const INVISIBLE_MODE = 3;
const MOST_SHAPES = 5000;

/** Follows the operators of a page (PDF 32000-1, 8.4 and 9.3). */
export async function readPainting(list: OperatorList): Promise<Painting> {
  const { OPS } = await getResolvedPDFJS();
  const painter = new Painter(OPS as unknown as Operations);
  for (const [index, operation] of list.fnArray.entries())
    painter.follow(operation, (list.argsArray[index] ?? []) as readonly unknown[]);
  return painter.painting();
}

class Painter {
  readonly #names: ReadonlyMap<number, string>;
  readonly #fills: ReadonlySet<unknown>;
  readonly #stack: State[] = [];
  readonly #texts: string[] = [];
  readonly #inks: { colour: string | undefined; isInvisible: boolean }[] = [];
  readonly #shapes: Shape[] = [];
  readonly #images: PlacedImage[] = [];
  #state: State = { matrix: [1, 0, 0, 1, 0, 0], colour: '#000000', alpha: 1, mode: 0 };

  constructor(operations: Operations) {
    this.#names = new Map(Object.entries(operations).map(([name, code]) => [code, name]));
    const fills = ['fill', 'eoFill', 'fillStroke', 'eoFillStroke', 'closeFillStroke'];
    this.#fills = new Set([...fills, 'closeEOFillStroke'].map((name) => operations[name]));
  }

  painting(): Painting {
    return {
      text: this.#texts.join(''),
      inks: this.#inks,
      shapes: this.#shapes,
      images: this.#images,
    };
  }

  follow(operation: number, values: readonly unknown[]): void {
    const state = this.#state;
    switch (this.#names.get(operation)) {
      case 'save':
        this.#stack.push({ ...state });
        return;
      case 'restore':
      case 'paintFormXObjectEnd':
        this.#state = this.#stack.pop() ?? state;
        return;
      case 'transform':
        state.matrix = multiply(state.matrix, values as number[]);
        return;
      case 'paintFormXObjectBegin':
        this.#stack.push({ ...state });
        if (values[0]) state.matrix = multiply(state.matrix, values[0] as number[]);
        return;
      case 'setFillRGBColor':
        state.colour = typeof values[0] === 'string' ? values[0] : undefined;
        return;
      case 'setFillColorN':
      case 'setFillTransparent':
        state.colour = undefined;
        return;
      case 'setTextRenderingMode':
        state.mode = Number(values[0]);
        return;
      case 'setGState':
        for (const [key, value] of (values[0] ?? []) as [string, unknown][])
          if (key === 'ca') state.alpha = Number(value);
        return;
      case 'constructPath':
        if (this.#fills.has(values[0])) this.#paint(values[2] as ArrayLike<number>, state.colour);
        return;
      case 'shadingFill':
        this.#paint([-1e9, -1e9, 1e9, 1e9], undefined);
        return;
      case 'paintImageXObject':
      case 'paintInlineImageXObject':
        this.#placeImage(values[0], false);
        return;
      case 'paintImageMaskXObject':
        this.#placeImage(values[0], true);
        return;
      case 'showText':
        this.#show(values[0]);
        return;
    }
  }

  #placeImage(source: unknown, isStencil: boolean): void {
    this.#paint([0, 0, 1, 1], undefined);
    const data = (source as { readonly data?: unknown } | undefined)?.data;
    this.#images.push({
      source: typeof data === 'string' ? data : source,
      isStencil,
      matrix: this.#state.matrix,
    });
  }

  #show(glyphs: unknown): void {
    if (!Array.isArray(glyphs)) return;
    const { colour, alpha, mode } = this.#state;
    const ink = { colour, isInvisible: mode === INVISIBLE_MODE || alpha < 0.03 };
    for (const glyph of glyphs as { readonly unicode?: unknown }[]) {
      if (typeof glyph?.unicode !== 'string') continue;
      const text = bare(glyph.unicode);
      this.#texts.push(text);
      for (let count = 0; count < text.length; count += 1) this.#inks.push(ink);
    }
  }

  #paint(bounds: ArrayLike<number> | undefined, colour: string | undefined): void {
    if (bounds === undefined || bounds === null || this.#shapes.length >= MOST_SHAPES) return;
    const [left = 0, top = 0, right = 0, bottom = 0] = Array.from(bounds);
    const corners = [
      [left, top],
      [left, bottom],
      [right, top],
      [right, bottom],
    ].map(([x, y]) => multiply(this.#state.matrix, [1, 0, 0, 1, x ?? 0, y ?? 0]).slice(4));
    const xs = corners.map((corner) => corner[0] ?? 0);
    const ys = corners.map((corner) => corner[1] ?? 0);
    const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
    this.#shapes.push({ at: this.#inks.length, box, colour });
  }
}

/** Text as both the operators and the text of a page say it: no white space, no ligatures. */
export function bare(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{Cc}\u00ad]+/gu, '');
}
