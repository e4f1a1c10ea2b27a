import type { ParsedDocument, TableCell } from '../../core/ports.ts';
import { parseStructured } from './plain-text.ts';
import { BlockCutter, cellOf, linesOf } from './text-lines.ts';
import { Unreadable } from './unreadable.ts';

/** Characters; a value up to this size is one record, a larger one is opened. */
const RECORD = 1200;
const DEEPEST = 200;
/** Keys whose values name a record in its heading. */
const NAMES = ['title', 'name', 'id', 'key', 'label'];

interface Node {
  readonly start: number;
  readonly end: number;
  readonly kind: 'object' | 'array' | 'scalar';
  readonly members: readonly { readonly key: string; readonly value: Node }[];
}

/**
 * Records of a JSON text: every value that is small enough stands whole as a row whose cells are
 * headed by their keys; larger ones are opened, and their keys are the headings. What is no JSON is
 * read as plain structured text.
 */
export function parseJson(text: string): ParsedDocument {
  const root = readRoot(text);
  if (root === undefined) return parseStructured(text);
  const writer = new RecordWriter(text);
  writer.add(root, []);
  return writer.document();
}

/** One record per line. */
export function parseJsonLines(text: string): ParsedDocument {
  const writer = new RecordWriter(text);
  for (const line of linesOf(text)) {
    const root = readRoot(line.text, line.start, text);
    writer.addRecord(root ?? { start: line.start, end: line.end, kind: 'scalar', members: [] }, []);
  }
  return writer.document();
}

function readRoot(piece: string, offset = 0, text = piece): Node | undefined {
  try {
    JSON.parse(piece);
  } catch {
    return undefined;
  }
  return new Scanner(text, offset).value(0);
}

class RecordWriter {
  readonly #text: string;
  readonly #cutter: BlockCutter;
  /** Line of the place that was asked for last; places come in order. */
  #line = 1;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#cutter = new BlockCutter(text);
  }

  document(): ParsedDocument {
    return this.#cutter.document();
  }

  add(node: Node, path: readonly string[]): void {
    if (node.kind === 'scalar' || node.end - node.start <= RECORD) {
      this.addRecord(node, path);
      return;
    }
    const isRecord =
      node.kind === 'object' && node.members.every((one) => one.value.kind === 'scalar');
    if (isRecord) {
      this.addRecord(node, path);
      return;
    }
    let loose: Node['members'][number][] = [];
    const flush = () => {
      const first = loose[0]?.value;
      const last = loose.at(-1)?.value;
      if (first !== undefined && last !== undefined)
        this.addRecord({ start: first.start, end: last.end, kind: 'object', members: loose }, path);
      loose = [];
    };
    for (const member of node.members) {
      if (member.value.kind === 'scalar' && node.kind === 'object') loose.push(member);
      else {
        flush();
        this.add(member.value, [...path, this.#nameOf(member)]);
      }
    }
    flush();
  }

  addRecord(node: Node, path: readonly string[]): void {
    const cells: TableCell[] = [];
    this.#collect(node, '', cells);
    this.#cutter.cut('table-row', node.start, node.end, this.#lineOf(node.start), path, cells);
  }

  /** `address.city` heads the value of a key inside another. */
  #collect(node: Node, header: string, cells: TableCell[]): void {
    if (node.kind === 'scalar') {
      const isText = this.#text[node.start] === '"';
      const inset = isText ? 1 : 0;
      const cell = cellOf(this.#text, node.start + inset, node.end - inset, header);
      if (cell !== undefined) cells.push(cell);
      return;
    }
    for (const { key, value } of node.members) {
      const inner = node.kind === 'array' ? header : header === '' ? key : `${header}.${key}`;
      this.#collect(value, inner, cells);
    }
  }

  #nameOf({ key, value }: Node['members'][number]): string {
    const named = NAMES.map((name) => value.members.find((one) => one.key === name)?.value);
    const found = named.find((one) => one?.kind === 'scalar');
    const name = found === undefined ? '' : this.#text.slice(found.start, found.end);
    const label = name.replace(/^"|"$/g, '').replace(/\s+/g, ' ').slice(0, 120);
    return (
      [key, label]
        .filter((part) => part !== '')
        .join(' ')
        .toWellFormed() || 'record'
    );
  }

  #lineOf(place: number): number {
    for (let at = this.#text.indexOf('\n', this.#at); at >= 0 && at < place; ) {
      this.#line += 1;
      this.#at = at + 1;
      at = this.#text.indexOf('\n', this.#at);
    }
    return this.#line;
  }
}

/** Places of the values of a text that is known to be JSON. */
class Scanner {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  value(depth: number): Node {
    if (depth > DEEPEST) throw new Unreadable(`its values are nested more than ${DEEPEST} deep`);
    this.#space();
    const start = this.#at;
    const first = this.#text[start];
    if (first !== '{' && first !== '[') {
      this.#scalar();
      return { start, end: this.#at, kind: 'scalar', members: [] };
    }
    const close = first === '{' ? '}' : ']';
    const members: Node['members'][number][] = [];
    this.#at += 1;
    for (this.#space(); this.#text[this.#at] !== close; this.#space()) {
      if (this.#text[this.#at] === ',') {
        this.#at += 1;
        continue;
      }
      let key = close === ']' ? String(members.length + 1) : '';
      if (close === '}') {
        const from = this.#at + 1;
        this.#scalar();
        key = this.#text.slice(from, this.#at - 1);
        this.#space();
        this.#at += 1;
      }
      members.push({ key, value: this.value(depth + 1) });
    }
    this.#at += 1;
    return { start, end: this.#at, kind: first === '{' ? 'object' : 'array', members };
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #scalar(): void {
    if (this.#text[this.#at] !== '"') {
      while (/[^\s,\]}]/.test(this.#text[this.#at] ?? ' ')) this.#at += 1;
      return;
    }
    this.#at += 1;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at += 1;
  }
}
