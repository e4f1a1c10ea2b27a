import type { Block, ParsedDocument } from '../../core/ports.ts';

export interface ParseRequest {
  readonly call: number;
  /** Absolute path. */
  readonly file: string;
  /** Time of the document, or of each of its slow steps. */
  readonly seconds: number;
}

export type ParseReply =
  | ({
      readonly call: number;
      readonly blocks: readonly Omit<Block, 'text'>[];
    } & Omit<ParsedDocument, 'blocks'>)
  | { readonly call: number; readonly problem: string };

/** A slow step is done (a page was recognised): the time of a document begins anew. */
export interface ParseStep {
  readonly call: number;
  readonly step: true;
}
