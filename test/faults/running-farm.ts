import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/compose/settings.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { startFarm } from '../../src/main.ts';

export interface RunningTestFarm {
  readonly url: string;
  receipt(id: string): Promise<Receipt>;
  /** Receipts of requests that named the model, newest first. */
  receiptsOf(model: string): Promise<readonly Receipt[]>;
  /** Makes a key with a budget per day, US dollars; from then on the farm asks for keys. */
  addKey(budgetDaily: number): Promise<string>;
  stop(): Promise<void>;
}

/** The whole farm as `cadre up` starts it, in this process, without models of its own. */
export async function startTestFarm(config: object): Promise<RunningTestFarm> {
  const home = mkdtempSync(join(tmpdir(), 'cadre-faults-'));
  // YAML reads JSON.
  writeFileSync(
    join(home, 'cadre.yaml'),
    JSON.stringify({
      fleet: { starter: false, offline: true },
      policy: { defaultLabel: 'public' },
      server: { port: 0 },
      ...config,
    }),
  );
  const settings = await loadSettings({ CADRE_HOME: home }, home);
  const running = await startFarm({
    settings,
    log: () => undefined,
    listen: true,
    signal: new AbortController().signal,
  });
  const { url } = running;
  if (url === undefined) throw new Error('the farm does not listen');
  return {
    url,
    async receipt(id) {
      const found = await running.farm.receipt(id);
      if (found === undefined) throw new Error(`no receipt ${id}`);
      return found;
    },
    async receiptsOf(model) {
      const all = await running.farm.receipts({ limit: 1000 });
      return all.filter((one) => one.requestedModel === model);
    },
    async addKey(budgetDaily) {
      const wish = { name: 'buyer', principals: ['public'], keepsText: false, budgetDaily };
      return (await running.farm.addKey(wish)).secret;
    },
    async stop() {
      await running.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What a client of OpenAI's dialect sees of one request, streamed or whole. */
export interface Seen {
  readonly status: number;
  readonly receipt: string;
  readonly spoke: string | undefined;
  readonly text: string;
  readonly finish: string | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly usage: { readonly prompt: number; readonly completion: number } | undefined;
  /** The stream said `[DONE]`; a JSON answer arrived whole. */
  readonly isClean: boolean;
}

interface Body {
  readonly choices?: readonly {
    readonly message?: { readonly content: string | null };
    readonly delta?: { readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly code: string; readonly message: string };
}

export type Mode = 'stream' | 'whole';

let count = 0;

/** No two requests are equal, so that none is answered from another one's answer. */
export async function chat(
  url: string,
  model: string,
  mode: Mode,
  more: object = {},
  options: { readonly signal?: AbortSignal; readonly headers?: Record<string, string> } = {},
): Promise<Seen> {
  count += 1;
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: `What does keeper ${count} write?` }],
      ...(mode === 'stream' ? { stream: true, stream_options: { include_usage: true } } : {}),
      ...more,
    }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const text = await response.text();
  const isStream = (response.headers.get('content-type') ?? '').includes('event-stream');
  const pieces = isStream
    ? text
        .split('\n\n')
        .filter((block) => block.startsWith('data: '))
        .map((block) => block.slice(6))
    : [text];
  const bodies = pieces
    .filter((piece) => piece !== '[DONE]')
    .map((piece) => JSON.parse(piece) as Body);
  const choices = bodies.flatMap((body) => body.choices ?? []);
  const usage = bodies.flatMap((body) => body.usage ?? []).at(-1);
  return {
    status: response.status,
    receipt: response.headers.get('x-request-id') ?? '',
    spoke: response.headers.get('x-cadre-spoke') ?? undefined,
    text: choices.map((one) => one.message?.content ?? one.delta?.content ?? '').join(''),
    finish: choices.flatMap((one) => one.finish_reason ?? []).at(-1),
    error: bodies.flatMap((body) => body.error ?? [])[0],
    usage: usage && { prompt: usage.prompt_tokens, completion: usage.completion_tokens },
    isClean: isStream ? pieces.at(-1) === '[DONE]' : response.status === 200,
  };
}
