import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { DocumentText } from '../../src/core/document-text.ts';
import { messageOf } from './api.ts';
import { type CitedPlace, documentHref, readCitedPlace } from './cited-place.ts';
import { DocumentFlags } from './document-flags.tsx';
import { formatAge, formatMoment } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { loadDocument, loadText } from './knowledge-api.ts';
import { type Found, findPlace, type Range } from './marking.ts';
import type { Place } from './page.ts';
import { PlaceLink } from './place-link.tsx';
import { ReaderBlocks } from './reader-blocks.tsx';
import { ReaderPages } from './reader-pages.tsx';

const REFRESH_MS = 2000;

interface Props {
  readonly place: Place;
  readonly collection: string;
  readonly id: string;
}

/** One document as it is indexed, with the cited place marked and in view. */
export function Reader({ place, collection, id }: Props) {
  const cited = readCitedPlace(place.query, place.fragment);
  const [turned, turnTo] = useState<number>();
  const around = turned ?? cited?.start ?? 0;
  const { data: document, error: gone } = useQuery({
    queryKey: ['document', collection, id],
    queryFn: () => loadDocument(collection, id),
    refetchInterval: (query) => (query.state.error ? false : REFRESH_MS),
  });
  const { data: text, error: unread } = useQuery({
    // A new version is a reason to read again.
    queryKey: ['text', collection, id, around, document?.version],
    queryFn: () => loadText(collection, id, around),
    enabled: document !== undefined,
    placeholderData: keepPreviousData,
  });
  const error = gone ?? unread;
  const found = text && cited ? findPlace(text, cited) : undefined;
  const range = found?.range;
  const box = useScrollTo(range, text?.document.version);
  return (
    <div ref={box} className="h-full overflow-y-auto px-4 py-6 sm:px-6">
      <div className="mx-auto max-w-4xl" data-testid="reader">
        <p className="text-sm">
          <PlaceLink href={documentHref(collection)} className="text-primary hover:underline">
            ← {collection}
          </PlaceLink>
        </p>
        {error && (
          <p role="alert" className="mt-3 rounded-lg bg-bad-soft px-4 py-2 text-sm text-bad">
            <InlineCode text={messageOf(error)} />
          </p>
        )}
        {!text && !error && <p className="mt-3 text-muted-foreground">Opening the document …</p>}
        {text && !error && (
          <>
            <Head text={text} />
            {found?.isOther && cited && <OtherVersion text={text} found={found} cited={cited} />}
            <Turn text={text} to={text.start - 1} onTurn={turnTo} label="What comes before" />
            {text.pages ? (
              <ReaderPages text={text} pages={text.pages} marked={range} />
            ) : (
              <ReaderBlocks text={text} marked={range} />
            )}
            <Turn text={text} to={text.end + 1} onTurn={turnTo} label="What comes after" />
          </>
        )}
      </div>
    </div>
  );
}

/** A link to where a person finds the original, if a browser can go there. */
function Original({ uri }: { readonly uri: string | undefined }) {
  if (uri === undefined || !/^https?:\/\//.test(uri)) return null;
  return (
    <>
      {' · '}
      <a href={uri} target="_blank" rel="noreferrer" className="text-primary hover:underline">
        original
      </a>
    </>
  );
}

/** Brings the mark into view when it is first there, and when another one is. */
function useScrollTo(range: Range | undefined, version: number | undefined) {
  const box = useRef<HTMLDivElement>(null);
  const [start, end] = [range?.start, range?.end];
  useEffect(() => {
    if (start === undefined || end === undefined || version === undefined) return;
    box.current?.querySelector('[data-cited]')?.scrollIntoView({ block: 'center' });
  }, [start, end, version]);
  return box;
}

function Head({ text }: { readonly text: DocumentText }) {
  const { path, title, version, modifiedAt, flags } = text.document;
  const readers: readonly string[] | undefined = text.document.principals;
  return (
    <header className="mt-2 mb-4">
      <h1 className="text-xl font-semibold wrap-anywhere">{title ?? path}</h1>
      <p className="mt-1 text-sm text-muted-foreground">
        {title !== undefined && `${path} · `}version {version} ·{' '}
        <span title={formatMoment(modifiedAt)}>changed {formatAge(modifiedAt)}</span>
        {readers !== undefined && ` · readers: ${readers.join(', ')}`}
        <Original uri={text.document.uri} />
      </p>
      <DocumentFlags flags={flags} />
      {text.origin === 'index' && (
        <p className="mt-2 text-sm text-caution" data-testid="origin">
          Shown as it is indexed, sentence by sentence: {text.reason}.
        </p>
      )}
    </header>
  );
}

function OtherVersion({
  text,
  found,
  cited,
}: {
  readonly text: DocumentText;
  readonly found: Found;
  readonly cited: CitedPlace;
}) {
  const { version, modifiedAt } = text.document;
  return (
    <p role="status" className="mb-4 rounded-lg bg-caution-soft px-4 py-2 text-sm text-caution">
      The document was changed since it was cited; this is version {version} of{' '}
      {formatMoment(modifiedAt)}. {foundWords(found, cited)}
    </p>
  );
}

function foundWords({ range }: Found, { words }: CitedPlace): string {
  if (range !== undefined) return 'The cited sentence still stands where it is marked.';
  // A link without the sentence's words cannot be followed into another version.
  if (words.trim() === '')
    return 'Where the cited sentence stands in it, if it does, is not known.';
  return 'The cited sentence is not in it any more, or not in this part of it.';
}

function Turn({
  text,
  to,
  label,
  onTurn,
}: {
  readonly text: DocumentText;
  /** A character of the part that is wanted. */
  readonly to: number;
  readonly label: string;
  readonly onTurn: (to: number) => void;
}) {
  if (to < 0 || to >= text.length) return null;
  return (
    <button
      type="button"
      onClick={() => onTurn(to)}
      className="my-3 rounded-md border border-input px-3 py-1 text-sm hover:border-primary"
    >
      {label}
    </button>
  );
}
