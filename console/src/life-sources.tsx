import type { EvidenceSentence, Passage } from '../../src/core/evidence.ts';
import { passageHref } from './cited-place.ts';
import { formatAge, formatPlace, formatShare } from './format.ts';
import { LifeStep } from './life-step.tsx';
import { PlaceLink } from './place-link.tsx';
import { eventsOf, momentOf, type Turn } from './turn.ts';

export function LifeSources({ turn }: { readonly turn: Turn }) {
  const sources = eventsOf(turn, 'source-found');
  if (sources.length === 0) return null;
  const cited = new Set(turn.citations.map((citation) => citation.sentence.number));
  const isUsed = (passage: Passage) => passage.sentences.some((one) => cited.has(one.number));
  const passages = sources.map((source) => source.passage);
  const used = passages.filter(isUsed);
  const others = passages.filter((passage) => !isUsed(passage));
  return (
    <LifeStep
      title="Sources"
      hint="Passages of your documents that fit the question. The answer stands on the marked sentences."
      at={momentOf(turn, 'source-found')}
    >
      <div data-testid="sources">
        <Passages passages={used.length > 0 ? used : passages} cited={cited} />
        {used.length > 0 && others.length > 0 && (
          <details className="mt-3">
            <summary className="text-muted-foreground hover:text-primary">
              {others.length} more found, but not used
            </summary>
            <div className="mt-2">
              <Passages passages={others} cited={cited} />
            </div>
          </details>
        )}
      </div>
    </LifeStep>
  );
}

function Passages({
  passages,
  cited,
}: {
  readonly passages: readonly Passage[];
  readonly cited: ReadonlySet<number>;
}) {
  return (
    <div className="space-y-3">
      {passages.map((passage) => {
        const first = passage.sentences[0];
        return (
          <div key={passage.chunkId}>
            <p className="flex justify-between gap-2">
              <PlaceLink
                href={passageHref(passage) ?? '/documents'}
                className="min-w-0 font-medium text-primary wrap-anywhere hover:underline"
              >
                {first && formatPlace(first)}
              </PlaceLink>
              <span
                className="shrink-0 text-muted-foreground tabular-nums"
                title="How well the passage fits, by words and by meaning"
              >
                fits {formatShare(passage.score)}
              </span>
            </p>
            <p className="text-xs text-muted-foreground">
              {[
                ...(first?.headings.length ? [first.headings.join(' › ')] : []),
                ...(first?.modifiedAt === undefined
                  ? []
                  : [`version ${first.documentVersion}, changed ${formatAge(first.modifiedAt)}`]),
              ].join(' · ')}
            </p>
            <p className="mt-1">
              {passage.sentences.map((sentence) => (
                <Sentence
                  key={sentence.number}
                  sentence={sentence}
                  cited={cited.has(sentence.number)}
                />
              ))}
            </p>
          </div>
        );
      })}
    </div>
  );
}

function Sentence({
  sentence,
  cited,
}: {
  readonly sentence: EvidenceSentence;
  readonly cited: boolean;
}) {
  const number = <sup className="mr-0.5 text-[0.65rem]">{sentence.number}</sup>;
  if (!cited)
    return (
      <span className="text-muted-foreground">
        {number}
        {sentence.text}{' '}
      </span>
    );
  return (
    <mark
      data-sentence={sentence.number}
      className="rounded bg-marked box-decoration-clone px-0.5 text-marked-foreground"
    >
      {number}
      {sentence.text}{' '}
    </mark>
  );
}
