import type {
  JsonObject,
  JsonValue,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import { parseDefinition } from '../openai-tools.ts';
import {
  extraFields,
  invalidField,
  isList,
  isObject,
  optionalObject,
  optionalText,
} from '../wire-fields.ts';

const MAX_TOOLS = 128;
const FORMAT_FIELDS = new Set(['type', 'name', 'schema']);

export interface ResponseTools {
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** Named by a `file_search` tool. */
  readonly collection?: string;
}

/**
 * `tools` and `tool_choice` of a response: functions in the flat form, and `file_search` in one
 * collection. The other built-in tools are refused by name, since the farm has none of them.
 */
export function parseResponseTools(body: JsonObject): ResponseTools {
  const value = body['tools'] ?? [];
  if (!isList(value) || value.length > MAX_TOOLS)
    throw invalidField('tools', `a list of at most ${MAX_TOOLS} tools`);
  const tools: ToolDefinition[] = [];
  let collection: string | undefined;
  for (const [index, one] of value.entries()) {
    const path = `tools[${index}]`;
    if (!isObject(one)) throw invalidField(path, 'an object');
    if (one['type'] === 'file_search') {
      if (collection !== undefined) throw invalidField(path, 'the only `file_search`');
      collection = parseFileSearch(one, path);
    } else {
      const tool = parseFunction(one, path);
      if (tools.some(({ name }) => name === tool.name))
        throw invalidField(`${path}.name`, 'unique among the tools');
      tools.push(tool);
    }
  }
  return {
    ...parseChoice(body, tools, collection !== undefined),
    ...(collection === undefined ? {} : { collection }),
  };
}

function parseFunction(tool: JsonObject, path: string): ToolDefinition {
  const { type, ...definition } = tool;
  if (type === 'function') return parseDefinition(definition, path);
  if (typeof type !== 'string') throw invalidField(`${path}.type`, '`function`');
  throw new CadreError(
    'invalid_request',
    `${path}.type: this farm has no tool “${type.slice(0, 64)}”; it takes functions, and \`file_search\` in one collection`,
    { param: `${path}.type` },
  );
}

/** A vector store is a collection here, by its name. */
function parseFileSearch(tool: JsonObject, path: string): string {
  const ids = tool['vector_store_ids'];
  const [id] = isList(ids) ? ids : [];
  if (isList(ids) && ids.length === 1 && typeof id === 'string' && id !== '') return id;
  throw invalidField(`${path}.vector_store_ids`, 'a list with the name of one collection');
}

/** Without tools `auto` and `none` say nothing; `allowed_tools` takes the others away. */
function parseChoice(
  body: JsonObject,
  tools: readonly ToolDefinition[],
  hasSearch: boolean,
): Pick<ResponseTools, 'tools' | 'toolChoice'> {
  const value = body['tool_choice'];
  const given = tools.length === 0 ? {} : { tools };
  if (value === undefined || value === null) return given;
  if (value === 'auto' || value === 'none')
    return tools.length === 0 ? {} : { tools, toolChoice: value };
  if (isObject(value) && value['type'] === 'file_search' && hasSearch) return given;
  if (tools.length === 0)
    throw invalidField('tool_choice', 'left out where there are no functions');
  if (value === 'required') return { tools, toolChoice: value };
  if (!isObject(value))
    throw invalidField('tool_choice', '`auto`, `none`, `required` or a function of `tools`');
  if (value['type'] === 'allowed_tools') return parseAllowed(value, tools);
  if (value['type'] !== 'function')
    throw invalidField('tool_choice.type', '`function` or `allowed_tools`');
  return { tools, toolChoice: { name: nameOf(value, tools, 'tool_choice') } };
}

function parseAllowed(
  value: JsonObject,
  tools: readonly ToolDefinition[],
): Pick<ResponseTools, 'tools' | 'toolChoice'> {
  const { mode, tools: allowed } = value;
  if (mode !== 'auto' && mode !== 'required')
    throw invalidField('tool_choice.mode', '`auto` or `required`');
  if (!isList(allowed) || allowed.length === 0)
    throw invalidField('tool_choice.tools', 'a list of functions of `tools`');
  const names = new Set(
    allowed.map((one, index) => nameOf(one, tools, `tool_choice.tools[${index}]`)),
  );
  return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: mode };
}

function nameOf(value: JsonValue, tools: readonly ToolDefinition[], path: string): string {
  const name = isObject(value) ? value['name'] : undefined;
  if (typeof name === 'string' && tools.some((tool) => tool.name === name)) return name;
  throw invalidField(`${path}.name`, 'the name of one of the tools');
}

/** `text.format`, which has the schema's fields side by side. */
export function parseTextFormat(text: JsonObject | undefined): ResponseFormat | undefined {
  const format = text && optionalObject(text, 'format', 'text.format');
  if (format === undefined) return undefined;
  switch (format['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const schema = optionalObject(format, 'schema', 'text.format.schema');
      if (schema === undefined) throw invalidField('text.format.schema', 'a JSON Schema object');
      const name = optionalText(format, 'name', 'text.format.name', 64) ?? 'answer';
      return { type: 'json-schema', name, schema, ...extraFields(format, FORMAT_FIELDS) };
    }
    default:
      throw invalidField('text.format.type', '`text`, `json_object` or `json_schema`');
  }
}
