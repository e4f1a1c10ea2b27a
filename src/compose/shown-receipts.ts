import { type Reader, readersOf } from '../core/call.ts';
import type { CadreEvent } from '../core/events.ts';
import type { DocumentEdition } from '../core/evidence.ts';
import type { Farm } from '../core/farm.ts';
import type { Receipt } from '../core/receipt.ts';
import type { Store } from '../core/stores.ts';
import { fatesOf } from '../ground/document-fate.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import { eventsToKeep } from '../record/keep.ts';
import { wordlessReceipt } from '../record/wordless.ts';

type IsHidden = (edition: DocumentEdition) => boolean;

/**
 * Receipts as a reader may see them now. Where a document that words of the request may come from is
 * gone, or closed to him since, its path is left out, and so are the words that were kept. One that
 * merely changed is no reason: a receipt tells what was, and of which version.
 */
export function composeReceipts(
  store: Store,
  knowledge: Pick<Knowledge, 'versions'>,
): Pick<Farm, 'receipts' | 'receipt' | 'events'> {
  const findHidden = async (receipts: readonly Receipt[], reader: Reader): Promise<IsHidden> => {
    const fate = await fatesOf(knowledge, receipts.flatMap(documentsOf), readersOf(reader));
    return (edition) => fate(edition) === 'hidden';
  };
  return {
    async receipts(filter, reader) {
      const receipts = await store.doListReceipts(filter);
      if (reader === undefined) return receipts;
      const isHidden = await findHidden(receipts, reader);
      return receipts.map((receipt) => withoutPaths(receipt, isHidden));
    },
    async receipt(id, reader) {
      const receipt = await store.doGetReceipt(id);
      if (receipt === undefined || reader === undefined) return receipt;
      const isHidden = await findHidden([receipt], reader);
      if (!documentsOf(receipt).some(isHidden)) return receipt;
      return { ...withoutPaths(wordlessReceipt(receipt), isHidden), isWithheld: true };
    },
    async events(id, reader) {
      const receipt = await store.doGetReceipt(id);
      const events = await store.doGetEvents(id);
      if (receipt === undefined || events === undefined || reader === undefined) return events;
      const isHidden = await findHidden([receipt], reader);
      if (!documentsOf(receipt).some(isHidden)) return events;
      return eventsToKeep(events, wordlessReceipt(receipt)).map((one) =>
        withoutPath(one, isHidden),
      );
    },
  };
}

/** Of what was found for the request, and of what its messages and its delegates bring with them. */
function documentsOf({ sources, standsOn = [] }: Receipt): readonly DocumentEdition[] {
  return [...sources, ...standsOn];
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
