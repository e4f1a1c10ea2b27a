import type { JsonObject, JsonValue } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import { invalidField, isList, isObject, optionalText, requiredText } from '../wire-fields.ts';
import { parseInputContent, parseOutputContent } from './response-content.ts';
import { type Item, type ItemReference, type ItemStatus, itemId } from './response-items.ts';

const ROLES = ['user', 'system', 'developer', 'assistant'] as const;
const MAX_ID = 128;
const DONE: ItemStatus = 'completed';

/**
 * `input` of POST /v1/responses as items that can be stored: a string, or messages, function calls
 * with their outputs, reasoning, and references to stored items. Rejects with `invalid_request` or
 * `unsupported_part` and the path.
 */
export function parseInput(
  value: JsonValue | undefined,
  responseId: string,
  most: number,
): (Item | ItemReference)[] {
  if (typeof value === 'string' && value !== '')
    return [
      {
        id: itemId('message', responseId, 'i0'),
        type: 'message',
        role: 'user',
        status: DONE,
        content: [{ type: 'input_text', text: value }],
      },
    ];
  if (!isList(value) || value.length === 0)
    throw invalidField('input', 'a string or a list with at least one item');
  if (value.length > most) throw invalidField('input', `at most ${most} items`);
  return value.map((one, index) => parseItem(one, `input[${index}]`, responseId, `i${index}`));
}

function parseItem(
  value: JsonValue,
  path: string,
  responseId: string,
  place: string,
): Item | ItemReference {
  if (!isObject(value)) throw invalidField(path, 'an object');
  const type = optionalText(value, 'type', `${path}.type`) ?? 'message';
  const idOf = (kind: Item['type']) =>
    optionalText(value, 'id', `${path}.id`, MAX_ID) || itemId(kind, responseId, place);
  switch (type) {
    case 'message':
      return parseMessage(value, path, idOf('message'));
    case 'function_call':
      return {
        id: idOf(type),
        type,
        call_id: requiredText(value, 'call_id', `${path}.call_id`),
        name: requiredText(value, 'name', `${path}.name`),
        arguments: optionalText(value, 'arguments', `${path}.arguments`) ?? '',
        status: DONE,
      };
    case 'function_call_output':
      return {
        id: idOf(type),
        type,
        call_id: requiredText(value, 'call_id', `${path}.call_id`),
        output: parseOutput(value['output'], `${path}.output`),
        status: DONE,
      };
    case 'reasoning':
      return parseReasoning(value, path, idOf('reasoning'));
    case 'item_reference':
      return { type, id: requiredText(value, 'id', `${path}.id`) };
    default:
      throw new CadreError(
        'unsupported_part',
        `${path}: items of type “${type.slice(0, 64)}” belong to a tool that this farm does not have`,
        { param: `${path}.type` },
      );
  }
}

function parseMessage(value: JsonObject, path: string, id: string): Item {
  const role = ROLES.find((one) => one === value['role']);
  if (role === undefined) throw invalidField(`${path}.role`, `one of ${ROLES.join(', ')}`);
  const at = `${path}.content`;
  const content =
    role === 'assistant'
      ? parseOutputContent(value['content'], at)
      : parseInputContent(value['content'], at);
  return { id, type: 'message', role, status: DONE, content };
}

function parseOutput(value: JsonValue | undefined, path: string): string | JsonObject[] {
  return typeof value === 'string' ? value : parseInputContent(value, path);
}

/** The thought itself is in `summary` here; other servers put it into `content`. */
function parseReasoning(value: JsonObject, path: string, id: string): Item {
  const texts = ['summary', 'content'].flatMap((name) => {
    const list = value[name] ?? [];
    if (!isList(list)) throw invalidField(`${path}.${name}`, 'a list');
    return list.map((one, index) => {
      const at = `${path}.${name}[${index}]`;
      if (!isObject(one)) throw invalidField(at, 'an object');
      return { type: 'summary_text', text: optionalText(one, 'text', `${at}.text`) ?? '' };
    });
  });
  const proof = optionalText(value, 'encrypted_content', `${path}.encrypted_content`);
  return {
    id,
    type: 'reasoning',
    summary: texts,
    ...(proof === undefined ? {} : { encrypted_content: proof }),
    status: DONE,
  };
}
