import type { Measured } from '../core/measured.ts';
import type { Price } from '../core/price.ts';

/** A spoke as the gate sees it at the moment of a decision. */
export interface GateSpoke {
  readonly id: string;
  readonly kind: 'chat' | 'grounded' | 'classifier' | 'hub';
  /** `local`, or the id of a destination. */
  readonly destination: string;
  readonly modelId: string;
  readonly installed: boolean;
  readonly healthy: boolean;
  /** Why it is not installed or not healthy, in words. */
  readonly problem?: string;
  readonly resident: boolean;
  /** Whether its model fits into the memory budget at all. */
  readonly fits: boolean;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** Most tokens of an answer where the request is silent. */
  readonly maxTokens: number;
  /** Tokens that it adds to a prompt at most: its system text and the passages it is shown. */
  readonly addedTokens: number;
  readonly tools: boolean;
  readonly vision: boolean;
  /** Can go on from the beginning of an answer that the request gives. */
  readonly continues: boolean;
  /** `calculation`: its model writes assignments, which the house carries out. */
  readonly output: 'text' | 'json' | 'calculation';
  /** Tasks it is kept for; empty = all that its kind can do. */
  readonly tasks: readonly string[];
  /** Classifier only. */
  readonly labels?: readonly string[];
  /** Of a specialist. */
  readonly measured?: Measured;
  /** Spokes to try when this one fails, in order. */
  readonly fallback: readonly string[];
  /** A spoke to ask beside this one when it is slow to begin. */
  readonly hedge?: string;
  /** US dollars per million tokens, for remote models. */
  readonly price?: Price;
  readonly secondsPerPromptToken: number;
  readonly secondsPerToken: number;
  readonly loadSeconds: number;
  /** Cost of local compute. */
  readonly dollarsPerSecond: number;
}
