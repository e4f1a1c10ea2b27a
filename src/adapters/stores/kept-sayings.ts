import { type DocumentGrant, EVERYONE, meetReaders } from '../../core/access.ts';
import type { DocumentDraft, DocumentRow } from '../../core/stores.ts';
import { type Columns, jsonOf, textOf } from './row-codec.ts';

/** What was said by hand of a document that went. */
export interface KeptSaying {
  readonly documentId: string;
  readonly path: string;
  readonly hash: string;
  readonly override: DocumentGrant;
}

export function decodeSaying(row: Columns): KeptSaying {
  return {
    documentId: textOf(row, 'document_id'),
    path: jsonOf<string>(row, 'path'),
    hash: textOf(row, 'hash'),
    override: jsonOf<DocumentGrant>(row, 'override'),
  };
}

/**
 * What counts as said of a document whose bytes are new to its row. A document that is there keeps what
 * was said of it, and all of it counts again where the same bytes come back to the same place; of
 * others at its place or with its bytes only what closes, the strictest of several. So neither a copy
 * nor another text is open because of what was said of something else.
 * `gone` = what was said of documents that went from this place or with these bytes, `copies` = of
 * other documents with the same bytes; `taken` = those of `gone` that are used up.
 */
export function inheritedSaying(
  { path, hash }: Pick<DocumentDraft, 'path' | 'hash'>,
  stored: Pick<DocumentRow, 'override'> | undefined,
  gone: readonly KeptSaying[],
  copies: readonly DocumentGrant[],
): { readonly override: DocumentGrant | undefined; readonly taken: readonly KeptSaying[] } {
  if (stored === undefined) {
    const back = gone.filter((one) => hash !== '' && one.hash === hash && one.path === path);
    const [only] = back;
    if (only !== undefined && back.length === 1) return { override: only.override, taken: back };
  }
  // What was said of its place in former times does not touch a document that is there.
  const taken = stored === undefined ? gone : gone.filter((one) => one.hash === hash);
  const sayings = [...taken.map((one) => one.override), ...copies];
  const own = stored === undefined ? metadataOf(sayings) : stored.override;
  const limits = [own?.within, ...sayings.map(limitOf)].filter((one) => one !== undefined);
  if (limits.length === 0) return { override: own, taken };
  return { override: { ...own, within: limits.reduce(meetReaders) }, taken };
}

/** Whom a saying lets read, owner included; undefined = it closes nothing. */
function limitOf({ principals, owner, within }: DocumentGrant): readonly string[] | undefined {
  if (principals === undefined || principals.includes(EVERYONE)) return within;
  const named = within === undefined ? principals : meetReaders(principals, within);
  return owner === undefined ? named : [...named, owner];
}

function metadataOf(sayings: readonly DocumentGrant[]): DocumentGrant | undefined {
  const metadata = Object.assign({}, ...sayings.map((one) => one.metadata));
  return Object.keys(metadata).length === 0 ? undefined : { metadata };
}
