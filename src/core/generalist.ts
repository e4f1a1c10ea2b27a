/** A row that a new specialist had not seen, and whether it has it right. */
export interface SampledRow {
  readonly text: string;
  /** Of a finder of fields JSON: `[{field, value}]`. */
  readonly label: string;
  readonly isRight: boolean;
}

/** A row that a new specialist was taught, as another model is shown it. */
export type ShownRow = Omit<SampledRow, 'isRight'>;

/**
 * The largest local model on some of the rows that a new specialist was measured on, told the labels
 * and bound to them; or why it was not asked.
 */
export type GeneralistReport =
  | {
      readonly model: string;
      readonly rows: number;
      /** Shares right on the same rows. */
      readonly accuracy: number;
      readonly ownAccuracy: number;
      /** 95 % interval of the specialist's share less the model's, by paired bootstrap. */
      readonly differenceLow: number;
      readonly differenceHigh: number;
      /** Milliseconds on the clock of one answer, without loading. */
      readonly msPerAnswer: number;
    }
  | { readonly notAsked: string };
