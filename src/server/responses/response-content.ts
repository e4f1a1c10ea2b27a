import type { JsonObject, JsonValue } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import { invalidField, isList, isObject, optionalText, requiredText } from '../wire-fields.ts';

/** What a user, a system or a tool says: text, images, sound. */
export function parseInputContent(value: JsonValue | undefined, path: string): JsonObject[] {
  if (typeof value === 'string') return [{ type: 'input_text', text: value }];
  return listOf(value, path).map((part, index) => parseInputPart(part, `${path}[${index}]`));
}

/** What an assistant said before. */
export function parseOutputContent(value: JsonValue | undefined, path: string): JsonObject[] {
  if (typeof value === 'string') return [outputText(value)];
  return listOf(value, path).map((part, index) => {
    const at = `${path}[${index}]`;
    if (!isObject(part)) throw invalidField(at, 'an object');
    switch (part['type']) {
      case 'output_text':
      case 'input_text':
        return outputText(optionalText(part, 'text', `${at}.text`) ?? '');
      case 'refusal':
        return {
          type: 'refusal',
          refusal: optionalText(part, 'refusal', `${at}.refusal`) ?? '',
        };
      default:
        throw invalidField(`${at}.type`, '`output_text` or `refusal`');
    }
  });
}

function outputText(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [] };
}

function listOf(value: JsonValue | undefined, path: string): readonly JsonValue[] {
  if (isList(value) && value.length > 0) return value;
  throw invalidField(path, 'a string or a list with at least one part');
}

function parseInputPart(part: JsonValue, path: string): JsonObject {
  if (!isObject(part)) throw invalidField(path, 'an object');
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
      return {
        type: 'input_text',
        text: optionalText(part, 'text', `${path}.text`) ?? '',
      };
    case 'input_image':
      return parseImage(part, path);
    case 'input_audio':
      return parseAudio(part, path);
    default:
      throw new CadreError('unsupported_part', `${path} is of a type that no spoke accepts`, {
        param: `${path}.type`,
      });
  }
}

function parseImage(part: JsonObject, path: string): JsonObject {
  const url = optionalText(part, 'image_url', `${path}.image_url`);
  if (url === undefined || !/^data:image\//i.test(url))
    throw new CadreError(
      'unsupported_part',
      `${path}.image_url must be a data: URL; the farm fetches nothing that a caller names`,
      { param: `${path}.image_url` },
    );
  const detail = optionalText(part, 'detail', `${path}.detail`, 16) ?? 'auto';
  return { type: 'input_image', image_url: url, detail };
}

function parseAudio(part: JsonObject, path: string): JsonObject {
  const audio = part['input_audio'];
  if (!isObject(audio)) throw invalidField(`${path}.input_audio`, 'an object with data and format');
  return {
    type: 'input_audio',
    input_audio: {
      data: requiredText(audio, 'data', `${path}.input_audio.data`),
      format: requiredText(audio, 'format', `${path}.input_audio.format`),
    },
  };
}
