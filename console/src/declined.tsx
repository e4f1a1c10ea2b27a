import type { Abstention } from '../../src/core/evidence.ts';
import { passageHref } from './cited-place.ts';
import { formatPlace } from './format.ts';
import { PlaceLink } from './place-link.tsx';

/** An answer declined, with the passages that came nearest. */
export function Declined({ abstention }: { readonly abstention: Abstention }) {
  return (
    <div
      className="mt-2 rounded-lg border border-border bg-caution-soft p-3 text-sm"
      data-testid="declined"
    >
      <p className="font-medium text-caution">No answer, rather than a guess</p>
      <p className="mt-1">Reason: {abstention.reason}.</p>
      {abstention.nearest.length > 0 && (
        <>
          <p className="mt-3 text-xs text-muted-foreground">
            The passages that came nearest to the question:
          </p>
          <ul className="mt-1 space-y-1.5">
            {abstention.nearest.map((passage) => (
              <li key={passage.chunkId}>
                <PlaceLink
                  href={passageHref(passage) ?? '/documents'}
                  className="font-medium hover:underline"
                >
                  {passage.sentences[0] && formatPlace(passage.sentences[0])}
                </PlaceLink>{' '}
                <span className="line-clamp-2 text-muted-foreground">
                  {passage.sentences.map((sentence) => sentence.text).join(' ')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
