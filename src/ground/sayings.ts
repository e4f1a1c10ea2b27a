import type { DocumentGrant } from '../core/access.ts';
import type { DocumentSaying } from '../core/collection-settings.ts';

/** What stands said by hand after something more is said; null where nothing is left of it. */
export function joinSayings(
  before: DocumentGrant | undefined,
  { principals, owner, metadata }: DocumentSaying,
): DocumentGrant | null {
  const values = Object.entries({ ...before?.metadata, ...metadata }).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== null,
  );
  const readers = principals === undefined ? before?.principals : (principals ?? undefined);
  const keeper = owner === undefined ? before?.owner : (owner ?? undefined);
  const within = principals === undefined ? before?.within : undefined;
  const joined = {
    ...(within === undefined ? {} : { within }),
    ...(readers === undefined ? {} : { principals: readers }),
    ...(keeper === undefined ? {} : { owner: keeper }),
    ...(values.length === 0 ? {} : { metadata: Object.fromEntries(values) }),
  };
  return Object.keys(joined).length === 0 ? null : joined;
}
