import type { JsonObject, JsonValue } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { Farm } from '../../core/farm.ts';
import { invalidField, isList, isObject, optionalText } from '../wire-fields.ts';

export const MAX_TEXTS = 128;
/** Characters of all texts together: about a second of work with an embedder. */
export const MAX_CHARACTERS = 50_000;

/** What OpenAI's clients say when they say nothing. */
const FOREIGN = /^(omni|text)-moderation(-|$)/;

export interface ModerationRequest {
  /** Undefined = whichever there is. */
  readonly model: string | undefined;
  readonly texts: readonly string[];
}

/** The body of POST /v1/moderations; `ownModel` is the only model there is. */
export function parseModerationBody(body: JsonObject, ownModel: string): ModerationRequest {
  const model = optionalText(body, 'model');
  if (model !== undefined && model !== ownModel && model !== 'auto' && !FOREIGN.test(model))
    throw new CadreError('model_not_found', `there is no model “${model.slice(0, 100)}” here`, {
      param: 'model',
    });
  const input = body['input'];
  const list = isList(input) ? input : [input];
  if (list.length === 0 || list.length > MAX_TEXTS)
    throw invalidField('input', `a string or a list of 1 to ${MAX_TEXTS} strings`);
  const texts = list.map((one, index) => textOf(one, isList(input) ? `input[${index}]` : 'input'));
  if (texts.reduce((sum, text) => sum + text.length, 0) > MAX_CHARACTERS)
    throw invalidField('input', `at most ${MAX_CHARACTERS} characters together`);
  return { model, texts };
}

/** A string, or OpenAI's part with the type `text`. */
function textOf(value: JsonValue | undefined, path: string): string {
  if (isObject(value) && value['type'] === 'image_url')
    throw new CadreError('unsupported_part', `${path} is an image; only text is judged here`, {
      param: path,
    });
  const text = isObject(value) && value['type'] === 'text' ? value['text'] : value;
  if (typeof text === 'string') return text;
  throw invalidField(path, 'a string');
}

/** Only the categories that the model knows: a `false` for others would promise what nobody checked. */
export function printModeration(
  id: string,
  { model, results, features }: Awaited<ReturnType<Farm['moderate']>>,
) {
  return {
    id,
    model,
    results: results.map(({ flagged, categories, scores }) => ({
      flagged,
      categories,
      category_scores: scores,
      category_applied_input_types: Object.fromEntries(
        Object.keys(categories).map((name) => [name, ['text']]),
      ),
    })),
    cadre: { features },
  };
}
