import { PageStyles, type StyledNode } from './html-styles.ts';

/** The little of a page's tree that is looked at. */
export interface HidingNode extends StyledNode {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: Iterable<HidingNode>;
  remove?(): void;
}

const ELEMENT = 1;
const UNSEEN =
  /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0?\.?0+\s*(?:;|$)|(?:left|text-indent)\s*:\s*-\d{3,}/i;
/** Nothing, or a pixel or so; `1em` is the common size. */
const TINY =
  /font-size\s*:\s*(?:0(?:\.0+)?\s*(?:px|pt|em|rem|%)?|[01](?:\.\d+)?\s*(?:px|pt|%)|0?\.[01]\d*\s*r?em)\s*(?:;|!|$)/i;
const COLOUR = /(?:^|[;\s])color\s*:\s*([^;!]{1,60})/i;
const GROUND = /background(?:-color)?\s*:\s*([^;!]{1,60})/i;
const WHITE = '#ffffff';
/** Painted, nobody knows how. */
const PAINTED = 'painted';

/**
 * Takes out of a page what its reader does not see, by attributes, styles or style sheets in the page;
 * it is no evidence. True where some of it was drawn so that nobody can read it, which no honest page
 * does.
 */
export function removeHidden(root: HidingNode, styles: PageStyles): boolean {
  return removeIn(root, styles, WHITE);
}

export function stylesOf(document: {
  querySelectorAll(selector: string): Iterable<{ readonly textContent: string | null }>;
}): PageStyles {
  const sheets = [...document.querySelectorAll('style')].map((one) => one.textContent ?? '');
  const others = [...document.querySelectorAll('link[rel~="stylesheet"]')];
  return new PageStyles(sheets, others.length > 0);
}

function removeIn(node: HidingNode, styles: PageStyles, outer: string): boolean {
  let isDisguising = false;
  for (const child of [...node.childNodes]) {
    if (child.nodeType !== ELEMENT) continue;
    const style = styles.of(child);
    const ground = groundOf(child, style, styles) ?? outer;
    if (isUnseen(child, style)) child.remove?.();
    else if (isDisguised(style, ground)) {
      isDisguising ||= (child.textContent ?? '').trim() !== '';
      child.remove?.();
    } else if (removeIn(child, styles, ground)) isDisguising = true;
  }
  return isDisguising;
}

function isUnseen(node: HidingNode, style: string): boolean {
  return (
    node.getAttribute?.('hidden') != null ||
    node.getAttribute?.('aria-hidden') === 'true' ||
    UNSEEN.test(style)
  );
}

function isDisguised(style: string, ground: string): boolean {
  const colour = colourIn(COLOUR.exec(style)?.[1] ?? '');
  return TINY.test(style) || colour === 'transparent' || (colour !== '' && colour === ground);
}

/** The colour under an element's text, where the element says it. */
function groundOf(node: HidingNode, style: string, styles: PageStyles): string | undefined {
  const said = GROUND.exec(style)?.[1] ?? node.getAttribute?.('bgcolor') ?? undefined;
  if (said !== undefined) {
    const colour = colourIn(said);
    return /^#/.test(colour) ? colour : PAINTED;
  }
  const hasClass = (node.getAttribute?.('class') ?? '') !== '';
  return hasClass && styles.mayPaintMore ? PAINTED : undefined;
}

/** `#rrggbb`, or the word itself; '' = none that is known. */
function colourIn(said: string): string {
  const word = said.trim().toLowerCase();
  const short = /^#([\da-f])([\da-f])([\da-f])$/.exec(word);
  if (short !== null)
    return `#${short
      .slice(1)
      .map((one) => one + one)
      .join('')}`;
  const parts = /^rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})/.exec(word);
  if (parts !== null)
    return `#${parts
      .slice(1)
      .map((one) => Number(one).toString(16).padStart(2, '0'))
      .join('')}`;
  if (word === 'white') return WHITE;
  if (word === 'black') return '#000000';
  return /^(?:#[\da-f]{6}|transparent)$/.test(word) ? word : '';
}
