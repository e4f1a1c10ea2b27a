import type { JsonObject, JsonValue } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import { GrammarWriter, literal } from './grammar-writer.ts';

/** A grammar in llama.cpp's GBNF for the compact JSON that a schema accepts. */
export interface JsonGrammar {
  readonly grammar: string;
  /** Keywords that the grammar cannot hold and a later check must, with their paths. */
  readonly notes: readonly string[];
}

const ANNOTATIONS = new Set(
  '$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly nullable strict'.split(
    ' ',
  ),
);
const UNBOUND = new Set(
  'pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf uniqueItems contentEncoding contentMediaType'.split(
    ' ',
  ),
);
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: [],
  integer: [],
  boolean: [],
  null: [],
};
const MOST_DEPTH = 64;
const MOST_ENUM = 2000;
/** llama.cpp refuses more than 2,000 repetitions; beyond this the bound is only noted. */
const MOST_REPEATS = 1000;

/**
 * The grammar allows no white space but one space after a colon or a comma, optional properties in declared order, and no
 * property that the schema does not name unless `additionalProperties` says so; what it accepts is
 * a subset of what the schema accepts, apart from the keywords in `notes`.
 *
 * `true` = any JSON object. Throws `invalid_request` with the path of a keyword it does not know, an
 * impossible schema, or one that is too large.
 */
export function jsonGrammar(schema: JsonObject | true): JsonGrammar {
  const compiler = new SchemaCompiler(schema === true ? { type: 'object' } : schema);
  return compiler.compile();
}

class SchemaCompiler {
  readonly #root: JsonObject;
  readonly #writer = new GrammarWriter();
  readonly #notes: string[] = [];
  /** Rule names of what `$ref` reached, by pointer. */
  readonly #references = new Map<string, string>();
  /** Pointers that are being resolved and have not consumed a character yet. */
  readonly #open = new Set<string>();

  constructor(root: JsonObject) {
    this.#root = root;
  }

  compile(): JsonGrammar {
    const body = this.#schema(this.#root, '#', 0);
    return { grammar: this.#writer.text(body), notes: this.#notes };
  }

  #schema(schema: JsonValue | undefined, path: string, depth: number): string {
    if (depth > MOST_DEPTH)
      throw fault(path, `the schema is nested deeper than ${MOST_DEPTH} levels`);
    if (schema === true || schema === undefined) return this.#writer.use('value');
    if (schema === false) throw fault(path, '`false` accepts nothing');
    if (!isObject(schema)) throw fault(path, 'a schema is an object or a boolean');
    const body = this.#body(schema, path, depth);
    return schema['nullable'] === true && !/(^|\| )"null"/.test(body) ? `(${body} | "null")` : body;
  }

  #body(schema: JsonObject, path: string, depth: number): string {
    if (schema['$ref'] !== undefined) {
      this.#refuseOthers(schema, ['$ref'], path);
      return this.#reference(schema['$ref'], path, depth);
    }
    if (schema['const'] !== undefined) return literal(JSON.stringify(schema['const']));
    if (schema['enum'] !== undefined) return enumeration(schema['enum'], path);
    for (const key of ['anyOf', 'oneOf', 'allOf'] as const)
      if (schema[key] !== undefined) return this.#union(schema, key, path, depth);
    const types = typesOf(schema, path);
    this.#refuseOthers(schema, ['type', ...types.flatMap((type) => KEYWORDS[type] ?? [])], path);
    if (types.length === 0) return this.#writer.use('value');
    const bodies = types.map((type) => this.#typed(type, schema, path, depth));
    return bodies.length === 1 ? (bodies[0] ?? '') : `(${bodies.join(' | ')})`;
  }

  #typed(type: string, schema: JsonObject, path: string, depth: number): string {
    if (type === 'object') return this.#object(schema, path, depth);
    if (type === 'array') return this.#array(schema, path, depth);
    if (type === 'string') return this.#string(schema, path);
    if (type === 'null') return '"null"';
    return this.#writer.use(type);
  }

  #union(
    schema: JsonObject,
    key: 'anyOf' | 'oneOf' | 'allOf',
    path: string,
    depth: number,
  ): string {
    const choices = schema[key];
    this.#refuseOthers(schema, [key, 'type'], path);
    if (!Array.isArray(choices) || choices.length === 0 || choices.length > MOST_ENUM)
      throw fault(`${path}/${key}`, `needs 1 to ${MOST_ENUM} schemas`);
    if (key === 'allOf' && choices.length > 1)
      throw fault(`${path}/allOf`, 'more than one schema cannot be bound at once');
    const bodies = choices.map((choice: JsonValue, index: number) =>
      this.#schema(choice, `${path}/${key}/${index}`, depth + 1),
    );
    return `(${[...new Set(bodies)].join(' | ')})`;
  }

  #reference(reference: JsonValue | undefined, path: string, depth: number): string {
    if (typeof reference !== 'string' || !reference.startsWith('#'))
      throw fault(`${path}/$ref`, 'only references into the same schema (#/…) are followed');
    if (this.#open.has(reference))
      throw fault(`${path}/$ref`, 'the reference only leads to itself');
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    const target = pointed(this.#root, reference, path);
    const name = this.#writer.reserve();
    this.#references.set(reference, name);
    this.#open.add(reference);
    const body = this.#schema(target, reference, depth + 1);
    this.#open.delete(reference);
    return this.#writer.fill(name, body);
  }

  #array(schema: JsonObject, path: string, depth: number): string {
    const least = count(schema, 'minItems', path) ?? 0;
    const most = this.#bounded(count(schema, 'maxItems', path), `${path}/maxItems`);
    if (most !== undefined && least > most) throw fault(path, 'minItems is above maxItems');
    if (least > MOST_REPEATS)
      throw fault(`${path}/minItems`, `at most ${MOST_REPEATS} is possible`);
    if (most === 0) return '"[]"';
    const item = this.#writer.rule(
      this.#consuming(() => this.#schema(schema['items'], `${path}/items`, depth + 1)),
    );
    const rest = repeated(
      `(${this.#writer.use('comma')} ${item})`,
      Math.max(0, least - 1),
      most === undefined ? most : most - 1,
    );
    const filled = `${item}${rest === '' ? '' : ` ${rest}`}`;
    return `"[" ${least === 0 ? `(${filled})?` : filled} "]"`;
  }

  #string(schema: JsonObject, path: string): string {
    const least = count(schema, 'minLength', path) ?? 0;
    const most = this.#bounded(count(schema, 'maxLength', path), `${path}/maxLength`);
    if (most !== undefined && least > most) throw fault(path, 'minLength is above maxLength');
    if (least > MOST_REPEATS)
      throw fault(`${path}/minLength`, `at most ${MOST_REPEATS} is possible`);
    if (least === 0 && most === undefined) return this.#writer.use('string');
    const body = repeated(this.#writer.use('plain'), least, most);
    return body === '' ? literal('""') : `"\\"" ${body} "\\""`;
  }

  #object(schema: JsonObject, path: string, depth: number): string {
    const properties = schema['properties'] ?? {};
    if (!isObject(properties)) throw fault(`${path}/properties`, 'is an object of schemas');
    const required = schema['required'] ?? [];
    if (!Array.isArray(required) || required.some((name) => typeof name !== 'string'))
      throw fault(`${path}/required`, 'is a list of names');
    const extra = schema['additionalProperties'] ?? schema['properties'] === undefined;
    const names = [...new Set([...Object.keys(properties), ...(required as string[])])];
    const members = names.map((name) => {
      const inner = Object.hasOwn(properties, name) ? properties[name] : extra;
      if (inner === false) throw fault(`${path}/required`, `${name} is required but not allowed`);
      const body = this.#consuming(() =>
        this.#schema(inner, `${path}/properties/${escapePointer(name)}`, depth + 1),
      );
      return {
        body: this.#writer.rule(
          `${literal(JSON.stringify(name))} ${this.#writer.use('colon')} ${body}`,
        ),
        isRequired: required.includes(name),
      };
    });
    const other =
      extra === false
        ? undefined
        : this.#writer.rule(
            `${this.#writer.keyOtherThan(names)} ${this.#writer.use('colon')} ${this.#consuming(() => this.#schema(extra, `${path}/additionalProperties`, depth + 1))}`,
          );
    return `"{" ${this.#writer.members(members, other)} "}"`;
  }

  /** Runs `inner` where a character was read already, so that recursion is fine again. */
  #consuming(inner: () => string): string {
    const open = [...this.#open];
    this.#open.clear();
    const body = inner();
    for (const pointer of open) this.#open.add(pointer);
    return body;
  }

  #bounded(most: number | undefined, path: string): number | undefined {
    if (most === undefined || most <= MOST_REPEATS) return most;
    this.#notes.push(`${path} is above ${MOST_REPEATS} and left to the check`);
    return undefined;
  }

  #refuseOthers(schema: JsonObject, known: readonly string[], path: string): void {
    for (const key of Object.keys(schema)) {
      if (known.includes(key) || ANNOTATIONS.has(key)) continue;
      if (UNBOUND.has(key)) this.#notes.push(`${path}/${key} is left to the check`);
      else throw fault(`${path}/${key}`, `the keyword \`${key}\` cannot be bound here`);
    }
  }
}

function fault(path: string, message: string): CadreError {
  return new CadreError('invalid_request', `JSON Schema at ${path}: ${message}`, {
    param: `response_format.json_schema.schema${path.slice(1).replaceAll('/', '.')}`,
  });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typesOf(schema: JsonObject, path: string): readonly string[] {
  const type = schema['type'];
  if (type === undefined) {
    if (KEYWORDS['object']?.some((key) => schema[key] !== undefined)) return ['object'];
    if (KEYWORDS['array']?.some((key) => schema[key] !== undefined)) return ['array'];
    if (KEYWORDS['string']?.some((key) => schema[key] !== undefined)) return ['string'];
    return [];
  }
  const types = Array.isArray(type) ? type : [type];
  for (const name of types)
    if (typeof name !== 'string' || !Object.hasOwn(KEYWORDS, name))
      throw fault(`${path}/type`, `unknown type ${JSON.stringify(name)}`);
  if (types.length === 0) throw fault(`${path}/type`, 'names no type');
  return types as string[];
}

function enumeration(values: JsonValue, path: string): string {
  if (!Array.isArray(values) || values.length === 0 || values.length > MOST_ENUM)
    throw fault(`${path}/enum`, `needs 1 to ${MOST_ENUM} values`);
  return `(${values.map((value) => literal(JSON.stringify(value))).join(' | ')})`;
}

function pointed(root: JsonObject, reference: string, path: string): JsonValue {
  let place: JsonValue | undefined = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(place)) place = place[Number(key)];
    else place = isObject(place) && Object.hasOwn(place, key) ? place[key] : undefined;
  }
  if (place === undefined) throw fault(`${path}/$ref`, `nothing is at ${reference}`);
  return place;
}

function count(schema: JsonObject, key: string, path: string): number | undefined {
  const value = schema[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw fault(`${path}/${key}`, 'is a whole number from 0');
  return value;
}

function repeated(body: string, least: number, most: number | undefined): string {
  if (most === 0) return '';
  if (most === undefined) return least === 0 ? `${body}*` : `${body}{${least},}`;
  return `${body}{${least},${most}}`;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
