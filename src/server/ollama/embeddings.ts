import type { JsonObject } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import {
  invalidField,
  isList,
  optionalNumber,
  optionalText,
  requiredText,
} from '../wire-fields.ts';

export interface WireEmbedRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly dimensions: number | undefined;
}

const MAX_TEXTS = 2048;

/** The body of POST /api/embed; an empty `input` asks for nothing and gets no vectors. */
export function parseEmbedBody(body: JsonObject): WireEmbedRequest {
  const input = body['input'] ?? [];
  const list = isList(input) ? input : [input];
  if (list.length > MAX_TEXTS) throw invalidField('input', `at most ${MAX_TEXTS} texts`);
  const texts = list.map((one, index) => {
    if (typeof one === 'string') return one;
    throw invalidField(isList(input) ? `input[${index}]` : 'input', 'a string');
  });
  const range = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
  return {
    model: requiredText(body, 'model'),
    texts: texts.length === 1 && texts[0] === '' ? [] : texts,
    dimensions: optionalNumber(body, 'dimensions', range),
  };
}

/** The body of POST /api/embeddings, the older form with one prompt. */
export function parsePromptBody(body: JsonObject): WireEmbedRequest {
  const prompt = optionalText(body, 'prompt') ?? '';
  return {
    model: requiredText(body, 'model'),
    texts: prompt === '' ? [] : [prompt],
    dimensions: undefined,
  };
}

/** Throws `invalid_request` where the embedder's vectors are not as long as asked. */
export function toLists(
  vectors: readonly Float32Array[],
  { dimensions, model }: WireEmbedRequest,
): number[][] {
  const width = vectors[0]?.length;
  if (dimensions !== undefined && width !== undefined && width !== dimensions)
    throw new CadreError('invalid_request', `${model} has ${width} dimensions, no other`, {
      param: 'dimensions',
    });
  return vectors.map((vector) => Array.from(vector));
}
