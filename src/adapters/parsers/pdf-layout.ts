/** One piece of text as pdf.js reports it; the origin of a page is at the bottom left. */
export interface PdfItem {
  readonly str: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly fontSize: number;
  readonly hasEOL: boolean;
}

export interface PdfLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface PdfBlock {
  readonly text: string;
  /** Set for a heading. */
  readonly level?: number;
}

/** A line that is higher than the body by this factor is a heading. */
const HEADING_FACTOR = 1.15;
const LONGEST_HEADING = 160;
/** A gap of more than this many font sizes between base lines ends a paragraph. */
const PARAGRAPH_GAP = 1.75;

/** Items in the order of the content stream, joined to lines. */
export function linesOfPage(items: readonly PdfItem[]): PdfLine[] {
  const lines: PdfLine[] = [];
  let open: PdfItem[] = [];
  const close = () => {
    const text = joinItems(open).trim();
    const first = open[0];
    if (text !== '' && first !== undefined)
      lines.push({
        text,
        x: first.x,
        y: first.y,
        size: Math.max(...open.map((item) => item.fontSize)),
      });
    open = [];
  };
  for (const item of items) {
    const last = open[open.length - 1];
    if (last !== undefined && Math.abs(item.y - last.y) > Math.max(2, last.fontSize * 0.6)) close();
    if (item.str !== '') open.push(item);
    if (item.hasEOL) close();
  }
  close();
  return lines;
}

function joinItems(items: readonly PdfItem[]): string {
  let text = '';
  let right = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const isApart = item.x - right > item.fontSize * 0.2 && text !== '' && !text.endsWith(' ');
    text += isApart ? ` ${item.str}` : item.str;
    right = item.x + item.width;
  }
  return text;
}

/** The font size that most characters have. */
export function bodySize(lines: readonly PdfLine[]): number {
  const counts = new Map<number, number>();
  for (const line of lines) {
    const size = Math.round(line.size * 2) / 2;
    counts.set(size, (counts.get(size) ?? 0) + line.text.length);
  }
  return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0] ?? 10;
}

/** Running heads and feet: first or last lines that more than half of at least three pages share. */
export function repeatedLines(pages: readonly (readonly PdfLine[])[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const page of pages)
    for (const line of new Set([page[0], page[page.length - 1]]))
      if (line !== undefined) counts.set(keyOf(line), (counts.get(keyOf(line)) ?? 0) + 1);
  const least = Math.max(3, pages.length / 2);
  return new Set([...counts].filter(([, count]) => count >= least).map(([key]) => key));
}

function keyOf(line: PdfLine): string {
  return line.text.replace(/\d+/g, '#').trim();
}

/** Lines joined to paragraphs; a word that was cut at a line end is made whole. */
export function blocksOfPage(
  lines: readonly PdfLine[],
  size: number,
  repeated: ReadonlySet<string>,
): PdfBlock[] {
  const blocks: PdfBlock[] = [];
  let paragraph = '';
  let last: PdfLine | undefined;
  const close = () => {
    if (paragraph !== '') blocks.push({ text: paragraph });
    paragraph = '';
  };
  for (const [index, line] of lines.entries()) {
    const isEdge = index === 0 || index === lines.length - 1;
    if (isEdge && repeated.has(keyOf(line))) continue;
    const isHeading = line.size >= size * HEADING_FACTOR && line.text.length <= LONGEST_HEADING;
    const gap = last === undefined ? 0 : last.y - line.y;
    if (isHeading || (last !== undefined && isApart(gap, last, line))) close();
    if (isHeading) blocks.push({ text: line.text, level: line.size >= size * 1.5 ? 1 : 2 });
    else paragraph = joinLines(paragraph, line.text);
    last = line;
  }
  close();
  return joinHeadings(blocks);
}

function isApart(gap: number, last: PdfLine, line: PdfLine): boolean {
  return gap < 0 || gap > PARAGRAPH_GAP * Math.max(last.size, line.size);
}

function joinLines(paragraph: string, line: string): string {
  if (paragraph === '') return line;
  const isCut = /\p{L}-$/u.test(paragraph) && /^\p{Ll}/u.test(line);
  return isCut ? paragraph.slice(0, -1) + line : `${paragraph} ${line}`;
}

/** A heading of two lines is one heading. */
function joinHeadings(blocks: readonly PdfBlock[]): PdfBlock[] {
  const joined: PdfBlock[] = [];
  for (const block of blocks) {
    const last = joined[joined.length - 1];
    if (last?.level !== undefined && last.level === block.level)
      joined[joined.length - 1] = { text: `${last.text} ${block.text}`, level: block.level };
    else joined.push(block);
  }
  return joined;
}
