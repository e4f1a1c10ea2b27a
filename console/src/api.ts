import { readEvents } from './event-stream.ts';

/** An answer of the farm that says what went wrong and what to do. */
export class ApiError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** A code of docs/errors.md, or `unreachable`. */
  readonly code: string;
  /** Names the receipt of a refused request. */
  readonly requestId: string | undefined;

  constructor(message: string, status: number, code: string, requestId?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

interface ErrorBody {
  readonly error?: { readonly message?: string; readonly code?: string };
}

export function unreachable(cause: string): ApiError {
  return new ApiError(
    `${cause} Is the farm still running? \`npx cadre up\` starts it.`,
    0,
    'unreachable',
  );
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (init?.signal?.aborted) throw error;
    throw unreachable('The farm does not answer.');
  });
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  throw new ApiError(
    body?.error?.message ?? `The farm answered with status ${response.status}.`,
    response.status,
    body?.error?.code ?? 'internal',
    response.headers.get('x-request-id') ?? undefined,
  );
}

function jsonPost(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

export async function getJson<T>(path: string): Promise<T> {
  return (await (await send(path)).json()) as T;
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  return (await (await send(path, jsonPost(body))).json()) as T;
}

export async function deleteJson<T>(path: string): Promise<T> {
  return (await (await send(path, { method: 'DELETE' })).json()) as T;
}

/**
 * The `data:` objects of a stream; `body` undefined means GET. Throws ApiError when the farm
 * refuses, ends the stream with an error, or goes away in the middle.
 */
export async function* streamJson(
  path: string,
  body: unknown,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): AsyncGenerator<unknown> {
  const init = body === undefined ? {} : jsonPost(body, headers);
  const response = await send(path, { ...init, signal });
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (response.body === null) throw unreachable('The farm sent an empty answer.');
  const values = readEvents(response.body);
  for (;;) {
    const next = await values.next().catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw unreachable('The connection to the farm broke off in the middle.');
    });
    if (next.done) return;
    const { error } = next.value as ErrorBody;
    if (error)
      throw new ApiError(
        error.message ?? 'The stream ended with an error.',
        200,
        error.code ?? 'internal',
        requestId,
      );
    yield next.value;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
