import type { IncomingHttpHeaders } from 'node:http';
import type { Call, Caller } from '../core/call.ts';
import type { ChatRequest, JsonObject } from '../core/chat.ts';
import type { DocumentEdition } from '../core/evidence.ts';
import { isLabel, type Label, stricterLabel } from '../core/label.ts';
import { nearestName } from '../core/nearest.ts';
import { isReadingMode } from '../core/reading.ts';
import { readDocumentFilter } from './document-filter.ts';
import { invalidField, optionalBoolean, optionalObject, optionalText } from './wire-fields.ts';

const FIELDS = [
  'cache',
  'collection',
  'filter',
  'footnotes',
  'label',
  'reading',
  'session',
] as const;
const COLLECTION = /^[a-z0-9][a-z0-9._-]*$/;
const KNOWLEDGE = 'knowledge:';

/**
 * The call behind a chat request: what the headers `x-cadre-…` and the body's `cadre` object say.
 * Of two labels the stricter one holds; two collections must be the same one.
 */
export function createCall(input: {
  readonly id: string;
  readonly request: ChatRequest;
  readonly body: JsonObject;
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Named by the dialect's own means. */
  readonly collection?: string;
  /** What stored answers among the messages stand on. */
  readonly standsOn?: readonly DocumentEdition[];
  /** The answer is sent as one piece, not as a stream. */
  readonly whole?: boolean;
}): Call {
  const { id, request, caller, deadline, headers } = input;
  const fields = optionalObject(input.body, 'cadre') ?? {};
  for (const name in fields)
    if (!FIELDS.some((one) => one === name)) {
      const near = nearestName(name, FIELDS);
      throw invalidField(`cadre.${name}`, near ? `spelled \`${near}\`` : 'left out: it is unknown');
    }
  const labelDeclared = readLabel(headers, fields);
  const cache = readCache(headers, fields);
  const reading = readReading(headers, fields);
  const collection = readCollection(headers, fields, request.model, input.collection);
  const filter = readDocumentFilter(fields['filter'], 'cadre.filter');
  const session =
    optionalText(fields, 'session', 'cadre.session', 200) ?? headerText(headers, 'x-cadre-session');
  return {
    id,
    request,
    caller,
    deadline,
    depth: 0,
    ...(input.whole === true ? { whole: true } : {}),
    ...(labelDeclared === undefined ? {} : { labelDeclared }),
    ...(collection === undefined ? {} : { collection }),
    ...(filter === undefined ? {} : { filter }),
    ...(session === undefined ? {} : { session }),
    ...(cache === undefined ? {} : { cache }),
    ...(reading === undefined ? {} : { reading }),
    ...(input.standsOn?.length ? { standsOn: input.standsOn } : {}),
    ...(wantsFootnotes(headers, fields) ? { footnotes: true } : {}),
  };
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && value.length <= 200) return value;
  throw invalidField(name, 'given once, with at most 200 characters');
}

function readLabel(headers: IncomingHttpHeaders, fields: JsonObject): Label | undefined {
  const declared = [
    ['x-cadre-label', headerText(headers, 'x-cadre-label')],
    ['cadre.label', optionalText(fields, 'label', 'cadre.label')],
  ] as const;
  let label: Label | undefined;
  for (const [path, value] of declared) {
    if (value === undefined) continue;
    if (!isLabel(value)) throw invalidField(path, 'public, internal, personal or secret');
    label = label === undefined ? value : stricterLabel(label, value);
  }
  return label;
}

function wantsFootnotes(headers: IncomingHttpHeaders, fields: JsonObject): boolean {
  const header = headerText(headers, 'x-cadre-footnotes');
  if (header !== undefined && header !== '0' && header !== '1')
    throw invalidField('x-cadre-footnotes', '`1` or `0`');
  return optionalBoolean(fields, 'footnotes', 'cadre.footnotes') ?? header === '1';
}

/** Of header and body `off` wins. */
function readCache(headers: IncomingHttpHeaders, fields: JsonObject): Call['cache'] {
  const named = [
    ['x-cadre-cache', headerText(headers, 'x-cadre-cache')],
    ['cadre.cache', optionalText(fields, 'cache', 'cadre.cache')],
  ] as const;
  let cache: Call['cache'];
  for (const [path, value] of named) {
    if (value === undefined) continue;
    if (value !== 'off' && value !== 'refresh') throw invalidField(path, '`off` or `refresh`');
    if (cache !== 'off') cache = value;
  }
  return cache;
}

/** The body's word wins. */
function readReading(headers: IncomingHttpHeaders, fields: JsonObject): Call['reading'] {
  const named = [
    ['cadre.reading', optionalText(fields, 'reading', 'cadre.reading')],
    ['x-cadre-reading', headerText(headers, 'x-cadre-reading')],
  ] as const;
  for (const [path, value] of named) {
    if (value === undefined) continue;
    if (!isReadingMode(value)) throw invalidField(path, '`off`, `auto` or `deep`');
    return value;
  }
  return undefined;
}

function readCollection(
  headers: IncomingHttpHeaders,
  fields: JsonObject,
  model: string,
  byTool: string | undefined,
): string | undefined {
  const named = [
    ['tools', byTool],
    ['model', model.startsWith(KNOWLEDGE) ? model.slice(KNOWLEDGE.length) : undefined],
    ['x-cadre-collection', headerText(headers, 'x-cadre-collection')],
    ['cadre.collection', optionalText(fields, 'collection', 'cadre.collection')],
  ] as const;
  let collection: string | undefined;
  for (const [path, value] of named) {
    if (value === undefined) continue;
    if (!COLLECTION.test(value)) throw invalidField(path, 'the name of a collection');
    if (collection !== undefined && collection !== value)
      throw invalidField(path, `the same collection as elsewhere (${collection})`);
    collection = value;
  }
  return collection;
}
