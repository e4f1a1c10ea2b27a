import { jsonEnd, jsonMembers } from './json-spans.ts';

export type ReadPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'call';
      readonly name: string;
      /** JSON text as the model wrote it. */
      readonly arguments: string;
    };

interface Call {
  readonly name: string;
  readonly arguments: string;
}

type Verdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'text' }
  | { readonly kind: 'calls'; readonly calls: readonly Call[]; readonly end: number };

const OPEN: Verdict = { kind: 'open' };
const TEXT: Verdict = { kind: 'text' };
const TAG = '<tool_call>';
const END_TAG = '</tool_call>';
const FENCE = '```';
/** Keys that the object of a call may begin with, in the forms that models were trained on. */
const CALL_KEYS = new Set(['name', 'arguments', 'parameters', 'function', 'type', 'id']);
/** A call that is longer is text: no more than this is ever held back. */
const MOST_HELD = 262_144;

/**
 * Finds tool calls in what a model writes, whatever form it was trained on: `<tool_call>{…}`, a
 * bare `{"name":…,"arguments":…}` at the start of a line, a fenced block of it, and lists of those.
 * Only offered names count; everything else comes out as text, unchanged and in order.
 */
export class ToolCallReader {
  readonly #names: ReadonlySet<string>;
  #held = '';
  /** Only white space stands between the last line break and `#held`. */
  #atLineStart = true;
  #hasCalls = false;

  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  /** What can be said for sure after this piece. */
  push(text: string): ReadPart[] {
    this.#held += text;
    // Only these characters can end or refute a candidate; the rest need no second look.
    const isInside = this.#held.length > text.length && isCandidate(this.#held.trimStart());
    if (isInside && !/[{}[\]<>`"]/.test(text) && this.#held.length < MOST_HELD) return [];
    return this.#read(false);
  }

  /** The rest, once the model has ended. */
  end(): ReadPart[] {
    return this.#read(true);
  }

  #read(isEnd: boolean): ReadPart[] {
    const parts: ReadPart[] = [];
    let released = '';
    const flush = () => {
      if (released !== '') parts.push({ type: 'text', text: released });
      released = '';
    };
    while (this.#held !== '') {
      const space = this.#held.length - this.#held.trimStart().length;
      const start = space;
      if (start === this.#held.length && !isEnd) break;
      const isLineStart = this.#atLineStart || this.#held.slice(0, start).includes('\n');
      const verdict = this.#judge(this.#held.slice(start), isLineStart, isEnd);
      if (verdict.kind === 'open') break;
      if (verdict.kind === 'calls') {
        flush();
        for (const call of verdict.calls) parts.push({ type: 'call', ...call });
        this.#hasCalls = true;
        this.#drop(start + verdict.end);
        this.#atLineStart = true;
        continue;
      }
      const length = this.#textLength(start);
      const taken = this.#held.slice(0, length);
      // White space around calls is theirs.
      if (!(this.#hasCalls && taken.trim() === '')) released += taken;
      this.#atLineStart = /(^|\n)[^\S\n]*$/.test((this.#atLineStart ? '' : 'x') + taken);
      this.#drop(length);
    }
    flush();
    return parts;
  }

  /** How much after the first character is certainly text: up to the next place worth a look. */
  #textLength(start: number): number {
    const rest = this.#held.slice(start + 1);
    const next = rest.search(/\s|<|[{[`]/);
    return next < 0 ? this.#held.length : start + 1 + next;
  }

  #drop(length: number): void {
    this.#held = this.#held.slice(length);
  }

  #judge(text: string, isLineStart: boolean, isEnd: boolean): Verdict {
    const verdict = this.#judgeForm(text, isLineStart, isEnd);
    if (verdict.kind !== 'open') return verdict;
    return isEnd || text.length > MOST_HELD ? TEXT : OPEN;
  }

  #judgeForm(text: string, isLineStart: boolean, isEnd: boolean): Verdict {
    if (text === '') return TEXT;
    if (text.startsWith(TAG)) return this.#judgeTag(text, isEnd);
    if (TAG.startsWith(text)) return OPEN;
    if (!isLineStart) return TEXT;
    if (text.startsWith('{') || text.startsWith('[')) return this.#judgeJson(text);
    if (text.startsWith(FENCE)) return this.#judgeFence(text, isEnd);
    return FENCE.startsWith(text) ? OPEN : TEXT;
  }

  #judgeTag(text: string, isEnd: boolean): Verdict {
    const start = skipSpace(text, TAG.length);
    const inner = this.#judgeJson(text.slice(start));
    if (inner.kind !== 'calls') return inner;
    const after = skipSpace(text, start + inner.end);
    if (text.startsWith(END_TAG, after)) return { ...inner, end: after + END_TAG.length };
    // The end tag may be missing; wait only while it can still come.
    if (END_TAG.startsWith(text.slice(after)) && !isEnd) return OPEN;
    return { ...inner, end: start + inner.end };
  }

  #judgeFence(text: string, isEnd: boolean): Verdict {
    const head = /^```[a-zA-Z_]*[^\S\n]*\n/.exec(text);
    if (head === null) return /^```[a-zA-Z_]*[^\S\n]*$/.test(text) ? OPEN : TEXT;
    const start = skipSpace(text, head[0].length);
    const inner = this.#judgeJson(text.slice(start));
    if (inner.kind !== 'calls') return inner;
    const after = skipSpace(text, start + inner.end);
    if (text.startsWith(FENCE, after)) return { ...inner, end: after + FENCE.length };
    const rest = text.slice(after);
    if (FENCE.startsWith(rest)) return isEnd ? { ...inner, end: text.length } : OPEN;
    return TEXT;
  }

  #judgeJson(text: string): Verdict {
    if (text === '') return OPEN;
    const first = /^(?:\[\s*)?\{\s*"((?:[^"\\]|\\.)*)"/.exec(text);
    if (first !== null && !CALL_KEYS.has(first[1] ?? '')) return TEXT;
    if (first === null && !/^(?:\[\s*)?(?:\{\s*(?:"(?:[^"\\]|\\.)*\\?)?)?$/.test(text)) return TEXT;
    const end = jsonEnd(text, 0);
    if (end === 'open') return OPEN;
    if (end === 'broken') return TEXT;
    const calls = this.#calls(text.slice(0, end));
    return calls === undefined ? TEXT : { kind: 'calls', calls, end };
  }

  #calls(json: string): readonly Call[] | undefined {
    const members = jsonMembers(json);
    if (members === undefined) return undefined;
    if (json.startsWith('{')) {
      const call = this.#call(members);
      return call === undefined ? undefined : [call];
    }
    const calls: Call[] = [];
    for (const [, item] of members) {
      const call = this.#call(item.startsWith('{') ? (jsonMembers(item) ?? []) : []);
      if (call === undefined) return undefined;
      calls.push(call);
    }
    return calls.length === 0 ? undefined : calls;
  }

  #call(members: readonly (readonly [string, string])[]): Call | undefined {
    const fields = new Map(members);
    const inner = fields.get('function');
    if (inner?.startsWith('{') === true) return this.#call(jsonMembers(inner) ?? []);
    const name = stringOf(fields.get('name') ?? inner);
    if (name === undefined || !this.#names.has(name)) return undefined;
    const written = fields.get('arguments') ?? fields.get('parameters') ?? '{}';
    const unwrapped = stringOf(written) ?? written;
    return { name, arguments: unwrapped === 'null' || unwrapped === '' ? '{}' : unwrapped };
  }
}

function stringOf(json: string | undefined): string | undefined {
  if (json?.startsWith('"') !== true) return undefined;
  try {
    return String(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && /\s/.test(text[index] ?? '')) index += 1;
  return index;
}

function isCandidate(text: string): boolean {
  return text.startsWith('{') || text.startsWith('[') || text.startsWith(TAG);
}
