import { CadreError, toCadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import type { KeptText, ReceiptStore } from '../core/stores.ts';

/** Between two tries of a receipt that could not be stored, and what callers are told to wait. */
const PROBE_MS = 1000;
const RETRY_AFTER_SECONDS = 5;
const LOG_MS = 60_000;

type Row = readonly [Receipt, readonly CadreEvent[], KeptText | undefined];

/**
 * The store, which says by `doProbe` why it takes no receipts: the last one was refused for want of
 * space or by the database. A probe tries that receipt again, once a second at most and one at a time;
 * any receipt that is stored ends the trouble. The log has a line a minute.
 */
export function watchReceipts<Watched extends ReceiptStore>(
  store: Watched,
  { clock, log }: { readonly clock: Pick<Clock, 'elapsed'>; readonly log: (line: string) => void },
): Watched & Required<Pick<ReceiptStore, 'doProbe'>> {
  let refused: { readonly row: Row; readonly problem: CadreError } | undefined;
  let probe: Promise<void> | undefined;
  let triedAt = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  let isLogged = false;

  const put = async (row: Row) => {
    try {
      await store.doPutReceipt(...row);
    } catch (thrown) {
      const { code, message } = toCadreError(thrown);
      if (code !== 'disk_full' && code !== 'store_failed') throw thrown;
      const problem = new CadreError(code, message, {
        retryAfter: RETRY_AFTER_SECONDS,
        cause: thrown,
      });
      refused = { row, problem };
      triedAt = clock.elapsed();
      tell(message);
      throw problem;
    }
    refused = undefined;
    if (isLogged) log('receipts are stored again; requests are served');
    isLogged = false;
  };
  const tell = (message: string) => {
    if (clock.elapsed() - loggedAt < LOG_MS) return;
    loggedAt = clock.elapsed();
    isLogged = true;
    log(`requests are refused while receipts cannot be stored: ${message}`);
  };
  const tryAgain = async ({ row }: { readonly row: Row }) => {
    await put(row).catch(() => undefined);
    probe = undefined;
  };

  return {
    ...store,
    doPutReceipt: (receipt, events, text) => put([receipt, events, text]),
    async doProbe() {
      if (refused !== undefined && clock.elapsed() - triedAt >= PROBE_MS) {
        probe ??= tryAgain(refused);
        await probe;
      }
      return refused?.problem;
    },
  };
}
