import { mayRead } from '../core/access.ts';
import { type Reader, readersOf } from '../core/call.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Farm } from '../core/farm.ts';
import type { Receipt, SourceReference } from '../core/receipt.ts';
import type { Store } from '../core/stores.ts';
import { eventsToKeep } from '../record/keep.ts';
import { wordlessReceipt } from '../record/wordless.ts';

type IsHidden = (source: Pick<SourceReference, 'collection' | 'documentId'>) => boolean;

/** Descendants of a receipt whose sources count as its own. */
const MOST_DESCENDANTS = 100;
const MOST_LEVELS = 3;

/**
 * Receipts as a reader may see them now. Where a document that an answer stands on is gone, or closed
 * to him since, its path is left out, and so are the words that were kept of the request.
 */
export function composeReceipts(store: Store): Pick<Farm, 'receipts' | 'receipt' | 'events'> {
  const familyOf = async (receipt: Receipt): Promise<readonly Receipt[]> => {
    const family = [receipt];
    let level = [receipt];
    for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth += 1) {
      const parents = level.filter((one) => one.children.length > 0);
      level = [];
      for (const { id } of parents)
        level.push(...(await store.doListReceipts({ parent: id, limit: MOST_DESCENDANTS })));
      family.push(...level);
    }
    return family;
  };
  const look = async (receipt: Receipt, reader: Reader) => {
    const family = await familyOf(receipt);
    const isHidden = await findHidden(store, family, reader);
    return { isHidden, isWithheld: family.some((one) => one.sources.some(isHidden)) };
  };
  return {
    async receipts(filter, reader) {
      const receipts = await store.doListReceipts(filter);
      if (reader === undefined) return receipts;
      const isHidden = await findHidden(store, receipts, reader);
      return receipts.map((receipt) => withoutPaths(receipt, isHidden));
    },
    async receipt(id, reader) {
      const receipt = await store.doGetReceipt(id);
      if (receipt === undefined || reader === undefined) return receipt;
      const { isHidden, isWithheld } = await look(receipt, reader);
      if (!isWithheld) return receipt;
      return { ...withoutPaths(wordlessReceipt(receipt), isHidden), isWithheld: true };
    },
    async events(id, reader) {
      const receipt = await store.doGetReceipt(id);
      const events = await store.doGetEvents(id);
      if (receipt === undefined || events === undefined || reader === undefined) return events;
      const { isHidden, isWithheld } = await look(receipt, reader);
      if (!isWithheld) return events;
      return eventsToKeep(events, wordlessReceipt(receipt)).map((one) =>
        withoutPath(one, isHidden),
      );
    },
  };
}

/** Which sources the reader may not see now; one look at the store per collection. */
async function findHidden(
  store: Store,
  receipts: readonly Receipt[],
  reader: Reader,
): Promise<IsHidden> {
  const readers = readersOf(reader);
  const shown = new Map<string, ReadonlySet<string>>();
  const sources = receipts.flatMap((receipt) => receipt.sources);
  for (const [name, group] of Map.groupBy(sources, (source) => source.collection)) {
    const row = await store.doGetCollection(name);
    if (row === undefined || !mayRead(row.principals, readers)) continue;
    const ids = [...new Set(group.map((source) => source.documentId))];
    const found = await store.doFindDocuments(name, ids, readers);
    shown.set(name, new Set(found.map((document) => document.id)));
  }
  return ({ collection, documentId }) => shown.get(collection)?.has(documentId) !== true;
}

function withoutPaths(receipt: Receipt, isHidden: IsHidden): Receipt {
  if (!receipt.sources.some(isHidden)) return receipt;
  const sources = receipt.sources.map((one) => (isHidden(one) ? { ...one, path: '' } : one));
  return { ...receipt, sources };
}

function withoutPath(event: CadreEvent, isHidden: IsHidden): CadreEvent {
  if (event.type !== 'source-found') return event;
  const sentences = event.passage.sentences.map((one) =>
    isHidden(one) ? { ...one, path: '' } : one,
  );
  return { ...event, passage: { ...event.passage, sentences } };
}
