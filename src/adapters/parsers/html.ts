import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import type { ParsedDocument } from '../../core/ports.ts';
import { DocumentBuilder } from './document-builder.ts';
import { removeHidden, stylesOf } from './html-hidden.ts';
import { addTable, type GridRow } from './table-grid.ts';
import { Unreadable } from './unreadable.ts';

/** The little of the DOM that is walked; the package's own types need a browser's library. */
interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomNode>;
  getAttribute?(name: string): string | null;
  remove?(): void;
}

const ELEMENT = 1;
const TEXT = 3;
/** Deeper nesting is no document; it would overflow the stack of any walker. */
const DEEPEST = 400;
const SKIPPED = new Set(
  'SCRIPT STYLE NOSCRIPT TEMPLATE IFRAME OBJECT SVG CANVAS NAV BUTTON SELECT OPTION INPUT TEXTAREA HEAD DIALOG'.split(
    ' ',
  ),
);
const BLOCKS = new Set(
  'ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER FORM HEADER HR HTML LI MAIN OL P PRE SECTION SUMMARY TABLE TBODY TD TFOOT TH THEAD TR UL H1 H2 H3 H4 H5 H6'.split(
    ' ',
  ),
);
/** Readability keeps the article of a page; less than this share of its text means it was misled. */
const ARTICLE_SHARE = 0.4;

/** Headings, paragraphs, list items, table rows and code of the page's main content. */
export function parseHtml(text: string): ParsedDocument {
  checkDepth(text);
  const source = /<html[\s>]/i.test(text) ? text : `<html><body>${text}</body></html>`;
  const { document } = parseHTML(source);
  const title = (document.querySelector('title')?.textContent ?? '').trim();
  const isDisguising = removeHidden(document as unknown as DomNode, stylesOf(document));
  const whole = walkPage(document as unknown as DomNode, title, isDisguising);
  const article = readArticle(source);
  const main = article === undefined ? undefined : walkPage(article, title, isDisguising);
  if (main !== undefined && textLength(main) >= ARTICLE_SHARE * textLength(whole)) return main;
  return whole;
}

function readArticle(source: string): DomNode | undefined {
  const { document } = parseHTML(source);
  // The search for the article forgets styles, so what they hide goes before.
  removeHidden(document as unknown as DomNode, stylesOf(document));
  const article = new Readability(
    document as unknown as ConstructorParameters<typeof Readability>[0],
    {
      serializer: (node) => node,
    },
  ).parse();
  return (article?.content as unknown as DomNode | undefined) ?? undefined;
}

/** Adds everything that a page shows, without looking for its article: chapters of books. */
export function addHtml(builder: DocumentBuilder, text: string): void {
  checkDepth(text);
  const { document } = parseHTML(text);
  const body = document.querySelector('body') ?? document.documentElement;
  if (removeHidden(document as unknown as DomNode, stylesOf(document))) builder.flag('hidden-text');
  if (body !== null) new HtmlWalker(builder).walk(body as unknown as DomNode);
}

function walkPage(root: DomNode, title: string, isDisguising: boolean): ParsedDocument {
  const builder = new DocumentBuilder();
  if (isDisguising) builder.flag('hidden-text');
  if (title !== '') builder.addHeading(0, title);
  new HtmlWalker(builder).walk(root);
  return builder.build();
}

function textLength(document: ParsedDocument): number {
  return document.blocks.reduce((sum, block) => sum + block.text.length, 0);
}

/** Counts open elements in one pass over the source, before any recursive code sees it. */
function checkDepth(source: string): void {
  let depth = 0;
  for (const match of source.matchAll(/<(\/?)([a-zA-Z][\w-]*)[^<>]{0,2000}?(\/?)>/g)) {
    const name = match[2]?.toUpperCase() ?? '';
    if (
      /^(?:AREA|BASE|BR|COL|EMBED|HR|IMG|INPUT|LINK|META|P|LI|TR|TD|TH|DT|DD|SOURCE|WBR)$/.test(
        name,
      )
    )
      continue;
    if (match[3] === '/') continue;
    depth = match[1] === '/' ? Math.max(0, depth - 1) : depth + 1;
    if (depth > DEEPEST) throw new Unreadable(`its elements are nested more than ${DEEPEST} deep`);
  }
}

class HtmlWalker {
  readonly #builder: DocumentBuilder;
  #inline = '';
  #kind: 'paragraph' | 'list-item' = 'paragraph';

  constructor(builder: DocumentBuilder) {
    this.#builder = builder;
  }

  walk(root: DomNode): void {
    this.#visit(root, 0);
    this.#flush();
  }

  #visit(node: DomNode, depth: number): void {
    if (depth > DEEPEST * 2)
      throw new Unreadable(`its elements are nested more than ${DEEPEST * 2} deep`);
    if (node.nodeType === TEXT) {
      this.#inline += node.textContent ?? '';
      return;
    }
    const name = node.nodeName.toUpperCase();
    if (node.nodeType === ELEMENT && SKIPPED.has(name)) return;
    if (!BLOCKS.has(name)) {
      if (name === 'BR') this.#inline += ' ';
      for (const child of node.childNodes) this.#visit(child, depth + 1);
      return;
    }
    this.#flush();
    this.#visitBlock(node, name, depth);
    this.#flush();
  }

  #visitBlock(node: DomNode, name: string, depth: number): void {
    const heading = /^H([1-6])$/.exec(name);
    if (heading !== null) this.#builder.addHeading(Number(heading[1]), node.textContent ?? '');
    else if (name === 'PRE') this.#builder.add('code', node.textContent ?? '');
    else if (name === 'TABLE' && !isLayout(node)) this.#addTable(node);
    else {
      const outer = this.#kind;
      if (name === 'LI') this.#kind = 'list-item';
      for (const child of node.childNodes) {
        this.#visit(child, depth + 1);
      }
      this.#flush();
      this.#kind = outer;
    }
  }

  #flush(): void {
    this.#builder.add(this.#kind, this.#inline);
    this.#inline = '';
  }

  #addTable(table: DomNode): void {
    const rows: GridRow[] = [];
    for (const part of elementsOf(table)) {
      if (part.name === 'CAPTION') this.#builder.add('paragraph', part.node.textContent ?? '');
      else if (part.name === 'TR') rows.push(rowOf(part.node, false));
      else
        for (const row of elementsOf(part.node))
          if (row.name === 'TR') rows.push(rowOf(row.node, part.name === 'THEAD'));
    }
    addTable(this.#builder, rows);
  }
}

function rowOf(row: DomNode, isHead: boolean): GridRow {
  const cells = elementsOf(row);
  const isHeader = isHead || (cells.length > 0 && cells.every((cell) => cell.name === 'TH'));
  return {
    cells: cells.map(({ node }) => ({
      text: node.textContent ?? '',
      columns: Number(node.getAttribute?.('colspan')) || 1,
      rows: Number(node.getAttribute?.('rowspan')) || 1,
    })),
    ...(isHeader ? { isHeader } : {}),
  };
}

/** A table that holds tables, headings or lists arranges a page; it is no table of cells. */
function isLayout(table: DomNode, depth = 0): boolean {
  if (depth > DEEPEST) return true;
  return elementsOf(table).some(
    ({ node, name }) => /^(?:TABLE|H[1-6]|UL|OL|PRE|FORM)$/.test(name) || isLayout(node, depth + 1),
  );
}

function elementsOf(node: DomNode): { readonly node: DomNode; readonly name: string }[] {
  const found: { node: DomNode; name: string }[] = [];
  for (const child of node.childNodes)
    if (child.nodeType === ELEMENT) found.push({ node: child, name: child.nodeName.toUpperCase() });
  return found;
}
