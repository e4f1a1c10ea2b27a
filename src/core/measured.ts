import type { InstructionReport } from './instruction.ts';

/** What was measured of a specialist on texts that it is for, as the gate counts with it. */
export type Measured = MeasuredRate & {
  /** Other local models on some of the same rows. */
  readonly beside?: readonly (MeasuredRate & { readonly model: string })[];
  /** Of an adapter alone: the jobs that it was taught. It is asked for these, or by name. */
  readonly jobs?: readonly (MeasuredRate & Pick<InstructionReport, 'place' | 'length' | 'hash'>)[];
};

export type MeasuredRate = {
  /** P(right), 0 … 1. */
  readonly rate: number;
  readonly rows: number;
};
