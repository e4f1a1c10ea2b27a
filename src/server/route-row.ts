import type { z } from 'zod';
import type { JsonObject } from '../core/chat.ts';
import type { Method } from './router.ts';

/**
 * One route: a row of docs/api.md and a path of GET /openapi.json, which both come from here.
 * Schemas stand beside the parser of the body; a test sends their `examples`, and what they require
 * is really required.
 */
export interface RouteRow {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  /** JSON Schema of the body. */
  readonly request?: JsonObject | z.ZodType;
  /** Media type of a body that is not JSON. */
  readonly requestType?: string;
  /** JSON Schemas of what may stand in the query, by name. */
  readonly query?: Readonly<Record<string, JsonObject>>;
  /** JSON Schema of the JSON answer. */
  readonly response?: JsonObject | z.ZodType;
  /** Media type besides (or instead of) JSON: of a streamed answer, of text, of a file. */
  readonly streams?: 'text/event-stream' | 'application/x-ndjson' | 'text/plain' | (string & {});
}
