import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { documentHref } from './cited-place.ts';
import { DocumentFlags } from './document-flags.tsx';
import { formatAge, formatBytes, formatMoment } from './format.ts';
import { loadDocuments, type ShownDocument } from './knowledge-api.ts';
import { PlaceLink } from './place-link.tsx';

/** Rows drawn at once; the filter finds the others. */
const ROWS_SHOWN = 300;

/** A long list is looked up again less often: its rows are megabytes. */
const LONG_LIST = 2000;
const REFRESH_MS = 5000;
const REFRESH_LONG_MS = 30_000;

export function DocumentList({ collection }: { readonly collection: string }) {
  const [filter, setFilter] = useState('');
  const { data: documents } = useQuery({
    queryKey: ['documents', collection],
    queryFn: () => loadDocuments(collection),
    refetchInterval: (query) =>
      (query.state.data?.length ?? 0) > LONG_LIST ? REFRESH_LONG_MS : REFRESH_MS,
  });
  const found = (documents ?? [])
    .filter((one) => fits(one, filter))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
  return (
    <section data-testid="documents">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">Documents of {collection}</h2>
        <label className="flex items-center gap-2 text-sm text-muted-foreground">
          Filter
          <input
            type="search"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            placeholder="path, type, reader, flag, problem"
            className="w-64 max-w-full rounded-md border border-input bg-card px-2.5 py-1 text-foreground"
          />
        </label>
      </div>
      {documents && (
        <p className="mt-1 text-xs text-muted-foreground">
          {found.length} of {documents.length}
          {found.length > ROWS_SHOWN && `, the first ${ROWS_SHOWN} are shown`}
        </p>
      )}
      {found.length > 0 && <DocumentTable rows={found.slice(0, ROWS_SHOWN)} />}
    </section>
  );
}

function fits(document: ShownDocument, filter: string): boolean {
  const { path, title, type, flags, problem, principals } = document;
  const said = [path, title, type, problem, ...flags, ...(principals ?? [])];
  if (flags.length > 0) said.push('flagged');
  if (problem !== undefined) said.push('problem');
  const text = said.join('\n').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function DocumentTable({ rows }: { readonly rows: readonly ShownDocument[] }) {
  const hasReaders = rows.some((row) => row.principals !== undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="mt-2 overflow-x-auto" tabIndex={0} aria-label="Documents">
      <table className="w-full text-sm tabular-nums">
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="border-b border-border whitespace-nowrap [&>th]:py-1.5 [&>th]:pr-4 [&>th]:font-normal">
            <th scope="col">Document</th>
            <th scope="col">Type</th>
            <th scope="col">Size</th>
            <th scope="col">Version</th>
            <th scope="col">Changed</th>
            {hasReaders && <th scope="col">Readers</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DocumentLine key={row.id} row={row} hasReaders={hasReaders} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function DocumentLine({
  row,
  hasReaders,
}: {
  readonly row: ShownDocument;
  readonly hasReaders: boolean;
}) {
  const { id, collection, path, title, type, bytes, version, modifiedAt, principals } = row;
  return (
    <tr
      data-path={path}
      className="border-b border-border align-top last:border-0 [&>*]:py-1.5 [&>*]:pr-4 [&>*]:text-left"
    >
      <th scope="row" className="min-w-48 font-medium wrap-anywhere">
        {row.chunkCount > 0 ? (
          <PlaceLink href={documentHref(collection, id)} className="text-primary hover:underline">
            {path}
          </PlaceLink>
        ) : (
          path
        )}
        {title !== undefined && (
          <span className="block text-xs font-normal text-muted-foreground">{title}</span>
        )}
        <DocumentFlags flags={row.flags} />
        <Problem row={row} />
      </th>
      <td>{type}</td>
      <td className="whitespace-nowrap">{formatBytes(bytes)}</td>
      <td>{version}</td>
      <td className="whitespace-nowrap" title={formatMoment(modifiedAt)}>
        {formatAge(modifiedAt)}
      </td>
      {hasReaders && <td className="wrap-anywhere">{principals?.join(', ')}</td>}
    </tr>
  );
}

function Problem({ row }: { readonly row: ShownDocument }) {
  if (row.problem === undefined) return null;
  return (
    <span className="block text-xs font-normal text-bad">
      Not read: {row.problem}
      {row.retryAt !== undefined && `; tried again ${formatMoment(row.retryAt)}`}
    </span>
  );
}
