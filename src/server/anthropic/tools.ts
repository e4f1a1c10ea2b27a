import type { ChatRequest, JsonObject, ToolChoice, ToolDefinition } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import { parseToolList } from '../openai-tools.ts';
import {
  extraFields,
  invalidField,
  isObject,
  optionalBoolean,
  optionalObject,
  optionalText,
} from '../wire-fields.ts';

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const TOOL_FIELDS = new Set(['type', 'name', 'description', 'input_schema']);

/** `tools` of the Messages API; undefined where there are none. */
export function parseTools(body: JsonObject): ToolDefinition[] | undefined {
  return parseToolList(body, 'name', (one, path) => {
    if (!isObject(one)) throw invalidField(path, 'an object');
    return parseTool(one, path);
  });
}

function parseTool(tool: JsonObject, path: string): ToolDefinition {
  const type = tool['type'] ?? 'custom';
  if (type !== 'custom')
    throw new CadreError(
      'unsupported_part',
      `${path}.type must be \`custom\`: a vendor's own tools would carry data where no permit covers it`,
      { param: `${path}.type` },
    );
  const name = tool['name'];
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalidField(`${path}.name`, '1 to 128 letters, digits, dots, dashes or underscores');
  const parameters = optionalObject(tool, 'input_schema', `${path}.input_schema`);
  if (parameters === undefined) throw invalidField(`${path}.input_schema`, 'a JSON Schema object');
  const description = optionalText(tool, 'description', `${path}.description`);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters,
    ...extraFields(tool, TOOL_FIELDS),
  };
}

/** `tool_choice`; `auto` and `none` are accepted without tools, since some clients always send them. */
export function parseToolChoice(
  body: JsonObject,
  tools: readonly ToolDefinition[] | undefined,
): Pick<ChatRequest, 'toolChoice' | 'parallelToolCalls'> {
  const value = optionalObject(body, 'tool_choice');
  if (value === undefined) return {};
  const single = optionalBoolean(
    value,
    'disable_parallel_tool_use',
    'tool_choice.disable_parallel_tool_use',
  );
  const toolChoice = choiceOf(value, tools);
  if (tools === undefined) return {};
  return { toolChoice, ...(single === undefined ? {} : { parallelToolCalls: !single }) };
}

function choiceOf(value: JsonObject, tools: readonly ToolDefinition[] | undefined): ToolChoice {
  switch (value['type']) {
    case 'auto':
    case 'none':
      return value['type'];
    case 'any':
      if (tools !== undefined) return 'required';
      throw invalidField('tool_choice', 'left out where there are no tools');
    case 'tool': {
      const { name } = value;
      if (typeof name === 'string' && tools?.some((tool) => tool.name === name)) return { name };
      throw invalidField('tool_choice.name', 'the name of one of the tools');
    }
    default:
      throw invalidField('tool_choice.type', '`auto`, `any`, `tool` or `none`');
  }
}
