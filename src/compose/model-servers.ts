import type { Egress } from '../adapters/egress/egress.ts';
import { createLlamaServer } from '../adapters/models/llama-server.ts';
import { createOllamaServer } from '../adapters/models/ollama-server.ts';
import type { ServerClientOptions } from '../adapters/models/server-client.ts';
import { VllmServer } from '../adapters/models/vllm-server.ts';
import type { DestinationConfig } from '../core/config.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { FleetControl } from '../core/fleet-control.ts';
import type { ModelServer, ServerStatus } from '../core/model-server.ts';
import type { CallOptions } from '../core/ports.ts';
import type { PermitOffice } from '../policy/permits.ts';
import type { Settings } from './settings.ts';

/** A server that has not told its models by then is shown without them. */
const LIST_MS = 5000;
/** Characters of a model’s name; a longer one could not be asked for, and fills every table. */
const MOST_NAME = 500;
/** A load and all that it waits for. */
const DEED_MS = 300_000;

/** The configured servers that hold models of their own. */
export interface ModelServers {
  /** The vLLM server of a destination; what is known of it is shared by all who use it. */
  vllm(destination: string): VllmServer;
  /** The server of `DESTINATION/MODEL` and the model's name there; undefined for a model of this farm. */
  find(id: string): { readonly server: ModelServer; readonly model: string } | undefined;
  statuses(options: CallOptions): Promise<readonly ServerStatus[]>;
}

/** The key of a destination. Throws `config_invalid` where its variable is not set. */
export function keyOf(
  { id, keyEnv }: DestinationConfig,
  environment: Settings['environment'],
): string | undefined {
  const key = keyEnv === undefined ? undefined : environment[keyEnv];
  if (keyEnv !== undefined && !key)
    throw new CadreError(
      'config_invalid',
      `destination ${id} wants its key in ${keyEnv}, which is not set`,
      { param: 'destinations', fault: 'unauthorized' },
    );
  return key;
}

const SERVERS: Readonly<
  Partial<Record<DestinationConfig['kind'], (options: ServerClientOptions) => ModelServer>>
> = { ollama: createOllamaServer, 'llama-server': createLlamaServer };

export function composeModelServers(parts: {
  readonly settings: Settings;
  readonly egress: Egress;
  readonly permits: PermitOffice;
}): ModelServers {
  const { settings, egress, permits } = parts;
  const { destinations } = settings.config;
  const made = new Map<string, ModelServer>();
  const clientOf = (destination: DestinationConfig): ServerClientOptions => ({
    destination,
    key: keyOf(destination, settings.environment),
    egress,
    permit: () =>
      permits.issue({
        destination: `models:${destination.id}`,
        label: 'public',
        requestId: `models:${destination.id}`,
        budget: 0,
        ttlMs: DEED_MS,
      }),
  });
  const serverOf = (destination: DestinationConfig): ModelServer | undefined => {
    const known = made.get(destination.id);
    if (known !== undefined) return known;
    const create = SERVERS[destination.kind];
    const isVllm = destination.kind === 'vllm';
    if (create === undefined && !isVllm) return undefined;
    const client = clientOf(destination);
    const server = create === undefined ? new VllmServer(client) : create(client);
    made.set(destination.id, server);
    return server;
  };
  const holding = destinations.filter(({ kind }) => kind === 'vllm' || SERVERS[kind] !== undefined);
  return {
    vllm(id) {
      const destination = holding.find((one) => one.id === id);
      const server = destination === undefined ? undefined : serverOf(destination);
      if (server instanceof VllmServer) return server;
      throw new CadreError('internal', `${id} is no vLLM server`);
    },
    find(id) {
      const slash = id.indexOf('/');
      const destination = holding.find((one) => one.id === id.slice(0, Math.max(0, slash)));
      const server = destination === undefined ? undefined : serverOf(destination);
      return server === undefined ? undefined : { server, model: id.slice(slash + 1) };
    },
    statuses: ({ signal }) =>
      Promise.all(holding.map((one) => statusOf(one, () => serverOf(one), signal))),
  };
}

async function statusOf(
  { id, kind }: DestinationConfig,
  open: () => ModelServer | undefined,
  caller: AbortSignal,
): Promise<ServerStatus> {
  const signal = AbortSignal.any([caller, AbortSignal.timeout(LIST_MS)]);
  try {
    const models = (await open()?.doList({ signal })) ?? [];
    const named = models.filter((one) => one.id !== '' && one.id.length <= MOST_NAME);
    return { id, kind, models: named.map((one) => ({ ...one, id: `${id}/${one.id}` })) };
  } catch (error) {
    caller.throwIfAborted();
    return { id, kind, models: [], problem: toCadreError(error).message };
  }
}

/** What a person can have done to models, here and in servers of their own. */
export function composeFleetControl(
  models: Omit<FleetControl, 'servers'>,
  servers: () => ModelServers,
): FleetControl {
  return {
    servers: (options) => servers().statuses(options),
    async load(id, options) {
      const there = servers().find(id);
      await (there === undefined
        ? models.load(id, options)
        : there.server.doLoad(there.model, options));
    },
    unload(id) {
      const there = servers().find(id);
      if (there === undefined) return models.unload(id);
      return there.server.doUnload(there.model, { signal: AbortSignal.timeout(DEED_MS) });
    },
    unpin(id) {
      if (servers().find(id) === undefined) return models.unpin(id);
      throw new CadreError('invalid_request', `\`${id}\` gives way when it is unloaded`, {
        param: 'id',
      });
    },
  };
}
