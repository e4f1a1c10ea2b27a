import type { CollectionSettings } from '../core/collection-settings.ts';
import type { SourceSpec } from '../core/config-source.ts';
import { VECTOR_STORE } from '../core/config-words.ts';
import { CadreError } from '../core/errors.ts';
import { placeOf, sourceName } from '../core/source.ts';
import type { CollectionRow } from '../core/stores.ts';

export interface IndexRequest {
  readonly name: string;
  /** At least one; folders and files in them are absolute. */
  readonly sources: readonly SourceSpec[];
  readonly watch: boolean;
  /** Who may read it; absent or empty = as before, everyone for a new one. */
  readonly principals?: readonly string[] | undefined;
  /** Owner, readers by path and half-life; absent = as before. */
  readonly settings?: Omit<CollectionSettings, 'principals'> | undefined;
  /** Puts the sources in the place of others that have the name. */
  readonly replace?: boolean;
  /** Sources whose documents are still to come are no error. */
  readonly mayBeEmpty?: boolean;
}

/** A collection keeps its sources unless the caller asks for others in their place. */
export function checkSources(stored: CollectionRow, { sources, replace }: IndexRequest): void {
  const names = (all: readonly SourceSpec[]) => all.map(sourceName).join(', ');
  if (replace === true || names(stored.sources) === names(sources)) return;
  throw new CadreError(
    'conflict',
    `the collection ${stored.name} is made of ${names(stored.sources)}, not of ${names(sources)}; ask with \`replace: true\` to swap them, drop the collection first, or choose another name`,
    { param: 'sources' },
  );
}

export function checkRequest({ name, sources }: IndexRequest): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,127}$/.test(name))
    throw new CadreError(
      'invalid_request',
      `the collection name ${JSON.stringify(name.slice(0, 80))} is not made of lower-case letters, digits, dot, dash and underscore`,
      { param: 'name' },
    );
  if (name.startsWith(VECTOR_STORE) && !sources.every((spec) => spec.kind === 'files'))
    throw new CadreError(
      'invalid_request',
      `the collection name ${JSON.stringify(name)} begins with ${VECTOR_STORE}, as those of vector stores do; choose another`,
      { param: 'name' },
    );
  for (const spec of sources) {
    const place = placeOf(spec);
    if (place === undefined || isAbsolute(place)) continue;
    throw new CadreError(
      'invalid_request',
      `the ${spec.kind === 'folder' ? 'folder' : 'path'} ${JSON.stringify(place)} is not an absolute path`,
      { param: spec.kind === 'folder' ? 'folder' : 'sources' },
    );
  }
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
}
