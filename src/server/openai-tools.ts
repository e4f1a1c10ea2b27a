import type {
  JsonObject,
  JsonValue,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../core/chat.ts';
import {
  extraFields,
  invalidField,
  isList,
  isObject,
  optionalObject,
  optionalText,
} from './wire-fields.ts';

const MAX_TOOLS = 128;
const TOOL_FIELDS = new Set(['name', 'description', 'parameters']);
const FORMAT_FIELDS = new Set(['name', 'schema']);
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** `tools` of a chat request; undefined where there are none. */
export function parseTools(body: JsonObject): ToolDefinition[] | undefined {
  return parseToolList(body, 'function.name', (one, path) => {
    if (!isObject(one) || one['type'] !== 'function')
      throw invalidField(`${path}.type`, '`function`');
    const definition = one['function'];
    if (!isObject(definition)) throw invalidField(`${path}.function`, 'an object');
    return parseDefinition(definition, `${path}.function`);
  });
}

/** `tools` of a body, each with a name of its own at `place`; undefined where there are none. */
export function parseToolList(
  body: JsonObject,
  place: string,
  parse: (one: JsonValue, path: string) => ToolDefinition,
): ToolDefinition[] | undefined {
  const value = body['tools'];
  if (value === undefined || value === null) return undefined;
  if (!isList(value) || value.length > MAX_TOOLS)
    throw invalidField('tools', `a list of at most ${MAX_TOOLS} tools`);
  const names = new Set<string>();
  const tools = value.map((one, index) => {
    const path = `tools[${index}]`;
    const tool = parse(one, path);
    if (names.has(tool.name)) throw invalidField(`${path}.${place}`, 'unique among the tools');
    names.add(tool.name);
    return tool;
  });
  return tools.length === 0 ? undefined : tools;
}

/** A function with its name, description and schema of arguments. */
export function parseDefinition(definition: JsonObject, path: string): ToolDefinition {
  const name = definition['name'];
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalidField(`${path}.name`, '1 to 64 letters, digits, dots, dashes or underscores');
  const description = optionalText(definition, 'description', `${path}.description`);
  const parameters = optionalObject(definition, 'parameters', `${path}.parameters`);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...extraFields(definition, TOOL_FIELDS),
  };
}

/** `tool_choice`; `auto` and `none` are accepted without tools, since some clients always send them. */
export function parseToolChoice(
  body: JsonObject,
  tools: readonly ToolDefinition[] | undefined,
): ToolChoice | undefined {
  const value = body['tool_choice'];
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none') return tools === undefined ? undefined : value;
  if (tools === undefined) throw invalidField('tool_choice', 'left out where there are no tools');
  if (value === 'required') return value;
  const spoken = isObject(value) && value['type'] === 'function' ? value['function'] : undefined;
  if (!isObject(spoken))
    throw invalidField('tool_choice', '`auto`, `none`, `required` or a function of `tools`');
  const name = spoken['name'];
  if (typeof name !== 'string' || !tools.some((tool) => tool.name === name))
    throw invalidField('tool_choice.function.name', 'the name of one of the tools');
  return { name };
}

export function parseResponseFormat(body: JsonObject): ResponseFormat | undefined {
  const value = optionalObject(body, 'response_format');
  if (value === undefined) return undefined;
  switch (value['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const path = 'response_format.json_schema';
      const spoken = optionalObject(value, 'json_schema', path);
      const schema = spoken && optionalObject(spoken, 'schema', `${path}.schema`);
      if (spoken === undefined || schema === undefined)
        throw invalidField(`${path}.schema`, 'a JSON Schema object');
      const name = optionalText(spoken, 'name', `${path}.name`, 64) ?? 'answer';
      return { type: 'json-schema', name, schema, ...extraFields(spoken, FORMAT_FIELDS) };
    }
    default:
      throw invalidField('response_format.type', '`text`, `json_object` or `json_schema`');
  }
}
