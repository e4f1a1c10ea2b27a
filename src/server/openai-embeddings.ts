import type { JsonObject } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import { invalidField, isList, optionalNumber, optionalText, requiredText } from './wire-fields.ts';

export interface WireEmbeddingRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly kind: 'query' | 'passage';
  readonly encoding: 'float' | 'base64';
  readonly dimensions: number | undefined;
}

/** OpenAI's own bound. */
const MAX_TEXTS = 2048;

/**
 * The body of POST /v1/embeddings. `input_type` (`query` or `passage`, default `passage`) is an
 * extension for embedders that prefix questions. Token lists are refused: their numbers belong to a
 * vocabulary that the embedder does not share.
 */
export function parseEmbeddingBody(body: JsonObject): WireEmbeddingRequest {
  const encoding = optionalText(body, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64')
    throw invalidField('encoding_format', '`float` or `base64`');
  const kind = optionalText(body, 'input_type') ?? 'passage';
  if (kind !== 'query' && kind !== 'passage')
    throw invalidField('input_type', '`query` or `passage`');
  const range = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
  return {
    model: requiredText(body, 'model'),
    texts: parseInput(body),
    kind,
    encoding,
    dimensions: optionalNumber(body, 'dimensions', range),
  };
}

function parseInput(body: JsonObject): string[] {
  const input = body['input'];
  const list = isList(input) ? input : [input];
  if (list.length === 0 || list.length > MAX_TEXTS)
    throw invalidField('input', `a string or a list of 1 to ${MAX_TEXTS} strings`);
  return list.map((one, index) => {
    const path = isList(input) ? `input[${index}]` : 'input';
    if (typeof one === 'number' || isList(one))
      throw invalidField(path, 'text; lists of token numbers are not accepted');
    if (typeof one !== 'string' || one === '')
      throw invalidField(path, 'a string that is not empty');
    return one;
  });
}

/** The answer; floats as JSON numbers, or as base64 of little-endian 32-bit floats. */
export function printEmbeddings(
  request: WireEmbeddingRequest,
  answer: {
    readonly vectors: readonly Float32Array[];
    readonly model: string;
    readonly tokens: number;
  },
) {
  const width = answer.vectors[0]?.length;
  if (request.dimensions !== undefined && width !== request.dimensions)
    throw new CadreError('invalid_request', `${answer.model} has ${width} dimensions, no other`, {
      param: 'dimensions',
    });
  return {
    object: 'list' as const,
    data: answer.vectors.map((vector, index) => ({
      object: 'embedding' as const,
      index,
      embedding: request.encoding === 'base64' ? toBase64(vector) : Array.from(vector),
    })),
    model: request.model,
    usage: { prompt_tokens: answer.tokens, total_tokens: answer.tokens },
  };
}

function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}
