import type { CadreEvent } from '../../core/events.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { KeptText } from '../../core/stores.ts';
import { type Columns, jsonOf } from './row-codec.ts';

/** A row's receipt in `body`; its words come back from `text`, which is null once they are gone. */
export function decodeReceipt(row: Columns): Receipt {
  const receipt = jsonOf<Receipt>(row, 'body');
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

/** All events while `text` is there, else the wordless ones in `events`. */
export function decodeEvents(row: Columns): readonly CadreEvent[] {
  return row['text'] === null
    ? jsonOf<CadreEvent[]>(row, 'events')
    : jsonOf<KeptText>(row, 'text').events;
}
