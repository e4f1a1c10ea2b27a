/** A number or a word in full, and what could become one. */
const WHOLE = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;
const NUMBER_BEGUN = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d*)?)?$/;
/** Longest number or word that is judged; what is longer counts as whole. */
const LONGEST = 400;

/**
 * Why a text that the parser refused is no JSON, and where: never with a piece of the text, which may
 * be private. Places are counted in characters from 0; of a text of several lines the line is told
 * too. Reads the text once.
 */
export function jsonFault(text: string): string {
  const end = text.trimEnd().length;
  if (end === 0) return 'it is empty';
  const at = new FaultFinder(text).find();
  if (at >= end) return 'it ends too early';
  const line = text.slice(0, at).split('\n').length;
  return `unexpected character at position ${at}${line === 1 ? '' : `, line ${line}`}`;
}

class FaultFinder {
  readonly #text: string;
  /** Closing brackets of what is open. */
  readonly #open: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The place of the first character that no JSON has there; the text's length where more is missing. */
  find(): number {
    let wants: 'value' | 'item' | 'key' | 'end' = 'value';
    for (;;) {
      this.#skipBlanks();
      const sign = this.#text[this.#at];
      const close = this.#open.at(-1);
      if (sign === undefined) return this.#at;
      if (wants === 'end') {
        if (close === undefined || (sign !== close && sign !== ',')) return this.#at;
        if (sign === close) this.#open.pop();
        else wants = close === '}' ? 'key' : 'value';
        this.#at += 1;
      } else if (wants === 'item' && sign === close) {
        this.#open.pop();
        this.#at += 1;
        wants = 'end';
      } else if (wants === 'key' || (wants === 'item' && close === '}')) {
        if (!this.#readString()) return this.#at;
        this.#skipBlanks();
        if (this.#text[this.#at] !== ':') return this.#at;
        this.#at += 1;
        wants = 'value';
      } else if (sign === '{' || sign === '[') {
        this.#open.push(sign === '{' ? '}' : ']');
        this.#at += 1;
        wants = 'item';
      } else if (sign === '"' ? this.#readString() : this.#readWord()) wants = 'end';
      else return this.#at;
    }
  }

  #skipBlanks(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  /** True behind a whole string; false at the fault. */
  #readString(): boolean {
    if (this.#text[this.#at] !== '"') return false;
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const sign = this.#text[this.#at] ?? '';
      if (sign < ' ') return false;
      if (sign === '"') {
        this.#at += 1;
        return true;
      }
      if (sign !== '\\') continue;
      const escaped = this.#text.slice(this.#at, this.#at + 6);
      const known = /^\\(?:$|["\\/bfnrt]|u(?:[\dA-Fa-f]{4}|[\dA-Fa-f]{0,3}$))/.exec(escaped)?.[0];
      if (known === undefined) return false;
      this.#at += known.length - 1;
    }
    return false;
  }

  /** True behind a whole number or word; else at its first sign, or at the end where it is only cut. */
  #readWord(): boolean {
    let end = this.#at;
    while (/[\w.+-]/.test(this.#text[end] ?? '')) end += 1;
    const word = this.#text.slice(this.#at, Math.min(end, this.#at + LONGEST));
    if (WHOLE.test(word) || word.length === LONGEST) {
      this.#at = end;
      return true;
    }
    const isBegun =
      NUMBER_BEGUN.test(word) || ['true', 'false', 'null'].some((one) => one.startsWith(word));
    if (isBegun && word !== '' && end === this.#text.length) this.#at = end;
    return false;
  }
}
