import type { Call } from '../core/call.ts';
import { SHADOW_KEY, type ShadowOrder } from '../core/shadow.ts';
import type { ShadowChoice } from '../gate/shadow-choice.ts';
import type { ShadowJob } from './shadow-queue.ts';

/** The request again, of one spoke: no key pays for it or sees it, and no text is kept of it. */
export function shadowCall(
  job: ShadowJob,
  spoke: string,
  {
    id,
    key = SHADOW_KEY,
    principals = ['public'],
    budget,
    deadline,
  }: {
    readonly id: string;
    /** Whose receipt it is. */
    readonly key?: string;
    /** Where the spoke is not open to all. */
    readonly principals?: readonly string[];
    readonly budget: number;
    readonly deadline: number;
  },
): Call {
  return {
    id,
    request: { ...job.request, model: spoke },
    // It reads no documents, so what its caller might read does not matter.
    caller: { key, principals, keepsText: false, budgetDaily: budget },
    // As strict as for the request with the documents that were found for it.
    labelDeclared: job.label,
    deadline,
    depth: 1,
    priority: 'background',
    parent: job.of,
  };
}

/** What it is compared with. */
export function shadowOrder(
  { of, served, text, finishReason }: ShadowJob,
  { spoke, reference }: Exclude<ShadowChoice, { readonly reason: string }>,
  task: string,
): ShadowOrder {
  const yardstick = reference === undefined ? {} : { reference };
  return { of, served, text, finishReason, spoke: spoke.id, task, ...yardstick };
}
