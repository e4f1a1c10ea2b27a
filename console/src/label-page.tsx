import { useQuery } from '@tanstack/react-query';
import { messageOf } from './api.ts';
import { InlineCode } from './inline-code.tsx';
import { LabelTurns } from './label-turns.tsx';
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
    <div className="h-full overflow-y-auto px-4 py-6 sm:px-6">
      <div className="mx-auto max-w-3xl space-y-6">
        <div>
          <PlaceLink href="/specialists" className="text-sm text-muted-foreground hover:underline">
            ← Specialists
          </PlaceLink>
          <h1 className="mt-2 text-xl font-semibold wrap-anywhere">Label for {name}</h1>
          <p className="mt-1 text-sm text-pretty text-muted-foreground">
            Requests on which the specialist is unsure, or what is known of them does not agree.
            What you say outranks all else at the next training from traffic.
          </p>
        </div>
        {error && (
          <p role="alert" className="rounded-lg bg-bad-soft px-4 py-2 text-sm text-bad">
            <InlineCode text={messageOf(error)} />
          </p>
        )}
        {isFetching && (
          <p className="text-muted-foreground">Looking for the rows that teach most …</p>
        )}
        {queue && !isFetching && (
          <LabelTurns name={name} queue={queue} onMore={() => void refetch()} />
        )}
      </div>
    </div>
  );
}
