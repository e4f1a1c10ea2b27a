import type { ModelServer, ServedModel } from '../../core/model-server.ts';
import type { CallOptions } from '../../core/ports.ts';
import { asCount, asObjects, asText, type Fields } from './remote-answer.ts';
import { isUnknown, noSuchModel, ServerClient, type ServerClientOptions } from './server-client.ts';

/** `keep_alive` of a model that stays until it is unloaded. */
const FOREVER = -1;

/**
 * The models of an Ollama server: `/api/tags` tells those on its disk, `/api/ps` those in memory; a
 * prompt without words loads, `keep_alive` 0 unloads (ollama/docs/api.md).
 */
export function createOllamaServer(options: ServerClientOptions): ModelServer {
  const client = new ServerClient(options);
  const { keepSeconds } = options.destination;
  const resident = async (call: CallOptions) =>
    new Map(modelsOf(await client.get('/api/ps', call)).map((one) => [nameOf(one), one]));
  const touch = async (model: string, keepAlive: number | undefined, call: CallOptions) => {
    const keep = keepAlive === undefined ? {} : { keep_alive: keepAlive };
    await client.post('/api/generate', { model, stream: false, ...keep }, call);
  };
  return {
    async doList(call) {
      const [all, inMemory] = await Promise.all([client.get('/api/tags', call), resident(call)]);
      return modelsOf(all).map((one): ServedModel => {
        const held = inMemory.get(nameOf(one));
        return { id: nameOf(one), state: held ? 'resident' : 'out', ...(held ? sizeOf(held) : {}) };
      });
    },
    async doLoad(id, { pin, signal }) {
      await touch(id, pin ? FOREVER : keepSeconds, { signal }).catch((error: unknown) => {
        throw isUnknown(error) ? noSuchModel(client.name, id) : error;
      });
    },
    async doUnload(id, call) {
      if (!(await resident(call)).has(withTag(id))) return false;
      await touch(id, 0, call);
      return true;
    },
  };
}

function modelsOf(answer: Fields): readonly Fields[] {
  return asObjects(answer['models']);
}

function nameOf(model: Fields): string {
  return asText(model['model']) ?? asText(model['name']) ?? '';
}

/** Ollama's own rule: a name without a tag means `latest`. */
function withTag(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).includes(':') ? id : `${id}:latest`;
}

function sizeOf(held: Fields): Partial<ServedModel> {
  const memoryBytes = asCount(held['size']);
  const contextLength = asCount(held['context_length']);
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(contextLength === undefined ? {} : { contextLength }),
  };
}
