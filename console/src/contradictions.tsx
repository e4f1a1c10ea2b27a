import { sentenceHref } from './cited-place.ts';
import { formatMoment, formatPlace } from './format.ts';
import { PlaceLink } from './place-link.tsx';
import { eventOf, type Turn } from './turn.ts';

/** Sources of the answer that cannot both hold, with their dates. */
export function Contradictions({ turn }: { readonly turn: Turn }) {
  const contradictions = eventOf(turn, 'sources-differ')?.contradictions ?? [];
  if (contradictions.length === 0) return null;
  return (
    <div
      className="mt-3 rounded-lg border border-border bg-caution-soft p-3 text-sm"
      data-testid="contradictions"
    >
      <p className="font-medium text-caution">Your documents contradict each other</p>
      <ul className="mt-1 space-y-2">
        {contradictions.map(({ sentences }) => (
          <li key={sentences.map((one) => one.number).join(' ')}>
            {sentences.map((sentence) => (
              <PlaceLink
                key={sentence.number}
                href={sentenceHref(sentence)}
                className="block hover:underline"
              >
                <span className="font-medium">{formatPlace(sentence)}</span>
                {sentence.modifiedAt !== undefined && `, ${formatMoment(sentence.modifiedAt)}`}:{' '}
                <span className="text-muted-foreground">“{sentence.text.trim()}”</span>
              </PlaceLink>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}
