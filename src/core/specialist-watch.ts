/** A cumulative sum against a rate: evidence in nats, over so many answers up to now. */
export type WatchChart = {
  readonly sum: number;
  readonly trials: number;
  readonly right: number;
  readonly expected: number;
};

/** How many answers of a live version were not kept: another spoke was asked, or it named no label. */
export type DepartureWatch = {
  /** Version of the gate that chose it, 0 = the starter's; −1 where requests named it themselves. */
  readonly gate: number;
  readonly answers: number;
  readonly gone: number;
  /** What it is held against: the version before it where it had enough, else its own first answers. */
  readonly usual: { readonly answers: number; readonly gone: number };
  readonly chart: WatchChart;
};

/** What became known of a version while it was live. */
export type SpecialistWatch = {
  /** Answers that callers graded. */
  readonly answers: number;
  /** Sum of the grades, 0 … 1 each. */
  readonly right: number;
  readonly chart: WatchChart;
  /** Of requests that the gate gave it, and of those that named it; absent = none yet. */
  readonly chosen?: DepartureWatch;
  readonly named?: DepartureWatch;
  /** It has fallen, in words, and there was no version before it that could serve. */
  readonly alarm?: string;
};
