/** How well spans of one field are found: both ends and the label must be right. */
export type FieldReport = {
  /** Null = all together. */
  readonly label: string | null;
  /** Harmonic mean of precision and recall, with its 95 % interval by bootstrap over texts. */
  readonly f1: number;
  readonly low: number;
  readonly high: number;
  /** How many there are to find. */
  readonly spans: number;
};
