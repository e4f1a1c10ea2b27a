import type { ServerResponse } from 'node:http';
import type { DestinationConfig } from '../../src/core/config.ts';
import { sendAnswer, startVendor, type Vendor, type VendorRequest } from '../fixtures/vendor.ts';

/** A scripted server of models that keeps account of what it has in memory. */
export interface ServerDouble {
  readonly vendor: Vendor;
  /** Names of what it has in memory. */
  readonly held: Set<string>;
}

export interface ServerKind {
  readonly destination: Partial<DestinationConfig>;
  /** A model that it can load and unload. */
  readonly model: string;
  /** Bytes that it tells of it when it is loaded. */
  readonly bytes: number | undefined;
  start(): Promise<ServerDouble>;
}

type Answer = readonly [status: number, body: unknown];
type Routes = (request: VendorRequest, body: Record<string, unknown>) => Answer | 'chat';

const NOT_FOUND: Answer = [404, { error: { code: 404, message: 'Not Found' } }];

async function serve(
  routes: Routes,
  chat: (response: ServerResponse, model: unknown) => void = () => undefined,
): Promise<Vendor> {
  return startVendor((request, response) => {
    const body = request.body === '' ? {} : JSON.parse(request.body);
    const answer = routes(request, body);
    if (answer === 'chat') return chat(response, body.model);
    const [status, said] = answer;
    sendAnswer(response, status, typeof said === 'string' ? said : JSON.stringify(said));
  });
}

/** Ollama: what is on its disk and what is in memory are asked apart; names carry a tag. */
export const OLLAMA_SERVER: ServerKind = {
  destination: { kind: 'ollama' },
  model: 'tiny:latest',
  bytes: 5_137_025_024,
  async start() {
    const held = new Set<string>();
    const disk = ['tiny:latest', 'large:70b'];
    const entry = (name: string) => ({ name, model: name, size: 3e9, details: {} });
    const vendor = await serve(({ method, path }, body) => {
      const route = `${method} ${path}`;
      if (route === 'GET /api/tags') return [200, { models: disk.map(entry) }];
      if (route === 'GET /api/ps') {
        const models = [...held].map((name) => ({
          ...entry(name),
          size: 5_137_025_024,
          size_vram: 5_137_025_024,
          context_length: 4096,
          expires_at: '2026-01-01T00:05:00Z',
        }));
        return [200, { models }];
      }
      if (route !== 'POST /api/generate') return [404, '404 page not found'];
      const asked = String(body['model']);
      const name = asked.includes(':') ? asked : `${asked}:latest`;
      if (!disk.includes(name)) return [404, { error: `model '${asked}' not found` }];
      const isOver = body['keep_alive'] === 0;
      if (isOver) held.delete(name);
      else held.add(name);
      return [
        200,
        { model: asked, response: '', done: true, done_reason: isOver ? 'unload' : 'load' },
      ];
    });
    return { vendor, held };
  },
};

/** llama-server as a router: a load is answered at once and takes its time. */
export const ROUTER: ServerKind = {
  destination: { kind: 'llama-server' },
  model: 'ggml-org/tiny-GGUF:Q8_0',
  bytes: 4_912_898_304,
  async start() {
    const held = new Set<string>();
    const states = new Map([
      ['ggml-org/tiny-GGUF:Q8_0', 'unloaded'],
      ['broken', 'unloaded'],
    ]);
    /** What a model becomes when it was looked at once more. */
    const next: Record<string, string> = { loading: 'loaded', unloading: 'unloaded' };
    const look = (id: string, state: string) => {
      const shown = state === 'unloading' ? 'loaded' : state;
      const becomes = id === 'broken' && state === 'loading' ? 'failed' : (next[state] ?? state);
      states.set(id, becomes);
      if (becomes === 'loaded') held.add(id);
      else if (becomes !== 'loading') held.delete(id);
      return {
        id,
        object: 'model',
        status:
          state === 'failed'
            ? { value: 'unloaded', failed: true, exit_code: 1 }
            : { value: shown, args: ['llama-server'] },
        ...(shown === 'loaded' ? { meta: { size: 4_912_898_304, n_ctx_train: 8192 } } : {}),
      };
    };
    const refused = (code: number, message: string, type = 'invalid_request_error'): Answer => [
      code,
      { error: { code, message, type } },
    ];
    const vendor = await serve(({ method, path }, body) => {
      const route = `${method} ${path}`;
      if (route === 'GET /models')
        return [200, { object: 'list', data: [...states].map(([id, state]) => look(id, state)) }];
      const id = String(body['model']);
      const state = states.get(id);
      if (route === 'POST /models/load') {
        if (state === undefined) return refused(404, 'model is not found', 'not_found_error');
        if (state === 'loaded') return refused(400, 'model is already running');
        states.set(id, 'loading');
        return [200, { success: true }];
      }
      if (route !== 'POST /models/unload') return NOT_FOUND;
      if (state !== 'loaded') return refused(400, 'model is not running');
      states.set(id, 'unloading');
      return [200, { success: true }];
    });
    return { vendor, held };
  },
};

export interface VllmDouble extends ServerDouble {
  readonly loads: string[];
  isAsleep: boolean;
}

/** vLLM: one base that sleeps, adapters that come and go; `chat` answers /v1/chat/completions. */
export async function startVllm(
  options: {
    readonly canSleep?: boolean;
    readonly canLoad?: boolean;
    readonly chat?: (response: ServerResponse, model: unknown) => void;
  } = {},
): Promise<VllmDouble> {
  const { canSleep = true, canLoad = true } = options;
  const held = new Set<string>();
  const loads: string[] = [];
  const missing: Answer = [404, { detail: 'Not Found' }];
  const failed = (code: number, message: string, type: string): Answer => [
    code,
    { error: { message, type, param: null, code } },
  ];
  const card = (id: string, parent: string | null) => ({
    id,
    object: 'model',
    owned_by: 'vllm',
    root: id,
    parent,
    max_model_len: 8192,
  });
  const orders: Record<string, (body: Record<string, unknown>) => Answer> = {
    'GET /v1/models': () => [
      200,
      { object: 'list', data: [card('base', null), ...[...held].map((id) => card(id, 'base'))] },
    ],
    ...(canSleep
      ? {
          'GET /is_sleeping': () => [200, { is_sleeping: double.isAsleep }],
          'POST /sleep?level=1&mode=wait': () => {
            double.isAsleep = true;
            return [200, ''];
          },
          'POST /wake_up': () => {
            double.isAsleep = false;
            return [200, ''];
          },
        }
      : {}),
    ...(canLoad
      ? {
          'POST /v1/load_lora_adapter': ({ lora_name: name, lora_path: path }) => {
            loads.push(`${name} from ${path}`);
            if (path === '/nowhere')
              return failed(404, 'No adapter found for /nowhere', 'NotFoundError');
            if (held.has(`${name}`))
              return failed(
                400,
                `The lora adapter '${name}' has already been loaded.`,
                'InvalidUserInput',
              );
            held.add(`${name}`);
            return [200, `Success: LoRA adapter '${name}' added successfully.`];
          },
          'POST /v1/unload_lora_adapter': ({ lora_name: name }) => {
            held.delete(`${name}`);
            return [200, `Success: LoRA adapter '${name}' removed successfully.`];
          },
        }
      : {}),
  };
  const vendor = await serve(({ method, path }, body) => {
    if (path === '/v1/chat/completions') {
      const { model } = body;
      if (model === 'base' || held.has(`${model}`)) return 'chat';
      return failed(404, `The model \`${model}\` does not exist.`, 'NotFoundError');
    }
    return orders[`${method} ${path}`]?.(body) ?? missing;
  }, options.chat);
  const double: VllmDouble = { vendor, held, loads, isAsleep: false };
  return double;
}

export const VLLM_SERVER: ServerKind = {
  destination: { kind: 'vllm', adapters: { french: '/adapters/french' } },
  model: 'french',
  bytes: undefined,
  start: () => startVllm(),
};
