import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ServedModel, ServerStatus } from '../../src/core/model-server.ts';
import { messageOf } from './api.ts';
import { loadServers, moveServedModel } from './farm-api.ts';
import { formatBytes } from './format.ts';
import { InlineCode } from './inline-code.tsx';

const REFRESH_MS = 5_000;

/** Ollama, llama-server and vLLM: what each has in memory. Nothing is shown where none is configured. */
export function ServerList() {
  const { data } = useQuery({
    queryKey: ['servers'],
    queryFn: loadServers,
    refetchInterval: REFRESH_MS,
    // Only operators may look; who may not sees no list.
    retry: false,
  });
  if (data === undefined || data.length === 0) return null;
  return (
    <section aria-label="Servers" className="space-y-3" data-testid="servers">
      <h2 className="font-semibold">Elsewhere</h2>
      {data.map((server) => (
        <Server key={server.id} server={server} />
      ))}
    </section>
  );
}

function Server({ server }: { readonly server: ServerStatus }) {
  const { id, kind, models, problem } = server;
  return (
    <div className="rounded-lg border border-border bg-card px-4 py-3">
      <h3 className="text-sm font-medium">
        {id} <span className="font-normal text-muted-foreground">{kind}</span>
      </h3>
      {problem !== undefined && (
        <p role="alert" className="mt-1 text-sm text-bad">
          <InlineCode text={problem} />
        </p>
      )}
      <ul className="mt-2 space-y-1">
        {models.map((model) => (
          <Model key={model.id} model={model} />
        ))}
      </ul>
    </div>
  );
}

function Model({ model }: { readonly model: ServedModel }) {
  const { id, state, memoryBytes, adapterOf } = model;
  const client = useQueryClient();
  const isHere = state === 'resident';
  const move = useMutation({
    mutationFn: () => moveServedModel(id, isHere ? 'unload' : 'load'),
    onSettled: () => client.invalidateQueries({ queryKey: ['servers'] }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 text-sm">
      <span className="min-w-0 font-mono break-all">{id}</span>
      <span className="text-muted-foreground">
        {state}
        {memoryBytes === undefined ? '' : `, ${formatBytes(memoryBytes)}`}
        {adapterOf === undefined ? '' : `, adapter of ${adapterOf}`}
      </span>
      <button
        type="button"
        disabled={move.isPending || state === 'loading'}
        onClick={() => move.mutate()}
        className="ml-auto rounded-md border border-input px-2 py-0.5 enabled:hover:border-primary disabled:opacity-60"
      >
        {isHere ? 'Unload' : 'Load'}
      </button>
      {move.error && (
        <p role="alert" className="w-full text-bad">
          <InlineCode text={messageOf(move.error)} />
        </p>
      )}
    </li>
  );
}
