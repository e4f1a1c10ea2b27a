import type { CollectionWarning } from '../../core/document-text.ts';
import type { DocumentRow } from '../../core/stores.ts';

/** A document as one of its readers sees it. */
export type ReadersDocument = Omit<
  DocumentRow,
  'principals' | 'given' | 'override' | 'source' | 'mark'
>;

/**
 * Who else reads a document, and where it lies (a folder, a query, an address), is its operator's
 * business. No addresses are told with what lets somebody in, to nobody.
 */
export function shownDocument(
  row: DocumentRow,
  isOperator: boolean,
): DocumentRow | ReadersDocument {
  const { principals, given, override, source, mark, ...rest } = row;
  const shown = {
    ...rest,
    ...(rest.problem === undefined ? {} : { problem: withoutSecrets(rest.problem) }),
  };
  if (!isOperator) return shown;
  return { ...row, ...shown, ...(source === undefined ? {} : { source: withoutSecrets(source) }) };
}

export function shownWarnings(warnings: readonly CollectionWarning[]): CollectionWarning[] {
  return warnings.map(({ detail, ...rest }) =>
    detail === undefined ? rest : { ...rest, detail: withoutSecrets(detail) },
  );
}

/** Addresses in a text without user, password and what is asked of them. */
function withoutSecrets(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#@]*@)?([^\s?#"'`]*)(\?[^\s#"'`]*)?/gi,
    (_all, scheme: string, place: string, asked?: string) =>
      `${scheme}${place}${asked === undefined ? '' : '?…'}`,
  );
}
