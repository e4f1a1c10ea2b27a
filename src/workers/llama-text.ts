import type { LlamaModel, Token } from 'node-llama-cpp';

/** A character takes at most four bytes, so at most four byte tokens. */
const LONGEST_CHARACTER = 4;

/** Turns tokens into text; a character that spans tokens is held until it is whole. */
export class TokenReader {
  readonly #model: LlamaModel;
  #held: Token[] = [];
  #before: Token[] = [];

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  /** The text that is complete now; '' while a character is still open. */
  push(token: Token): string {
    this.#held.push(token);
    const text = this.#model.detokenize(this.#held, false, this.#before);
    if (text.endsWith('\uFFFD') && this.#held.length < LONGEST_CHARACTER) return '';
    this.#before = this.#held;
    this.#held = [];
    return text.replaceAll('\uFFFD', '');
  }
}

/** Ends a text at the first stop sequence, also where it spans several pushes. */
export class StopReader {
  readonly #stops: readonly string[];
  #held = '';
  /** The sequence that was met. */
  met: string | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Text that cannot be part of a stop sequence any more, and whether one was met. */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    if (this.#stops.length === 0) return { text, stopped: false };
    this.#held += text;
    let first = -1;
    for (const stop of this.#stops) {
      const place = this.#held.indexOf(stop);
      if (place < 0 || (first >= 0 && place >= first)) continue;
      first = place;
      this.met = stop;
    }
    if (first >= 0) {
      const released = this.#held.slice(0, first);
      this.#held = '';
      return { text: released, stopped: true };
    }
    const keep = this.#openLength();
    const released = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return { text: released, stopped: false };
  }

  /** What was held back when the answer ended by itself. */
  end(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }

  /** Longest tail that is the beginning of a stop sequence. */
  #openLength(): number {
    let longest = 0;
    for (const stop of this.#stops)
      for (let length = Math.min(stop.length - 1, this.#held.length); length > longest; length -= 1)
        if (this.#held.endsWith(stop.slice(0, length))) longest = length;
    return longest;
  }
}

/** Drops white space outside the strings of JSON that arrives in pieces. */
export class SpaceReader {
  #isString = false;
  #isEscaped = false;

  push(text: string): string {
    let kept = '';
    for (const character of text) {
      if (!this.#isString && /\s/.test(character)) continue;
      kept += character;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === '"') this.#isString = !this.#isString;
      else if (character === '\\') this.#isEscaped = this.#isString;
    }
    return kept;
  }
}
