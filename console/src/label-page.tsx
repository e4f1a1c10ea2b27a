import { useQuery } from '@tanstack/react-query';
import { FailureNote } from './failure-note.tsx';
import { LabelTurns } from './label-turns.tsx';
import { PageFrame } from './page-frame.tsx';
import { PlaceLink } from './place-link.tsx';
import { loadLabelQueue } from './specialists-api.ts';

/** The kept requests whose label a person should give a specialist, one after the other. */
export function LabelPage({ name }: { readonly name: string }) {
  const {
    data: queue,
    error,
    isFetching,
    refetch,
  } = useQuery({
    queryKey: ['label-queue', name],
    queryFn: () => loadLabelQueue(name),
    // A queue stays as it is until its rows are done.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  return (
    <PageFrame
      title={`Label for ${name}`}
      about="Requests on which the specialist is unsure, or what is known of them does not agree. What you say outranks all else at the next training from traffic."
      back={
        <PlaceLink href="/specialists" className="text-sm text-muted-foreground hover:underline">
          ← Specialists
        </PlaceLink>
      }
      isNarrow
    >
      <FailureNote error={error} />
      {isFetching && (
        <p className="text-muted-foreground">Looking for the rows that teach most …</p>
      )}
      {queue && !isFetching && (
        <LabelTurns name={name} queue={queue} onMore={() => void refetch()} />
      )}
    </PageFrame>
  );
}
