/** A typed array that grows by doubling. */
export class Growing<A extends Uint32Array | Float32Array | Uint8Array> {
  #data: A;
  #length = 0;
  readonly #make: (size: number) => A;

  constructor(make: (size: number) => A) {
    this.#make = make;
    this.#data = make(64);
  }

  /** Takes the array as its own. */
  static over<A extends Uint32Array | Float32Array | Uint8Array>(
    data: A,
    make: (size: number) => A,
  ): Growing<A> {
    const made = new Growing(make);
    made.#data = data;
    made.#length = data.length;
    return made;
  }

  get length(): number {
    return this.#length;
  }

  /** The filled part; a view that the next growth leaves behind. */
  view(): A {
    return this.#data.subarray(0, this.#length) as A;
  }

  /** The array itself, which may be longer than what is filled; the next growth leaves it behind. */
  get data(): A {
    return this.#data;
  }

  push(value: number): void {
    this.#reserve(1);
    this.#data[this.#length] = value;
    this.#length += 1;
  }

  append(values: ArrayLike<number>): void {
    this.#reserve(values.length);
    this.#data.set(values, this.#length);
    this.#length += values.length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#data.length) return;
    const larger = this.#make(Math.max(needed, this.#data.length * 2));
    larger.set(this.view());
    this.#data = larger;
  }
}
