/** Follows the JSON text of one object piece by piece, to tell when its last bracket has closed. */
export class ObjectScan {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isWhole = false;

  /** Nothing but blanks can follow. False for text that is no object: a number could still grow. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  push(piece: string): void {
    for (let place = 0; place < piece.length && !this.#isWhole; place += 1)
      this.#read(piece.charCodeAt(place));
  }

  #read(character: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInString) {
      if (character === BACKSLASH) this.#isEscaped = true;
      else if (character === QUOTE) this.#isInString = false;
    } else if (character === QUOTE) this.#isInString = true;
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) this.#depth += 1;
    else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) {
      this.#depth -= 1;
      this.#isWhole = this.#depth === 0 && character === CLOSE_BRACE;
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
