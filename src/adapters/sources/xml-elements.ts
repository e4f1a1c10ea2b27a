/** An element of a list in XML: the text and attributes of its children, by name without prefix. */
export type XmlRecord = ReadonlyMap<string, readonly XmlField[]>;

export interface XmlField {
  readonly text: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
/** Elements between two turns of the event loop. */
const TURN = 200;

/**
 * The elements with one of these names, wherever they stand, in one pass over the text. It knows no
 * document types and no entities but XML's own, so nothing in it can grow or reach out.
 */
export async function* xmlElements(
  xml: string,
  names: readonly string[],
): AsyncGenerator<{ readonly name: string; readonly fields: XmlRecord }> {
  const begin = new RegExp(`<(${names.join('|')})(?:\\s[^<>]*)?>`, 'g');
  let count = 0;
  for (let found = begin.exec(xml); found !== null; found = begin.exec(xml)) {
    const name = found[1] ?? '';
    const end = xml.indexOf(`</${name}>`, begin.lastIndex);
    if (end < 0) return;
    yield { name, fields: fieldsOf(xml.slice(begin.lastIndex, end)) };
    begin.lastIndex = end;
    count += 1;
    if (count % TURN === 0) await new Promise(setImmediate);
  }
}

function fieldsOf(xml: string): XmlRecord {
  const fields = new Map<string, XmlField[]>();
  const begin = /<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
  for (let found = begin.exec(xml); found !== null; found = begin.exec(xml)) {
    const [, full = '', attributes = '', isEmpty] = found;
    const close = isEmpty ? begin.lastIndex : xml.indexOf(`</${full}>`, begin.lastIndex);
    if (close < 0) break;
    // Pictures and films are described in words that mean the entry's own elsewhere.
    const name = full.startsWith('media:') ? full : local(full);
    const text = isEmpty ? '' : decodeXml(xml.slice(begin.lastIndex, close));
    fields.set(name, [...(fields.get(name) ?? []), { text, attributes: attributesOf(attributes) }]);
    begin.lastIndex = close;
  }
  return fields;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return new Map(
    [...pairs].map(([, name = '', double, single]) => [name, decodeXml(double ?? single ?? '')]),
  );
}

/** Text with its CDATA sections opened and its entities replaced. */
function decodeXml(text: string): string {
  return text
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part) =>
      part.startsWith('<![CDATA[') ? part.slice(9, -3) : part.replace(/&(#?\w{1,8});/g, entityOf),
    )
    .join('')
    .trim();
}

function entityOf(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
  const isHex = /^#x/i.test(name);
  const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** The first child of a name, trimmed; '' where there is none. */
export function textOf(fields: XmlRecord, ...names: readonly string[]): string {
  for (const name of names) {
    const text = fields.get(name)?.[0]?.text;
    if (text !== undefined && text !== '') return text;
  }
  return '';
}
