import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import type { ObjectStore } from '../../src/core/objects.ts';
import { asJsonSchema, describeInterface } from '../../src/server/openapi.ts';
import { DATA_ROUTES } from '../../src/server/route-table.ts';
import { schemaProblems } from '../../src/verify/json-schema.ts';
import { send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

const api = readFileSync(resolve(import.meta.dirname, '..', '..', 'docs', 'api.md'), 'utf8');
const described = describeInterface('0.1.0') as { paths: Record<string, Record<string, object>> };
/** Routes whose body is JSON of a declared form. */
const bodies = DATA_ROUTES.filter((row) => row.request !== undefined && !row.requestType).map(
  (row) => ({ ...row, schema: asJsonSchema(row.request) }),
);
const FILE_ID = 'file-abcdefghijklmnopqrstuvwx';
const STORE_ID = 'vs_abcdefghijklmnopqrstuvwx';
const fill = (path: string) =>
  path
    .replace('/vector_stores/:id', `/vector_stores/${STORE_ID}`)
    .replace('/:file', `/${FILE_ID}`)
    .replace(/\/[:*]\w+/g, '/some');

describe('the description of the interface', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(described);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('names every operation once', () => {
    const ids = Object.values(described.paths).flatMap((path) =>
      Object.values(path).map((operation) => (operation as { operationId: string }).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has the routes of docs/api.md and no others', () => {
    const listed = [...api.matchAll(/^\| (GET|POST|PATCH|DELETE) \| `([^`]+)` \| (.*) \|$/gm)].map(
      ([, method = '', path = '', summary]) => `${method} ${path} ${summary}`,
    );
    const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const { summary } = operation as { summary: string };
        return `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')} ${summary}`;
      }),
    );
    expect(operations.toSorted()).toEqual(listed.toSorted());
  });

  it('has the fields of docs/api.md', () => {
    for (const { method, path, schema } of bodies) {
      const section = api.split(`### ${method} ${path}\n`)[1]?.split('\n#')[0] ?? '';
      const listed = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
      expect(listed, path).toEqual(Object.keys(schema['properties'] as JsonObject));
    }
  });

  it('tells the body of every route that takes one, and the answer of every route of a dialect', () => {
    // Cancelling, pausing and resuming say everything by their path.
    const takers = DATA_ROUTES.filter(
      (row) => row.method === 'POST' && !/\/(cancel|pause|resume)$/.test(row.path),
    );
    expect(takers.filter((row) => row.request === undefined).map((row) => row.path)).toEqual([]);
    const silent = DATA_ROUTES.filter(
      (row) => /^\/(v1|api)\//.test(row.path) && !row.response && !row.streams,
    );
    expect(silent.map((row) => `${row.method} ${row.path}`)).toEqual([]);
  });

  it('tells what the query of a list may say', async () => {
    const { port } = await startServer(createScriptedFarm());
    const lists = DATA_ROUTES.filter((row) => row.query !== undefined && !row.path.includes(':'));
    expect(lists.length).toBeGreaterThan(1);
    for (const { path, query = {} } of lists)
      for (const [name, schema] of Object.entries(query)) {
        const ask = (value: JsonValue) => send(port, { path: `${path}?${name}=${value}` });
        if (schema['default'] !== undefined)
          expect([path, name, (await ask(schema['default'])).status]).toEqual([path, name, 200]);
        if (schema['type'] === 'string') continue;
        for (const value of [0, 'no-such-word', Number(schema['maximum'] ?? 0) + 1])
          expect([path, name, value, (await ask(value)).status]).toEqual([path, name, value, 400]);
      }
  });

  it('is served, and every route in it too', async () => {
    const { port } = await startServer(createScriptedFarm());
    const answer = await send(port, { path: '/openapi.json' });
    expect(JSON.parse(answer.text)).toEqual(JSON.parse(JSON.stringify(described)));
    for (const { method, path } of DATA_ROUTES) {
      const { status, headers } = await send(port, { method: 'OPTIONS', path: fill(path) });
      expect([path, status]).toEqual([path, 204]);
      expect(headers.allow?.split(', '), path).toContain(method);
    }
  });
});

describe.each(bodies)('$method $path', ({ path, schema, response }) => {
  const examples = (schema['examples'] ?? []) as readonly JsonObject[];
  const post = async (body: JsonObject) => {
    const farm = createScriptedFarm();
    await putNamed(farm.objects);
    const { port } = await startServer(farm);
    const answer = await send(port, { path: fill(path), body: JSON.stringify(body) });
    return { status: answer.status, body: JSON.parse(answer.text) as JsonValue };
  };

  it('accepts the examples of its description', async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(schemaProblems(example, schema)).toEqual([]);
      const answer = await post(example);
      expect([answer.status, answer.body]).toEqual([200, answer.body]);
      expect(schemaProblems(answer.body, asJsonSchema(response))).toEqual([]);
    }
  });

  it('requires what its description requires', async () => {
    for (const name of (schema['required'] ?? []) as readonly string[]) {
      const { [name]: _left, ...rest } = examples[0] ?? {};
      expect([name, (await post(rest)).status]).toEqual([name, 400]);
    }
  });

  it('refuses a field of another type or beyond its range', async () => {
    const properties = Object.entries(schema['properties'] as Record<string, JsonObject>);
    for (const [name, field] of properties)
      for (const value of wrongValues(field)) {
        const answer = await post({ ...examples[0], stream: false, [name]: value });
        expect([name, value, answer.status]).toEqual([name, value, 400]);
      }
  });
});

/** The file and the vector store that examples and paths name. */
async function putNamed(objects: ObjectStore): Promise<void> {
  const of = { key: 'loopback', createdAt: 1 };
  const file = { filename: 'requests.jsonl', purpose: 'batch', bytes: 1 };
  await objects.doPutObject({ ...of, kind: 'file', id: FILE_ID, body: file });
  const words = { name: null, description: null, metadata: null, idleDays: null };
  const files = { [FILE_ID]: { attributes: {}, addedAt: 1 } };
  const body = { ...words, lastActiveAt: 1, files, batches: {} };
  await objects.doPutObject({ ...of, kind: 'vector_store', id: STORE_ID, body });
}

/** Values that a described field does not allow. */
function wrongValues(field: JsonObject): JsonValue[] {
  const candidates: JsonValue[] = [1.5, 'no such word', true, [[]], { no: 'such' }];
  for (const name of ['minimum', 'exclusiveMinimum'])
    if (typeof field[name] === 'number') candidates.push(field[name] - 1);
  if (typeof field['maximum'] === 'number') candidates.push(field['maximum'] + 1);
  return candidates.filter((value) => schemaProblems(value, field).length > 0);
}
