import type { DocumentRow } from '../core/stores.ts';
import { isDue } from './retries.ts';
import type { Found, FoundItem } from './source-listing.ts';

/** An item that has to be opened, with the document that stands at its path. */
export interface Opening {
  readonly found: FoundItem;
  readonly stored?: DocumentRow;
}

/** What a look at the lists alone says; the hashes of what is opened say the rest. */
export interface Changes {
  readonly openings: readonly Opening[];
  /** Documents that are the same to other readers, or with other metadata. */
  readonly regranted: readonly Opening[];
  /** Documents whose place is empty, for sure or until one of the openings has their hash. */
  readonly gone: readonly DocumentRow[];
  readonly maybeMoved: readonly DocumentRow[];
  readonly unchanged: number;
}

export interface CompareOptions {
  readonly now: number;
  /** Open everything, whatever the marks say: a mark may lie. */
  readonly readsAll: boolean;
  /** Open again what could not be read before. */
  readonly retriesProblems: boolean;
}

/**
 * Compares the lists of the sources with the stored documents. What may be a renamed document comes
 * first among the openings, so that deletions need not wait for the reading of everything else.
 */
export function compareSources(
  found: Found,
  documents: readonly DocumentRow[],
  options: CompareOptions,
): Changes {
  const standing = new Map(documents.map((document) => [document.path, document]));
  const byPath = new Map(standing);
  const openings: Opening[] = [];
  const regranted: Opening[] = [];
  const newSizes = new Set<number>();
  let unchanged = 0;
  for (const one of found.items) {
    const stored = byPath.get(one.path);
    byPath.delete(one.path);
    if (stored === undefined) {
      newSizes.add(one.item.bytes);
      openings.push({ found: one });
    } else if (!isKnown(one, stored, options)) openings.push({ found: one, stored });
    else {
      unchanged += 1;
      if (!isSameGrant(one, stored)) regranted.push({ found: one, stored });
    }
  }
  const missing = [...byPath.values()].filter((one) => !isHidden(one, found));
  // Of two documents at one path, as racing writers may have left them, one is enough.
  const doubles = documents.filter((one) => one !== standing.get(one.path));
  const mayMove = (one: DocumentRow) => one.hash !== '' && newSizes.has(one.bytes);
  const maybeMoved = missing.filter(mayMove);
  const sizes = new Set(maybeMoved.map((one) => one.bytes));
  const isCandidate = ({ found: one, stored }: Opening) =>
    stored === undefined && sizes.has(one.item.bytes);
  return {
    openings: [...openings.filter(isCandidate), ...openings.filter((one) => !isCandidate(one))],
    regranted,
    gone: [...missing.filter((one) => !mayMove(one)), ...doubles],
    maybeMoved,
    unchanged,
  };
}

/** Openings from the front that may be renamed documents. */
export function candidateCount({ openings, maybeMoved }: Changes): number {
  const sizes = new Set(maybeMoved.map((one) => one.bytes));
  const first = openings.findIndex(
    ({ found, stored }) => stored !== undefined || !sizes.has(found.item.bytes),
  );
  return first < 0 ? openings.length : first;
}

function isKnown(found: FoundItem, stored: DocumentRow, options: CompareOptions): boolean {
  if (stored.mark !== found.item.mark) return false;
  if (options.readsAll && found.source.hasTrueMarks !== true) return false;
  if (stored.source !== found.sourceName) return false;
  if (stored.problem === undefined) return true;
  return !options.retriesProblems && !options.readsAll && !isDue(stored, options.now);
}

/** Both come from the same source, which names the same things in the same order. */
function isSameGrant({ item }: FoundItem, stored: DocumentRow): boolean {
  return JSON.stringify(stored.given ?? {}) === JSON.stringify(item.given ?? {});
}

/** Of a source or below a path that could not be looked at: nobody knows whether it is gone. */
function isHidden(document: DocumentRow, { failed, partial, skipped }: Found): boolean {
  const { source = '' } = document;
  if (failed.has(source) || partial.has(source)) return true;
  return skipped.some((one) => document.path.startsWith(`${one.path}/`));
}
