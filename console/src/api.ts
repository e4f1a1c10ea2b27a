import type { ModelStatus } from '../../src/core/catalogue.ts';
import type { FarmStatus, ModelName, PullProgress } from '../../src/core/farm.ts';
import type { CollectionRow } from '../../src/core/stores.ts';
import { readEvents } from './event-stream.ts';

/** An answer of the farm that says what went wrong and what to do. */
export class ApiError extends Error {}

async function failureOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  if (response.status === 401)
    return new ApiError('Not signed in: open the console by the URL that `cadre up` prints.');
  return new ApiError(body?.error?.message ?? `the farm answered with ${response.status}`);
}

export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw await failureOf(response);
  return (await response.json()) as T;
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await failureOf(response);
  return (await response.json()) as T;
}

/** The `data:` objects of a stream; `body` undefined means GET. */
export async function* streamJson(
  path: string,
  body: unknown,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): AsyncGenerator<unknown> {
  const request =
    body === undefined
      ? { signal }
      : {
          signal,
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        };
  const response = await fetch(path, request);
  if (!response.ok || response.body === null) throw await failureOf(response);
  for await (const value of readEvents(response.body)) {
    const error = (value as { error?: { message?: string } }).error;
    if (error) throw new ApiError(error.message ?? 'the stream ended with an error');
    yield value;
  }
}

/** Exchanges the one-time token of the printed URL for a session and takes it out of the address. */
export async function signIn(): Promise<void> {
  const token = new URLSearchParams(location.search).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname);
  // A used token is no trouble while the session it opened lives; every later call says so otherwise.
  await postJson('/cadre/v1/session', { token }).catch(() => undefined);
}

export const loadNames = () =>
  getJson<{ names: ModelName[] }>('/cadre/v1/names').then((answer) => answer.names);
export const loadCollections = () =>
  getJson<{ collections: CollectionRow[] }>('/cadre/v1/collections').then(
    (answer) => answer.collections,
  );

export interface FleetSnapshot {
  readonly status: FarmStatus;
  readonly models: readonly ModelStatus[];
}

export async function* watchFleet(signal: AbortSignal): AsyncGenerator<FleetSnapshot> {
  for await (const value of streamJson('/cadre/v1/fleet', undefined, signal))
    yield value as FleetSnapshot;
}

export async function* pullModel(id: string, signal: AbortSignal): AsyncGenerator<PullProgress> {
  for await (const value of streamJson(
    `/cadre/v1/models/${encodeURIComponent(id)}/pull`,
    {},
    signal,
  ))
    yield value as PullProgress;
}

export const unloadModel = (id: string) =>
  postJson<{ unloaded: boolean }>(`/cadre/v1/models/${encodeURIComponent(id)}/unload`, {});
