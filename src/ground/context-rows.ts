import type { ChunkContext, ContextCount } from '../core/passage-context.ts';
import type { ChunkRow } from '../core/stores.ts';
import { CONTEXT_VERSION, contextOrders } from './context-prompt.ts';

type Hash = (text: string) => string;

/** The passage with that sentence in front of its indexed text in place of the one it had. */
export function withContext(row: ChunkRow, context: ChunkContext | undefined): ChunkRow {
  const { context: before, indexText, ...rest } = row;
  const own = before?.text === undefined ? indexText : indexText.slice(before.text.length + 1);
  const whole = context?.text === undefined ? own : `${context.text}\n${own}`;
  return { ...rest, indexText: whole, ...(context === undefined ? {} : { context }) };
}

/** Passages of one document with those sentences that were written about just this. */
export function withContexts(
  rows: readonly ChunkRow[],
  contexts: ReadonlyMap<string, ChunkContext>,
  { model, hash }: { readonly model: string; readonly hash: Hash },
): readonly ChunkRow[] {
  if (contexts.size === 0) return rows.map((row) => withContext(row, undefined));
  const orders = contextOrders(rows, { model, hash });
  return rows.map((row, index) => withContext(row, contexts.get(orders[index]?.key ?? '')));
}

export function contextsOf(rows: readonly ChunkRow[]): Map<string, ChunkContext> {
  return new Map(rows.flatMap(({ context }) => (context ? [[context.key, context]] : [])));
}

/** Undefined where nothing was written about any of them. */
export function countContexts(rows: readonly ChunkRow[], model: string): ContextCount | undefined {
  let written = 0;
  const refused: Record<string, number> = {};
  for (const { context } of rows)
    if (context?.text !== undefined) written += 1;
    else if (context?.problem !== undefined)
      refused[context.problem] = (refused[context.problem] ?? 0) + 1;
  if (written === 0 && Object.keys(refused).length === 0) return undefined;
  return { model, version: CONTEXT_VERSION, written, refused };
}

/** Embeddings of those passages whose sentence stayed as it was, by passage id. */
export function keptVectors(
  before: readonly ChunkRow[],
  after: readonly ChunkRow[],
): Map<string, Float32Array> {
  const sentences = new Map(after.map(({ id, context }) => [id, context?.text]));
  return new Map(
    before.flatMap(({ id, context, embedding }) =>
      embedding !== undefined && sentences.get(id) === context?.text ? [[id, embedding]] : [],
    ),
  );
}
