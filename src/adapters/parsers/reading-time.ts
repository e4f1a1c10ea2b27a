/**
 * How long the reading of one document may take. A step that is worth its time (a page of text
 * recognition) tells that it is done and gives the next one the same time again; the total is
 * bounded by `mostSteps`. The parent process holds the same clock and ends the child when it is over.
 */
export class ReadingTime {
  readonly #seconds: number;
  readonly #now: () => number;
  readonly #onStep: () => void;
  #deadline: number;

  constructor(options: {
    readonly seconds: number;
    readonly now: () => number;
    /** Tells the parent that a step is done. */
    readonly onStep: () => void;
  }) {
    this.#seconds = options.seconds;
    this.#now = options.now;
    this.#onStep = options.onStep;
    this.#deadline = this.#now() + this.#seconds * 1000;
  }

  /** Most steps of one document. */
  static readonly mostSteps = 100;

  step(): void {
    this.#deadline = this.#now() + this.#seconds * 1000;
    this.#onStep();
  }

  /** Less than a quarter of the time is left: what is read by now should be given. */
  isShort(): boolean {
    return this.#deadline - this.#now() < this.#seconds * 250;
  }
}
