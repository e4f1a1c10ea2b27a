import type { Config } from '../core/config.ts';
import { toCadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Work } from '../core/farm.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt, WorkKind } from '../core/receipt.ts';
import type { ReceiptStore } from '../core/stores.ts';
import type { Metrics } from '../record/metrics.ts';
import { type DoneWork, workReceipt } from '../record/work-receipt.ts';

/** What there is to do for one request. */
interface Order<Made> {
  readonly kind: WorkKind;
  readonly work: Work;
  /** Threads that `run` keeps busy. */
  readonly threads: number;
  /** Waits until the model can work. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<Made>;
  readonly signal: AbortSignal;
}

/** Does the work and stores its receipt, whatever came of it; rejects with what the work did. */
export type DoWork = <Made extends { readonly model: string; readonly tokens: number }>(
  order: Order<Made>,
) => Promise<Made & { readonly receipt: Receipt }>;

/** The key's tokens are settled by the receipt, as those of an answer are. */
export function composeWork(parts: {
  readonly receipts: ReceiptStore;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly config: () => Config['record'];
}): DoWork {
  const { receipts, metrics, clock } = parts;
  return async ({ kind, work, threads, prepare, run, signal }) => {
    const at = clock.now();
    const start = clock.elapsed();
    let loadMs = 0;
    const keep = async (result: Pick<DoneWork, 'made' | 'error'>): Promise<Receipt> => {
      const totalMs = clock.elapsed() - start;
      const done = { kind, work, at, totalMs, loadMs, threads, ...result };
      const receipt = workReceipt(done, parts.config());
      await receipts.doPutReceipt(receipt, [acceptedAt(work, at)]);
      metrics.observe(receipt);
      return receipt;
    };
    try {
      await prepare?.().finally(() => {
        loadMs = clock.elapsed() - start;
      });
      const made = await run();
      return { ...made, receipt: await keep({ made }) };
    } catch (thrown) {
      const error = toCadreError(signal.aborted ? signal.reason : thrown);
      await keep({ error });
      throw error;
    }
  };
}

function acceptedAt({ id, model, parent }: Work, at: number): CadreEvent {
  const part = parent === undefined ? {} : { parent };
  return { type: 'request-accepted', id, at, model, depth: 0, ...part };
}
