import { Unreadable } from './unreadable.ts';

export interface XmlTag {
  /** Without the prefix of its name space. */
  readonly name: string;
  /** By its name with or without the prefix. */
  attribute(name: string): string | undefined;
}

export interface XmlHandler {
  open?(tag: XmlTag): void;
  close?(name: string): void;
  text?(text: string): void;
}

const DEEPEST = 256;
/** A tag may hold so many `>` in its attributes. */
const MOST_EXTENSIONS = 50;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/**
 * Tells a handler what is in an XML text, in one pass. Entities that the document defines are not
 * expanded, so none can multiply; what is not well-formed is read as far as it goes. Throws
 * Unreadable when elements are nested more than 256 deep.
 */
export function readXml(source: string, handler: XmlHandler): void {
  let at = 0;
  let depth = 0;
  while (at < source.length) {
    const open = source.indexOf('<', at);
    const textEnd = open < 0 ? source.length : open;
    if (textEnd > at) handler.text?.(decode(source.slice(at, textEnd)));
    if (open < 0) return;
    const special = endOfSpecial(source, open, handler);
    if (special > 0) {
      at = special;
      continue;
    }
    const end = endOfTag(source, open);
    if (end < 0) return;
    const inner = source.slice(open + 1, end);
    at = end + 1;
    if (inner.startsWith('/')) {
      depth = Math.max(0, depth - 1);
      handler.close?.(localName(inner.slice(1).trim()));
      continue;
    }
    const isEmpty = inner.endsWith('/');
    const tag = new Tag(isEmpty ? inner.slice(0, -1) : inner);
    if (!isEmpty) depth += 1;
    if (depth > DEEPEST) throw new Unreadable(`its elements are nested more than ${DEEPEST} deep`);
    handler.open?.(tag);
    if (isEmpty) handler.close?.(tag.name);
  }
}

class Tag implements XmlTag {
  readonly name: string;
  readonly #rest: string;
  #attributes: ReadonlyMap<string, string> | undefined;

  constructor(inner: string) {
    const space = inner.search(/\s/);
    this.name = localName(space < 0 ? inner : inner.slice(0, space));
    this.#rest = space < 0 ? '' : inner.slice(space);
  }

  attribute(name: string): string | undefined {
    this.#attributes ??= attributesOf(this.#rest);
    return this.#attributes.get(name);
  }
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', , double, single] of text.matchAll(
    /([^\s=]{1,200})\s{0,20}=\s{0,20}("([^"]*)"|'([^']*)')/g,
  )) {
    const value = decode(double ?? single ?? '');
    found.set(name, value);
    const local = localName(name);
    if (!found.has(local)) found.set(local, value);
  }
  return found;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** End of a comment, a CDATA section, an instruction or a document type; 0 = it is a tag. */
function endOfSpecial(source: string, open: number, handler: XmlHandler): number {
  const after = (mark: string) => {
    const end = source.indexOf(mark, open);
    return end < 0 ? source.length : end + mark.length;
  };
  if (source.startsWith('<!--', open)) return after('-->');
  if (source.startsWith('<?', open)) return after('?>');
  if (source.startsWith('<![CDATA[', open)) {
    const end = after(']]>');
    handler.text?.(source.slice(open + 9, end - 3));
    return end;
  }
  if (!source.startsWith('<!', open)) return 0;
  const close = source.indexOf('>', open);
  const subset = source.indexOf('[', open);
  if (close < 0) return source.length;
  return subset > 0 && subset < close ? after(']>') : close + 1;
}

/** The `>` that ends a tag, not one inside a quoted value; −1 = none. */
function endOfTag(source: string, open: number): number {
  let end = source.indexOf('>', open);
  for (let count = 0; end >= 0 && count < MOST_EXTENSIONS; count += 1) {
    const quotes = source.slice(open, end).match(/"/g)?.length ?? 0;
    if (quotes % 2 === 0) return end;
    end = source.indexOf('>', end + 1);
  }
  return end;
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{1,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : '';
  });
}
