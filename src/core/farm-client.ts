import type { CallOptions } from './ports.ts';

/** A command's way to the farm of its home: the running one, or one started for the command alone. */
export interface FarmClient {
  readonly where: 'running' | 'own-process';
  /** Path below the farm's root, e.g. `/cadre/v1/models`. Rejects with the farm's own CadreError. */
  doGet(path: string, options: CallOptions): Promise<unknown>;
  doSend(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    options: CallOptions,
  ): Promise<unknown>;
  /** The `data:` objects of a server-sent event stream, in order; an error event rejects. */
  doStream(
    path: string,
    body: unknown,
    options: CallOptions & { readonly headers?: Readonly<Record<string, string>> },
  ): AsyncIterable<unknown>;
  doClose(): Promise<void>;
}
