import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions } from '../../core/ports.ts';
import type { Egress } from '../egress/egress.ts';
import { answerText } from './answer-bytes.ts';
import { type Fields, parseFields } from './remote-answer.ts';
import { statusError } from './remote-error.ts';

/** Bound of what a server says of its models. */
const ANSWER_BYTES = 4 * 1024 * 1024;
/** A server is silent while it loads a model; the slowest seen take minutes from a network disk. */
const LOAD_MS = 300_000;

export interface ServerClientOptions {
  readonly destination: DestinationConfig;
  readonly key: string | undefined;
  readonly egress: Egress;
  /** Leave to ask the server about itself. */
  readonly permit: () => Permit;
}

/**
 * Asks a server of models about itself; no word of a request goes there. Rejects as a model's answer
 * does for a server that is not there, refuses, or does not answer in JSON.
 */
export class ServerClient {
  readonly #options: ServerClientOptions;

  constructor(options: ServerClientOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.destination.id;
  }

  /** The object that the path answers with. */
  async get(path: string, options: CallOptions): Promise<Fields> {
    return parseFields(await this.#ask('GET', path, undefined, options), this.name);
  }

  /** What the path answers with, text or nothing, as soon as what it asks for is done. */
  post(path: string, body: object | undefined, options: CallOptions): Promise<string> {
    return this.#ask('POST', path, body, options);
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    { signal }: CallOptions,
  ): Promise<string> {
    const { egress, destination, key, permit } = this.#options;
    const response = await egress.ask({
      permit: permit(),
      destination: destination.id,
      method,
      path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(method === 'POST' ? { firstByteMs: LOAD_MS } : {}),
      signal,
    });
    if (response.status !== 200) throw await statusError(response, destination.id, key);
    return answerText(response, destination.id, ANSWER_BYTES);
  }
}

/** A model that the server does not have. */
export function noSuchModel(server: string, id: string): CadreError {
  return new CadreError('model_not_found', `${server} has no model “${id.slice(0, 200)}”`, {
    param: 'id',
  });
}

/** What the server cannot do, and what would let it. */
export function cannot(message: string): CadreError {
  return new CadreError('invalid_request', message, { param: 'id' });
}

/** The error says that the server does not know the path or the model. */
export function isUnknown(error: unknown): boolean {
  return error instanceof CadreError && error.fault === 'unknown-model';
}
