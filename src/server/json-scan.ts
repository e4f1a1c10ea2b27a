import { CadreError } from '../core/errors.ts';
import type { JsonMember } from '../core/relay.ts';

export interface JsonLimits {
  /** Deepest nesting, the outer object counted. */
  readonly jsonDepth: number;
  /** Most elements of the top-level lists `messages` and `input`. */
  readonly messages: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Separators and brackets: 10 MB of `[],` would otherwise become 200 MB of empty lists. */
const MAX_STRUCTURE = 250_000;
/** Objects of the wire formats have fewer keys than this; more are looked up in a set. */
const FEW_KEYS = 16;
const MAX_FIELDS = 64;
/** Lists of a conversation: of chats and of responses. */
const ITEM_LISTS: ReadonlySet<string> = new Set(['messages', 'input']);
/** Strings up to here are searched byte by byte, longer ones with the native search. */
const SHORT_STRING = 32;

/**
 * One pass over JSON text before it is parsed, without building anything: refuses nesting, element
 * counts and repeated keys that a parser would accept. Repeated keys matter because two programs on
 * the way may each read another one of them. Does not check the syntax; JSON.parse does. Returns the
 * outer object's fields in their order.
 */
export function scanJson(bytes: Buffer, limits: JsonLimits): readonly JsonMember[] {
  const scan = new JsonScan(bytes, limits);
  scan.run();
  return scan.members;
}

class JsonScan {
  readonly members: JsonMember[] = [];
  readonly #bytes: Buffer;
  readonly #limits: JsonLimits;
  /** For each open bracket whether it is an object. */
  readonly #isObject: boolean[] = [];
  /** Keys seen in the open objects: the first few, and the rest. */
  readonly #keys: string[][] = [];
  readonly #moreKeys: (Set<string> | undefined)[] = [];
  #depth = 0;
  #expectsKey = false;
  #topKey = '';
  #memberStart = -1;
  #structure = 0;
  #messageCount = 0;

  constructor(bytes: Buffer, limits: JsonLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  run(): void {
    const bytes = this.#bytes;
    for (let position = 0; position < bytes.length; position += 1) {
      switch (bytes[position]) {
        case QUOTE: {
          const end = this.#stringEnd(position + 1);
          if (this.#expectsKey) this.#readKey(position, end);
          position = end;
          break;
        }
        case COMMA:
          this.#countStructure();
          this.#expectsKey = this.#isObject[this.#depth] ?? false;
          if (this.#depth === 1) this.#endMember(position);
          break;
        case OPEN_OBJECT:
          this.#open(true);
          break;
        case OPEN_LIST:
          this.#open(false);
          break;
        case CLOSE_OBJECT:
        case CLOSE_LIST:
          if (this.#depth === 1) this.#endMember(position);
          this.#depth = Math.max(0, this.#depth - 1);
          this.#expectsKey = false;
          break;
      }
    }
  }

  #open(isObject: boolean): void {
    this.#countStructure();
    this.#depth += 1;
    if (this.#depth > this.#limits.jsonDepth)
      throw invalid(
        `the body is nested deeper than ${this.#limits.jsonDepth} levels`,
        this.#topKey,
      );
    this.#isObject[this.#depth] = isObject;
    this.#expectsKey = isObject;
    if (!isObject) return;
    this.#keys[this.#depth] = [];
    this.#moreKeys[this.#depth] = undefined;
    if (this.#depth !== 3 || !ITEM_LISTS.has(this.#topKey)) return;
    this.#messageCount += 1;
    if (this.#messageCount > this.#limits.messages)
      throw invalid(
        `${this.#topKey} has more than ${this.#limits.messages} elements`,
        this.#topKey,
      );
  }

  #countStructure(): void {
    this.#structure += 1;
    if (this.#structure > MAX_STRUCTURE)
      throw invalid(`the body has more than ${MAX_STRUCTURE} values`, this.#topKey);
  }

  #readKey(open: number, close: number): void {
    this.#expectsKey = false;
    const key = this.#decodeKey(open, close);
    if (this.#isRepeated(key))
      throw invalid(`the key “${key.slice(0, 64)}” appears twice in one object`, key.slice(0, 64));
    if (this.#depth !== 1) return;
    this.#topKey = key;
    this.#memberStart = open;
  }

  /** Notes the key. Linear, however many keys an object has. */
  #isRepeated(key: string): boolean {
    const depth = this.#depth;
    const keys = this.#keys[depth] ?? [];
    if (keys.includes(key)) return true;
    if (keys.length < FEW_KEYS) {
      keys.push(key);
      return false;
    }
    let more = this.#moreKeys[depth];
    if (more === undefined) {
      more = new Set();
      this.#moreKeys[depth] = more;
    }
    if (more.has(key)) return true;
    more.add(key);
    if (depth === 1 && more.size > MAX_FIELDS - FEW_KEYS)
      throw invalid(`the body has more than ${MAX_FIELDS} keys`, key.slice(0, 64));
    return false;
  }

  #endMember(end: number): void {
    if (this.#memberStart < 0) return;
    this.members.push({ name: this.#topKey, start: this.#memberStart, end });
    this.#memberStart = -1;
  }

  /** `"\u006dodel"` is `model` too. */
  #decodeKey(open: number, close: number): string {
    const raw = this.#bytes.toString('utf8', open, close + 1);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return String(JSON.parse(raw));
    } catch {
      return raw;
    }
  }

  /** Position of the closing quote of a string whose text begins at `start`. */
  #stringEnd(start: number): number {
    const bytes = this.#bytes;
    let position = start;
    for (
      const near = Math.min(bytes.length, start + SHORT_STRING);
      position < near;
      position += 1
    ) {
      const byte = bytes[position];
      if (byte === QUOTE) return position;
      if (byte === BACKSLASH) position += 1;
    }
    for (let from = position; ; ) {
      const quote = bytes.indexOf(QUOTE, from);
      if (quote < 0) return bytes.length;
      let slashes = 0;
      while (quote - slashes - 1 >= position && bytes[quote - slashes - 1] === BACKSLASH)
        slashes += 1;
      if (slashes % 2 === 0) return quote;
      from = quote + 1;
    }
  }
}

function invalid(message: string, param: string): CadreError {
  return new CadreError('invalid_request', message, param === '' ? {} : { param });
}
