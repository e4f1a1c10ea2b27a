import type { LegName, LegPlace, Passage } from '../../src/core/evidence.ts';
import type { SearchResult } from '../../src/core/search-result.ts';
import { passageHref } from './cited-place.ts';
import { formatAge, formatMs, formatPlace, formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { noteOpening } from './knowledge-api.ts';
import { PlaceLink } from './place-link.tsx';

const LEGS: Readonly<Record<LegName, { readonly name: string; readonly score: string }>> = {
  lexical: { name: 'by words', score: 'BM25' },
  dense: { name: 'by meaning', score: 'cosine of the embeddings' },
  tokens: { name: 'token by token', score: 'mean of the best cosines of the question’s tokens' },
  reader: { name: 'by the reading of a spoke', score: 'how likely it answers, as the spoke says' },
  latent: { name: 'by the company of words', score: 'cosine in the collection’s own space' },
};

interface Props {
  readonly collection: string;
  readonly result: SearchResult;
}

export function SearchResults({ collection, result }: Props) {
  const { id, passages, legs, missingLegs = [], denseWeight, indexVersion, ms } = result;
  const open = (chunk: string) => id !== undefined && void noteOpening(collection, id, chunk);
  return (
    <section data-testid="results">
      <p className="text-sm text-muted-foreground tabular-nums">
        {formatPlural(passages.length, 'passage')} in {formatMs(ms)}, found{' '}
        {legs.map((leg) => LEGS[leg].name).join(' and ')}
        {denseWeight !== undefined && ` (weight of meaning ${denseWeight})`} · version{' '}
        {indexVersion} of the collection
      </p>
      {missingLegs.map(({ leg, reason }) => (
        <p key={leg} className="mt-1 text-sm text-caution">
          Not searched {LEGS[leg].name}: <InlineCode text={reason} />.
        </p>
      ))}
      {passages.length === 0 && <p className="mt-4">Nothing that you may read fits.</p>}
      <ol className="mt-4 space-y-3">
        {passages.map((passage, index) => (
          <Result
            key={passage.chunkId}
            passage={passage}
            rank={index + 1}
            onFollow={() => open(passage.chunkId)}
          />
        ))}
      </ol>
    </section>
  );
}

function Result({
  passage,
  rank,
  onFollow,
}: {
  readonly passage: Passage;
  readonly rank: number;
  readonly onFollow: () => void;
}) {
  const [first] = passage.sentences;
  if (first === undefined) return null;
  const { headings, modifiedAt, title } = first;
  return (
    <li className="rounded-lg border border-border bg-card p-4" data-testid="result">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <PlaceLink
          href={passageHref(passage) ?? '/documents'}
          onFollow={onFollow}
          className="min-w-0 font-medium text-primary wrap-anywhere hover:underline"
        >
          {rank}. {title === undefined ? '' : `${title} · `}
          {formatPlace(first)}
        </PlaceLink>
        <span className="text-xs text-muted-foreground tabular-nums">
          score {passage.score.toFixed(3)}
          {modifiedAt !== undefined && ` · changed ${formatAge(modifiedAt)}`}
        </span>
      </div>
      {headings.length > 0 && (
        <p className="text-xs text-muted-foreground">{headings.join(' › ')}</p>
      )}
      <p className="mt-1 text-sm wrap-anywhere whitespace-pre-wrap">
        {passage.sentences.map((sentence) => sentence.text).join(' ')}
      </p>
      <ul className="mt-2 flex flex-wrap gap-2" aria-label="How it was found">
        {passage.legs?.map((place) => (
          <Leg key={place.leg} place={place} />
        ))}
      </ul>
    </li>
  );
}

function Leg({ place: { leg, rank, score } }: { readonly place: LegPlace }) {
  return (
    <li
      title={LEGS[leg].score}
      className="rounded-full bg-muted px-2 py-0.5 text-xs text-muted-foreground tabular-nums"
    >
      {LEGS[leg].name}: {rank === undefined ? 'not among its own' : `rank ${rank}`},{' '}
      {score.toFixed(3)}
    </li>
  );
}
