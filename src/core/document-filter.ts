import type { Metadata, MetadataValue } from './access.ts';
import { matchesPath } from './path-pattern.ts';

/** A comparison of one value of a document's metadata, in the shape of OpenAI's vector stores. */
export interface MetadataComparison {
  readonly type: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin';
  readonly key: string;
  /** A list for `in` and `nin`. */
  readonly value: MetadataValue | readonly MetadataValue[];
}

export interface MetadataCompound {
  readonly type: 'and' | 'or';
  readonly filters: readonly MetadataFilter[];
}

export type MetadataFilter = MetadataComparison | MetadataCompound;

/** Which documents are looked into; all that is named must hold. */
export interface DocumentFilter {
  /** Patterns as in `matchesPath`; one of them must fit. */
  readonly paths?: readonly string[];
  /** Values of `DocumentRow.type`; one of them. */
  readonly types?: readonly string[];
  /** Changed at this time or later, in milliseconds since the epoch. */
  readonly after?: number;
  /** Changed before this time. */
  readonly before?: number;
  readonly metadata?: MetadataFilter;
}

/** What a filter asks of a document. */
export interface FilteredDocument {
  readonly path: string;
  readonly type: string;
  readonly modifiedAt: number;
  readonly metadata: Metadata;
}

export function matchesFilter(filter: DocumentFilter, document: FilteredDocument): boolean {
  const { paths, types, after, before, metadata } = filter;
  if (after !== undefined && document.modifiedAt < after) return false;
  if (before !== undefined && document.modifiedAt >= before) return false;
  if (types !== undefined && !types.includes(document.type)) return false;
  if (paths !== undefined && !paths.some((one) => matchesPath(one, document.path))) return false;
  return metadata === undefined || matchesMetadata(metadata, document.metadata);
}

/**
 * A value that is missing, or of another kind than the one it is compared with, is neither equal
 * to it nor before nor after it. Text is compared by code units, so that ISO dates are in order.
 */
export function matchesMetadata(filter: MetadataFilter, metadata: Metadata): boolean {
  if ('filters' in filter) {
    const matches = (one: MetadataFilter) => matchesMetadata(one, metadata);
    return filter.type === 'and' ? filter.filters.every(matches) : filter.filters.some(matches);
  }
  const found = Object.hasOwn(metadata, filter.key) ? metadata[filter.key] : undefined;
  const wanted = [filter.value].flat();
  const [value] = wanted;
  switch (filter.type) {
    case 'eq':
      return found !== undefined && found === value;
    case 'ne':
      return found === undefined || found !== value;
    case 'in':
      return found !== undefined && wanted.includes(found);
    case 'nin':
      return found === undefined || !wanted.includes(found);
    default:
      return compares(filter.type, found, value);
  }
}

function compares(
  type: 'gt' | 'gte' | 'lt' | 'lte',
  found: MetadataValue | undefined,
  value: MetadataValue | undefined,
): boolean {
  if (found === undefined || value === undefined || typeof found !== typeof value) return false;
  if (type === 'gt') return found > value;
  if (type === 'gte') return found >= value;
  return type === 'lt' ? found < value : found <= value;
}
