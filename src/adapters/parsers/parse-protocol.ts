import type { Block } from '../../core/ports.ts';

export interface ParseRequest {
  readonly call: number;
  /** Absolute path. */
  readonly file: string;
}

export type ParseReply =
  | {
      readonly call: number;
      readonly text: string;
      readonly blocks: readonly Omit<Block, 'text'>[];
    }
  | { readonly call: number; readonly problem: string };
