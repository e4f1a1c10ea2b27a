import { Growing } from './growing.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Words by number as bytes behind each other: 36 bytes for an id of 32 letters, where a string in a list takes 60. */
export class WordList {
  #letters = new Growing((size) => new Uint8Array(size));
  #ends = new Growing((size) => new Uint32Array(size));

  get length(): number {
    return this.#ends.length;
  }

  push(word: string): void {
    this.#letters.append(encoder.encode(word));
    this.#ends.push(this.#letters.length);
  }

  /** '' beyond the end. */
  at(number: number): string {
    const ends = this.#ends.view();
    return decoder.decode(this.#letters.view().subarray(ends[number - 1] ?? 0, ends[number] ?? 0));
  }

  /** Views for the moment. */
  toParts(): {
    readonly letters: Uint8Array<ArrayBuffer>;
    readonly ends: Uint32Array<ArrayBuffer>;
  } {
    return { letters: this.#letters.view(), ends: this.#ends.view() };
  }

  /** Takes the arrays as its own. Throws RangeError where they do not fit each other. */
  static fromParts({ letters, ends }: ReturnType<WordList['toParts']>): WordList {
    if ((ends.at(-1) ?? 0) !== letters.length)
      throw new RangeError(`${letters.length} letters of words that end at ${ends.at(-1)}`);
    const made = new WordList();
    made.#letters = Growing.over(letters, (size) => new Uint8Array(size));
    made.#ends = Growing.over(ends, (size) => new Uint32Array(size));
    return made;
  }
}
