import { z } from 'zod';
import { configSchema } from '../src/core/config.ts';
import { ERROR_TABLE } from '../src/core/errors.ts';
import { VENDORS, type Vendor } from '../src/core/vendors.ts';
import { ADMIN_ROUTES } from '../src/server/admin/route-rows.ts';
import { asJsonSchema } from '../src/server/openapi.ts';
import type { RouteRow } from '../src/server/route-row.ts';
import { DATA_ROUTES } from '../src/server/route-table.ts';

const NOTE = 'Generated from the code by `npm run docs`; a test keeps it equal.';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  /** Objects that are told apart by their constant `kind`. */
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' · ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' · ');
  if (schema.type === 'array')
    return `list of ${schema.items?.properties || schema.items?.oneOf ? 'objects' : typeOf(schema.items ?? {})}`;
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum;
  const bounded =
    (schema.type === 'number' || schema.type === 'integer') &&
    (low !== undefined || high !== undefined);
  const big = (value: number | undefined) =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER;
  if (!bounded || (big(low) && big(high))) return schema.type ?? 'any';
  const least = schema.minimum === undefined ? '>' : '≥';
  return `${schema.type} ${big(low) ? '' : `${least} ${low}`}${!big(low) && !big(high) ? ', ' : ''}${big(high) ? '' : `≤ ${high}`}`;
}

function* configRows(schema: JsonSchema, path: string): Generator<string> {
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const full = path === '' ? key : `${path}.${key}`;
    const nested = child.properties ?? child.items?.properties;
    const fallback =
      child.default === undefined || child.properties ? '' : `\`${JSON.stringify(child.default)}\``;
    if (!child.properties)
      yield `| \`${full}\` | ${typeOf(child).replace(/\|/g, '\\|')} | ${fallback.replace(/\|/g, '\\|')} | ${child.description ?? ''} |`;
    for (const option of child.items?.oneOf ?? [])
      yield* configRows(option, `${full}[${option.properties?.['kind']?.const}]`);
    if (nested) yield* configRows({ properties: nested }, child.items ? `${full}[]` : full);
    if (typeof child.additionalProperties === 'object' && child.additionalProperties.properties)
      yield* configRows(child.additionalProperties, `${full}.NAME`);
  }
}

/** docs/config.md: every key of cadre.yaml. */
export function renderConfig(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema;
  return [
    '# Configuration',
    '',
    NOTE,
    '',
    'One optional file, `cadre.yaml`, in the current folder or in `CADRE_HOME` (`CADRE_CONFIG` names another one). Without it every key has its default. A key that does not exist stops the start with its path and the nearest valid key. Secrets stand in environment variables; the file only names them (`keyEnv`). A running farm takes over a changed file by itself or on SIGHUP, as a whole or not at all; `server.host`, `server.port`, `batches`, `fleet`, `ground`, `store`, `limits.headerSeconds` and the sources of `collections` wait for a restart.',
    '',
    '| key | value | default | meaning |',
    '|---|---|---|---|',
    ...configRows(schema, ''),
    '',
  ].join('\n');
}

/** docs/errors.md: every error the farm can answer with. */
export function renderErrors(): string {
  const rows = Object.entries(ERROR_TABLE).map(
    ([code, row]) =>
      `| \`${code}\` | ${row.status} | ${row.retryable ? 'yes' : 'no'} | ${row.blame} | \`${row.type}\` | ${row.hint} |`,
  );
  return [
    '# Errors',
    '',
    NOTE,
    '',
    'An error body has the shape of its path’s dialect: OpenAI’s `{"error":{"message","type","code","param"}}`, Anthropic’s `{"type":"error","error":{"type","message"},"request_id"}` below `/v1/messages`, Ollama’s `{"error":MESSAGE}` below `/api`. The message says what and where, its last sentence what to do. The types are OpenAI’s; Anthropic’s differ where the status says more (`overloaded_error`, `timeout_error`, `request_too_large`, `api_error`).',
    '',
    '| code | status | retry helps | who acts | type | what to do |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** docs/vendors.md: the servers that a destination may name. */
export function renderVendors(): string {
  const rows = Object.entries<Vendor>(VENDORS).map(([name, vendor]) => {
    const spoken = vendor.package ? `\`${vendor.package}\`` : `kind \`${vendor.kind}\``;
    const url = vendor.url === undefined ? 'its own: give `url`' : `\`${vendor.url}\``;
    return `| \`${name}\` | ${spoken} | ${url} | ${quirksOf(vendor)} |`;
  });
  return [
    '# Vendors',
    '',
    NOTE,
    '',
    'A destination of [`destinations`](config.md) that says `vendor: NAME` needs no more than `keyEnv`; `url` and `quirks` override what stands here. A package is optional: `npm install` it, and `cadre doctor` says whether it is there.',
    '',
    '| vendor | spoken by | URL | departures from OpenAI’s dialect |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function quirksOf({ quirks = {} }: Vendor): string {
  const { refuses = [], ...others } = quirks;
  const named = Object.entries(others).map(([name, value]) => `${name} \`${value}\``);
  const without = refuses.map((name) => `\`${name}\``).join(', ');
  return [...named, ...(without === '' ? [] : [`without ${without}`])].join('; ');
}

/** Fields of a body, one row each. */
function bodyRows(row: RouteRow): string[] {
  const schema = asJsonSchema(row.request) as JsonSchema & { readonly required?: string[] };
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const required = schema.required?.includes(name) ? 'yes' : '';
    const meaning = field.description ?? '';
    return `| \`${name}\` | ${typeOf(field).replace(/\|/g, '\\|')} | ${required} | ${meaning} |`;
  });
}

/** The bodies of the routes that declare one. */
function renderBodies(rows: readonly RouteRow[]): string[] {
  return rows
    .filter((row) => row.request !== undefined)
    .flatMap((row) => [
      `### ${row.method} ${row.path.replace('/*', '/:')}`,
      '',
      '| field | value | required | meaning |',
      '|---|---|---|---|',
      ...bodyRows(row),
      '',
    ]);
}

/** docs/api.md: every path of the HTTP interface. */
export function renderApi(): string {
  const table = (rows: readonly RouteRow[], prefix: string) => [
    '| method | path | what it does |',
    '|---|---|---|',
    ...rows.map(
      (row) => `| ${row.method} | \`${prefix}${row.path.replace('/*', '/:')}\` | ${row.summary} |`,
    ),
  ];
  return [
    '# HTTP interface',
    '',
    NOTE,
    '',
    'The same as an OpenAPI 3.1 description: GET `/openapi.json`.',
    '',
    'Without keys only this machine is served. With keys: `authorization: Bearer KEY`, or Anthropic’s `x-api-key: KEY`. Errors have [one shape for each dialect](errors.md). Every answer carries `x-request-id`, which is the id of the receipt; answers of a model also `x-cadre-receipt`, `-spoke`, `-reason`, `-cache` (`hit`, `shared` or `similar`, where the answer was computed for another request) and, when they are whole, `-cost` (US dollars) and `-overhead-ms`. A key with limits is told `x-ratelimit-limit|remaining|reset-requests|tokens`, below `/v1/messages` `anthropic-ratelimit-requests|tokens-limit|remaining|reset`.',
    '',
    '## For clients',
    '',
    ...table(DATA_ROUTES, ''),
    '',
    'A model’s thought stands in `reasoning_content` (OpenAI), in blocks of type `thinking` where the request has `thinking` (Anthropic), in `thinking` (Ollama). Fields that Cadre does not know, at the top or in a message, a block or a tool, reach a remote server of the same dialect unchanged and no other. GET `/v1/models` answers in Anthropic’s shape where `anthropic-version` is sent.',
    '',
    'Besides OpenAI’s fields an answer has `cadre: {receipt, spoke, citations, standsOn?, warnings?, abstained?}`, in a stream in its last chunk. `warnings` say why the collection may hold less than its sources: one could not be listed, or indexing goes on. `standsOn` are the documents, with their versions, that its words may come from. What the farm keeps of an answer – `/v1/responses`, results of batches – is given again only while all of them are as they were and open to the caller; else a sentence in its words’ place says so, and `cadre.withheld` is true. The chunks of a stream’s text also bring the citations of that text, as `cadre: {citations}` and as `annotations` of the delta; the last chunk has all of them once more: read either, not both. With `x-cadre-events: 1` a stream also carries every event of the request’s life as `cadre.event` in chunks without choices.',
    '',
    ...renderBodies(DATA_ROUTES),
    '## For the console and the command line',
    '',
    'Writes need the operator: this machine while there are no keys, the socket of the home, a console session, or a key of the group `operator`.',
    '',
    ...table(ADMIN_ROUTES, '/cadre/v1'),
    '',
  ].join('\n');
}
