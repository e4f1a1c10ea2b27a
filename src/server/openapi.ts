import { z } from 'zod';
import type { JsonObject } from '../core/chat.ts';
import { ADMIN_ROUTES } from './admin/route-rows.ts';
import { dialectOf } from './error-shapes.ts';
import type { RouteRow } from './route-row.ts';
import { DATA_ROUTES } from './route-table.ts';

const ADMIN_PREFIX = '/cadre/v1';

type Fields = Record<string, unknown>;

/** GET /openapi.json: every route of the table as an OpenAPI 3.1 description. */
export function describeInterface(version: string): Fields {
  const paths: Record<string, Fields> = {};
  const add = (row: RouteRow, prefix: string, tag: string) => {
    const path = prefix + row.path.replace(/\/[:*](\w+)/g, '/{$1}');
    paths[path] = {
      ...paths[path],
      [row.method.toLowerCase()]: describeOperation(row, path, tag),
    };
  };
  for (const row of DATA_ROUTES) add(row, '', tagOf(row.path));
  for (const row of ADMIN_ROUTES) add(row, ADMIN_PREFIX, 'farm');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cadre',
      version,
      description: 'A farm of small, specialised models behind one endpoint.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    // Without keys only the farm's own machine is served, and needs none.
    security: [{ bearer: [] }, { apiKey: [] }, {}],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: ERRORS,
    },
  };
}

const TAGS = {
  openai: 'OpenAI’s interface',
  anthropic: 'Anthropic’s interface',
  ollama: 'Ollama’s interface',
  service: 'for those who run the farm',
  farm: 'for the console and the command line',
} as const;

function tagOf(path: string): keyof typeof TAGS {
  const dialect = dialectOf(path);
  return dialect !== 'openai' || path.startsWith('/v1/') ? dialect : 'service';
}

function describeOperation(row: RouteRow, path: string, tag: string): Fields {
  const parameters = describeParameters(row, path);
  return {
    operationId: [row.method.toLowerCase(), ...(path.match(/\w+/g) ?? [])]
      .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
      .join(''),
    summary: row.summary,
    tags: [tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(row.request === undefined ? {} : { requestBody: describeBody(row) }),
    responses: {
      200: { description: 'done', content: describeAnswer(row) },
      default: {
        description: 'an error',
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${dialectOf(path)}Error` },
          },
        },
      },
    },
  };
}

function describeParameters({ query = {} }: RouteRow, path: string): Fields[] {
  const segments = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const named = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }));
  return [...segments, ...named];
}

function describeBody(row: RouteRow): Fields {
  const type = row.requestType ?? 'application/json';
  return { required: true, content: { [type]: { schema: asJsonSchema(row.request) } } };
}

function describeAnswer({ response, streams }: RouteRow): Fields {
  const isJson = response !== undefined || streams === undefined;
  return {
    ...(isJson ? { 'application/json': { schema: asJsonSchema(response) } } : {}),
    ...(streams === undefined ? {} : { [streams]: { schema: { type: 'string' } } }),
  };
}

/** A schema of either kind as plain JSON Schema; any JSON object where nothing is declared. */
export function asJsonSchema(schema: JsonObject | z.ZodType | undefined): JsonObject {
  if (schema === undefined) return { type: 'object' };
  if (!(schema instanceof z.ZodType)) return schema;
  const { $schema: _dialect, ...plain } = z.toJSONSchema(schema, { io: 'input' });
  return plain as JsonObject;
}

const text = { type: 'string' };
const errorOf = (properties: Fields, required: readonly string[]): Fields => ({
  type: 'object',
  properties,
  required,
});

/** One shape per dialect, as error-shapes.ts prints them. */
const ERRORS: Fields = {
  openaiError: errorOf(
    {
      error: errorOf(
        { message: text, type: text, code: text, param: { type: ['string', 'null'] } },
        ['message', 'type', 'code', 'param'],
      ),
    },
    ['error'],
  ),
  anthropicError: errorOf(
    {
      type: { const: 'error' },
      error: errorOf({ type: text, message: text }, ['type', 'message']),
      request_id: text,
    },
    ['type', 'error', 'request_id'],
  ),
  ollamaError: errorOf({ error: text }, ['error']),
};
