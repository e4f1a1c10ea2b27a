/** The little of an element that is looked at. */
export interface StyledNode {
  getAttribute?(name: string): string | null;
}

const UNSEEN =
  /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0?\.?0+\s*(?:;|$)|(?:left|text-indent)\s*:\s*-\d{3,}/i;
const TINY = /font-size\s*:\s*(?:0|1)(?:\.\d+)?\s*(?:px|pt|em|rem|%)?\s*(?:;|!|$)/i;
const NO_INK = /(?:^|[;\s])color\s*:\s*transparent/i;
const WHITE = /(?:^|[;\s])color\s*:\s*(?:white|#fff(?:fff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255)\b/i;

/** Text that a reader does not see is not evidence. */
export function isUnseen(node: StyledNode): boolean {
  if (node.getAttribute === undefined) return false;
  return (
    node.getAttribute('hidden') !== null ||
    node.getAttribute('aria-hidden') === 'true' ||
    UNSEEN.test(styleOf(node))
  );
}

/** Drawn so that nobody can read it, which no honest page does: `hasGround` = something is painted under it. */
export function isDisguised(node: StyledNode, hasGround: boolean): boolean {
  const style = styleOf(node);
  if (TINY.test(style) || NO_INK.test(style)) return true;
  return WHITE.test(style) && !hasGround && !paintsGround(node);
}

export function paintsGround(node: StyledNode): boolean {
  const colour = node.getAttribute?.('bgcolor') ?? null;
  return colour !== null || /background|class\s*=/i.test(styleOf(node)) || hasClass(node);
}

/** A class may paint a ground in a style sheet that is not read. */
function hasClass(node: StyledNode): boolean {
  return (node.getAttribute?.('class') ?? '') !== '';
}

function styleOf(node: StyledNode): string {
  return (node.getAttribute?.('style') ?? '').slice(0, 2000);
}
