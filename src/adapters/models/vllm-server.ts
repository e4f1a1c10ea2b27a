import type { ModelServer, ServedModel } from '../../core/model-server.ts';
import type { CallOptions } from '../../core/ports.ts';
import { asCount, asObjects, asText, type Fields } from './remote-answer.ts';
import {
  cannot,
  isUnknown,
  noSuchModel,
  ServerClient,
  type ServerClientOptions,
} from './server-client.ts';

/** Nobody who leaves takes a load from those who wait for it too; one that hangs ends then. */
const READY_MS = 300_000;

const NO_SLEEP =
  'starts with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1 where its model is to give way';
const NO_ADAPTERS =
  'starts with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True where adapters are to come';

/**
 * The models of a vLLM server: one base, which sleeps (level 1: weights go to the main memory) and
 * wakes up, and the LoRA adapters that the destination's `adapters` names, each a model of its own name
 * (vllm/entrypoints/serve/lora and …/dev/sleep of vllm-project/vllm).
 */
export class VllmServer implements ModelServer {
  readonly #client: ServerClient;
  readonly #adapters: Readonly<Record<string, string>>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #loaded = new Set<string>();
  /** Undefined = not asked yet, or since something failed. */
  #isAwake: boolean | undefined;

  constructor(options: ServerClientOptions) {
    this.#client = new ServerClient(options);
    this.#adapters = options.destination.adapters;
  }

  async doList(call: CallOptions): Promise<readonly ServedModel[]> {
    const [listed, isAsleep] = await Promise.all([this.#listed(call), this.#isAsleep(call)]);
    this.#isAwake = !isAsleep;
    const here = listed.map((one): ServedModel => {
      const contextLength = asCount(one['max_model_len']);
      const parent = asText(one['parent']);
      return {
        id: asText(one['id']) ?? '',
        state: isAsleep ? 'sleeping' : 'resident',
        ...(contextLength === undefined ? {} : { contextLength }),
        ...(parent === undefined ? {} : { adapterOf: parent }),
      };
    });
    const known = new Set(here.map(({ id }) => id));
    const base = here.find(({ adapterOf }) => adapterOf === undefined);
    const absent = Object.keys(this.#adapters).filter((id) => !known.has(id));
    return [
      ...here,
      ...absent.map(
        (id): ServedModel => ({ id, state: 'out', ...(base ? { adapterOf: base.id } : {}) }),
      ),
    ];
  }

  async doLoad(id: string, { pin, signal }: CallOptions & { readonly pin: boolean }) {
    const call = { signal };
    if (pin) throw cannot(`${this.#client.name} cannot be told to keep a model in memory`);
    if (!(await this.doList(call)).some((one) => one.id === id))
      throw noSuchModel(this.#client.name, id);
    await this.doReady(id, call);
  }

  async doUnload(id: string, call: CallOptions): Promise<boolean> {
    const found = (await this.doList(call)).find((one) => one.id === id);
    if (found === undefined) throw noSuchModel(this.#client.name, id);
    if (found.state !== 'resident') return false;
    if (found.adapterOf !== undefined) {
      this.#loaded.delete(id);
      await this.#order('/v1/unload_lora_adapter', { lora_name: id }, NO_ADAPTERS, call);
      return true;
    }
    this.#isAwake = false;
    // Requests that run are waited for; by itself it would cut them.
    await this.#order('/sleep?level=1&mode=wait', undefined, NO_SLEEP, call);
    // A request that looked meanwhile found it awake.
    this.#isAwake = false;
    return true;
  }

  /**
   * Resolves when the model can be asked: its server is awake, an adapter is loaded. Who asks meanwhile
   * waits for the same.
   */
  async doReady(id: string, { signal }: CallOptions): Promise<void> {
    signal.throwIfAborted();
    if (this.#isAwake !== true) await this.#once('', signal, (call) => this.#wake(call));
    const path = this.isAdapter(id) ? this.#adapters[id] : undefined;
    if (path === undefined || this.#loaded.has(id)) return;
    await this.#once(id, signal, (call) => this.#loadAdapter(id, path, call));
  }

  /** What was known of the model is not so any more: it is looked at again before the next request. */
  forget(id: string): void {
    this.#loaded.delete(id);
    this.#isAwake = undefined;
  }

  isAdapter(id: string): boolean {
    return Object.hasOwn(this.#adapters, id);
  }

  async #wake(call: CallOptions): Promise<void> {
    if (await this.#isAsleep(call)) await this.#order('/wake_up', undefined, NO_SLEEP, call);
    this.#isAwake = true;
  }

  async #loadAdapter(id: string, path: string, call: CallOptions): Promise<void> {
    const listed = await this.#listed(call);
    const body = { lora_name: id, lora_path: path };
    if (!listed.some((one) => one['id'] === id))
      await this.#order('/v1/load_lora_adapter', body, NO_ADAPTERS, call).catch(
        (error: unknown) => {
          // Another farm was quicker.
          if (!String(error).includes('already been loaded')) throw error;
        },
      );
    this.#loaded.add(id);
  }

  async #listed(call: CallOptions): Promise<readonly Fields[]> {
    return asObjects((await this.#client.get('/v1/models', call))['data']);
  }

  /** A server that knows no sleep is awake. */
  async #isAsleep(call: CallOptions): Promise<boolean> {
    try {
      return (await this.#client.get('/is_sleeping', call))['is_sleeping'] === true;
    } catch (error) {
      if (isUnknown(error)) return false;
      throw error;
    }
  }

  async #order(path: string, body: object | undefined, missing: string, call: CallOptions) {
    try {
      await this.#client.post(path, body, call);
    } catch (error) {
      // The path itself is not there; a model or file that is not has words of its own.
      if (isUnknown(error) && / 404: Not Found;/.test(String(error)))
        throw cannot(`${this.#client.name} cannot do that: vLLM ${missing}`);
      throw error;
    }
  }

  /** Runs the work once for all who ask meanwhile; who gives up leaves it running for the others. */
  async #once(
    name: string,
    signal: AbortSignal,
    work: (call: CallOptions) => Promise<void>,
  ): Promise<void> {
    const run =
      this.#running.get(name) ??
      work({ signal: AbortSignal.timeout(READY_MS) }).finally(() => this.#running.delete(name));
    this.#running.set(name, run);
    await Promise.race([run, aborted(signal)]);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
