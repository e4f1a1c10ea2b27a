import type { SourceSpec } from '../core/config-source.ts';
import { type CadreError, toCadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';
import {
  type OpenSource,
  type Source,
  type SourceItem,
  type SourceListing,
  sourceName,
} from '../core/source.ts';

/** An item with the source that opens it. */
export interface FoundItem {
  /** With the source's prefix: the document's path. */
  readonly path: string;
  readonly item: SourceItem;
  readonly source: Source;
  readonly sourceName: string;
}

export interface Found {
  readonly items: readonly FoundItem[];
  readonly skipped: SourceListing['skipped'];
  /** Sources that could not be listed, by name: their documents stay as they are. */
  readonly failed: ReadonlyMap<string, CadreError>;
  /** Sources whose unlisted documents stay. */
  readonly partial: ReadonlySet<string>;
}

/** Lists all sources of a collection. Rejects only where none of them could be listed. */
export async function listSources(
  specs: readonly SourceSpec[],
  open: OpenSource,
  options: CallOptions & { readonly onCount: (count: number) => void },
): Promise<Found> {
  const items = new Map<string, FoundItem>();
  const skipped: { path: string; reason: string }[] = [];
  const failed = new Map<string, CadreError>();
  const partial = new Set<string>();
  for (const spec of specs) {
    const source = open(spec);
    const name = sourceName(spec);
    const before = items.size;
    const onCount = (count: number) => options.onCount(before + count);
    try {
      const listing = await source.doList({ signal: options.signal, onCount });
      for (const item of listing.items) {
        const path = `${spec.prefix ?? ''}${item.path}`;
        if (items.has(path)) skipped.push({ path, reason: twice(name) });
        else items.set(path, { path, item, source, sourceName: name });
      }
      if (listing.isPartial === true) partial.add(name);
      for (const one of listing.skipped)
        skipped.push({ ...one, path: `${spec.prefix ?? ''}${one.path}` });
    } catch (thrown) {
      options.signal.throwIfAborted();
      failed.set(name, toCadreError(thrown));
    }
  }
  const [first] = failed.values();
  if (first !== undefined && failed.size === specs.length) throw first;
  for (const [path, error] of failed) skipped.push({ path, reason: error.message });
  return { items: [...items.values()], skipped, failed, partial };
}

function twice(name: string): string {
  return `${name} has a document at a path that another source has too; give one of them a prefix`;
}
