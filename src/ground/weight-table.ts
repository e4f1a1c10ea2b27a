/** The weights of one query at a time by term, so that scoring a place is a walk over its entries. */
export class WeightTable {
  #values = new Float32Array(0);
  #shown: ReadonlyMap<number, number> = new Map();

  /** 0 = a term that the query does not have. For the moment: the next query takes its place. */
  of(weights: ReadonlyMap<number, number>, termCount: number): Float32Array {
    if (weights === this.#shown && termCount <= this.#values.length) return this.#values;
    if (termCount > this.#values.length) this.#values = new Float32Array(termCount);
    else for (const term of this.#shown.keys()) this.#values[term] = 0;
    for (const [term, weight] of weights) this.#values[term] = weight;
    this.#shown = weights;
    return this.#values;
  }
}
