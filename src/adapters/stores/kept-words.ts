import type { CadreEvent } from '../../core/events.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { KeptText } from '../../core/stores.ts';
import { packHashes, unpackHashes } from './packed-hashes.ts';
import { type Columns, jsonOf } from './row-codec.ts';

/** The column `body`; older rows hold the hashes as a list. */
export function encodeBody(receipt: Receipt): string {
  return JSON.stringify({ ...receipt, featureHashes: packHashes(receipt.featureHashes) });
}

/** The receipt without its words. */
export function decodeBody(row: Columns): Receipt {
  const receipt = jsonOf<Receipt>(row, 'body');
  return { ...receipt, featureHashes: unpackHashes(receipt.featureHashes) };
}

/** A row's receipt in `body`; its words come back from `text`, which is null once they are gone. */
export function decodeReceipt(row: Columns): Receipt {
  const receipt = decodeBody(row);
  if (row['text'] === null) return receipt;
  const { checks, attempts, abstention, error } = jsonOf<KeptText>(row, 'text');
  return {
    ...receipt,
    ...(checks === undefined ? {} : { checks }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(abstention === undefined ? {} : { abstention }),
    ...(error === undefined ? {} : { error }),
  };
}

/** The wordless events as stored: verdict and decision stand in the receipt, once. */
export function encodeEvents(events: readonly CadreEvent[], receipt: Receipt): string {
  return JSON.stringify(
    events.map((event) => {
      if (event.type === 'policy-judged' && event.verdict === receipt.policy)
        return { type: event.type };
      if (event.type === 'route-decided' && event.decision === receipt.route)
        return { type: event.type };
      return event;
    }),
  );
}

/** All events while `text` is there, else the wordless ones in `events`; `body` is the receipt. */
export function decodeEvents(row: Columns): readonly CadreEvent[] {
  if (row['text'] !== null) return jsonOf<KeptText>(row, 'text').events;
  const { policy, route } = jsonOf<Receipt>(row, 'body');
  return jsonOf<Partial<CadreEvent>[]>(row, 'events').map((event) => {
    if (event.type === 'policy-judged') return { verdict: policy, ...event } as CadreEvent;
    if (event.type === 'route-decided') return { decision: route, ...event } as CadreEvent;
    return event as CadreEvent;
  });
}
