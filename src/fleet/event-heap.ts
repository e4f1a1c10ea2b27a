interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What will happen, the soonest first, in order of pushing at the same moment (binary heap). */
export class EventHeap {
  readonly #entries: Entry[] = [];
  #order = 0;

  /** When the next one happens; infinite where none is left. */
  get nextAt(): number {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(at: number, run: () => void): void {
    this.#order += 1;
    const entry = { at, order: this.#order, run };
    let place = this.#entries.length;
    this.#entries.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#entries[parent];
      if (above === undefined || isBefore(above, entry)) break;
      this.#entries[place] = above;
      place = parent;
    }
    this.#entries[place] = entry;
  }

  /** Takes the soonest one. */
  pop(): (() => void) | undefined {
    const [first] = this.#entries;
    const last = this.#entries.pop();
    if (first === undefined || last === undefined || first === last) return first?.run;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const [left, right] = [this.#entries[child], this.#entries[child + 1]];
      if (left !== undefined && right !== undefined && isBefore(right, left)) child += 1;
      const below = this.#entries[child];
      if (below === undefined || isBefore(last, below)) break;
      this.#entries[place] = below;
      place = child;
    }
    this.#entries[place] = last;
    return first.run;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
