import type { Context } from 'hono';
import type { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import { issueWords } from '../../core/issue-words.ts';
import type { Access } from '../access.ts';
import { type Admitted, admit, jsonBodyOf } from '../admit.ts';
import type { Exchange } from '../exchange.ts';

export interface AdminEnvironment {
  readonly Bindings: { readonly exchange: Exchange };
  readonly Variables: { readonly access: Access };
}

export type AdminContext = Context<AdminEnvironment>;

export function farmOf(context: AdminContext) {
  return context.env.exchange.server.farm;
}

export function requireOperator(context: AdminContext): void {
  if (!context.get('access').isOperator)
    throw new CadreError('forbidden', 'only an operator may do this');
}

/**
 * Runs what costs as much as a request of the data plane, within the same limits. The answer does
 * not wait for work that outlives its signal.
 */
export function admitWork<T>(
  context: AdminContext,
  work: (admitted: Admitted) => Promise<T>,
  limitMs?: number,
): Promise<T> {
  return admit(
    context.env.exchange,
    (admitted) => untilAbort(() => work(admitted), admitted.signal),
    { access: context.get('access'), ...(limitMs === undefined ? {} : { limitMs }) },
  );
}

async function untilAbort<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } catch (thrown) {
    // The reason says more than what the interrupted work makes of it.
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The JSON body in the given shape. Rejects with `invalid_request` and the path of the field. */
export async function readBody<T extends z.ZodType>(
  context: AdminContext,
  schema: T,
): Promise<z.infer<T>> {
  return parse(schema, await jsonBodyOf(context.env.exchange));
}

export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = issue?.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : [];
  const param = [...(issue?.path ?? []), ...key].map(String).join('.');
  throw new CadreError(
    'invalid_request',
    `${param || 'the body'} ${issueWords(issue)}`,
    param === '' ? {} : { param },
  );
}
