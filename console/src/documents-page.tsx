import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CollectionCard } from './collection-card.tsx';
import { DocumentList } from './document-list.tsx';
import { FailureNote } from './failure-note.tsx';
import { IndexForm } from './index-form.tsx';
import { loadCollections } from './knowledge-api.ts';
import type { Place } from './page.ts';
import { PageFrame } from './page-frame.tsx';
import { Reader } from './reader.tsx';

const REFRESH_MS = 5000;

interface Props {
  readonly place: Place;
  /** May index and drop. */
  readonly isOperator: boolean;
}

/** What the farm knows: its collections, their documents, and one of these opened. */
export function DocumentsPage({ place, isOperator }: Props) {
  const { collection, document } = place;
  if (collection !== undefined && document !== undefined)
    return <Reader key={document} place={place} collection={collection} id={document} />;
  return <Collections isOperator={isOperator} selected={collection} />;
}

function Collections({
  isOperator,
  selected,
}: {
  readonly isOperator: boolean;
  readonly selected: string | undefined;
}) {
  const client = useQueryClient();
  const { data: collections, error } = useQuery({
    queryKey: ['collections'],
    queryFn: loadCollections,
    refetchInterval: REFRESH_MS,
  });
  const refresh = () => void client.invalidateQueries({ queryKey: ['collections'] });
  const shown = collections?.find((one) => one.name === selected);
  return (
    <PageFrame
      title="Documents"
      about="What the farm answers from. A collection follows its sources: a changed document is read again, a deleted one is never cited again, and what cannot be read is listed with the reason and tried again."
    >
      <FailureNote error={error} />
      {!collections && !error && <p className="text-muted-foreground">Looking …</p>}
      {collections?.length === 0 && (
        <p className="text-muted-foreground">No collection that you may read yet.</p>
      )}
      {collections && collections.length > 0 && (
        <ul className="grid gap-3 lg:grid-cols-2" aria-label="Collections">
          {collections.map((one) => (
            <CollectionCard
              key={one.name}
              collection={one}
              isSelected={one.name === selected}
              isOperator={isOperator}
              onDropped={refresh}
            />
          ))}
        </ul>
      )}
      {isOperator && <IndexForm onIndexed={refresh} />}
      {shown && <DocumentList collection={shown.name} />}
      {collections && selected !== undefined && shown === undefined && (
        <p role="alert" className="text-sm text-caution">
          There is no collection “{selected}” that you may read.
        </p>
      )}
    </PageFrame>
  );
}
