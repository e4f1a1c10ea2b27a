import { setTimeout as pause } from 'node:timers/promises';
import { CadreError } from '../../core/errors.ts';
import type { ModelServer, ServedModel, ServedState } from '../../core/model-server.ts';
import type { CallOptions } from '../../core/ports.ts';
import { asCount, asFields, asObjects, asText, type Fields } from './remote-answer.ts';
import {
  cannot,
  isUnknown,
  noSuchModel,
  ServerClient,
  type ServerClientOptions,
} from './server-client.ts';

/** How often a model that is being loaded is looked at. */
const LOOK_MS = 100;

const STATES: Readonly<Record<string, ServedState>> = {
  loaded: 'resident',
  loading: 'loading',
  downloading: 'loading',
  sleeping: 'sleeping',
  unloaded: 'out',
};

/**
 * The models of a llama-server: of one that was started without a model (router mode) all that it
 * could load, which it loads and unloads; of another the one that it was started with
 * (tools/server/README.md of ggml-org/llama.cpp). Bytes are those of the weights.
 */
export function createLlamaServer(options: ServerClientOptions): ModelServer {
  const client = new ServerClient(options);
  const doList = async (call: CallOptions) => {
    const all = asObjects((await client.get('/models', call))['data']);
    // A server of one model tells of itself whether it sleeps; being asked this does not wake it.
    const isAlone = all.some((one) => one['status'] === undefined);
    const isAsleep = isAlone && (await client.get('/props', call))['is_sleeping'] === true;
    return all.map((one) => read(one, isAsleep));
  };
  const find = async (id: string, call: CallOptions) => {
    const found = (await doList(call)).find((one) => one.id === id);
    if (found === undefined) throw noSuchModel(client.name, id);
    return found;
  };
  const order = async (deed: 'load' | 'unload', id: string, call: CallOptions) => {
    await client.post(`/models/${deed}`, { model: id }, call).catch((error: unknown) => {
      if (!isUnknown(error)) throw error;
      throw cannot(
        `${client.name} serves the model that it was started with; a llama-server that is started without one (router mode) loads and unloads`,
      );
    });
  };
  /** Looks until the model has left `state`, and returns where it is then. */
  const past = async (state: ServedState, id: string, call: CallOptions) => {
    for (;;) {
      const now = await find(id, call);
      if (now.state !== state) return now;
      await pause(LOOK_MS, undefined, call);
    }
  };
  return {
    doList,
    async doLoad(id, { pin, signal }) {
      if (pin) throw cannot(`${client.name} cannot be told to keep a model in memory`);
      const { state } = await find(id, { signal });
      if (state === 'resident') return;
      // It wakes up for any work; the least is to count the tokens of nothing.
      if (state === 'sleeping')
        return void (await client.post('/tokenize', { model: id, content: '' }, { signal }));
      if (state !== 'loading') await order('load', id, { signal });
      const now = await past('loading', id, { signal });
      if (now.state === 'resident') return;
      throw new CadreError('model_unavailable', `${client.name} could not load “${id}”`);
    },
    async doUnload(id, call) {
      const { state } = await find(id, call);
      if (state === 'out' || state === 'failed') return false;
      await order('unload', id, call);
      await past(state, id, call);
      return true;
    },
  };
}

function read(model: Fields, isAsleep: boolean): ServedModel {
  const status = asFields(model['status']);
  const meta = asFields(model['meta']);
  const memoryBytes = asCount(meta?.['size']);
  const contextLength = asCount(meta?.['n_ctx']) ?? asCount(meta?.['n_ctx_train']);
  const state = isAsleep ? 'sleeping' : stateOf(status, meta);
  return {
    id: asText(model['id']) ?? '',
    state,
    ...(memoryBytes === undefined || state !== 'resident' ? {} : { memoryBytes }),
    ...(contextLength === undefined ? {} : { contextLength }),
  };
}

/** A server of one model tells no status, and nothing of the model before it is loaded. */
function stateOf(status: Fields | undefined, meta: Fields | undefined): ServedState {
  if (status === undefined) return meta === undefined ? 'loading' : 'resident';
  if (status['failed'] === true) return 'failed';
  return STATES[asText(status['value']) ?? ''] ?? 'out';
}
