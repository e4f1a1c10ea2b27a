import type { JsonObject } from './chat.ts';

export interface Classification {
  /** The winning label, or null for none of these. */
  readonly label: string | null;
  /** Calibrated P(label is right), 0 … 1. */
  readonly confidence: number;
  readonly ranked: readonly { readonly label: string; readonly probability: number }[];
  readonly features: 'n-grams' | 'n-grams+embedding' | 'spans';
  /** The whole answer, of what finds fields and not a label. */
  readonly answer?: JsonObject;
  /** The whole answer, of what gives a number and not a label. */
  readonly grade?: {
    readonly value: number;
    /** Of the numbers that it was taught the nearest, where these have even steps; else the value. */
    readonly nearest: number;
  };
}
