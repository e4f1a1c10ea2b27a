import type { JsonObject } from '../core/chat.ts';
import type { VendorScript, VendorStep } from '../core/gateway.ts';
import { at, listAt, numberAt, readJson, textAt } from './json-path.ts';
import { chatSteps } from './vendor-chat.ts';
import { VENDOR_FAULTS } from './vendor-faults.ts';
import { VendorObjects } from './vendor-objects.ts';
import { VendorResponses } from './vendor-responses.ts';
import { STREAM_HEAD, sendJson, sendVendorError, speak } from './vendor-words.ts';

/** No vendor knows this key. */
export const WRONG_KEY = 'wrong-key-4117';
/** The model that does all that is asked of it. */
export const STEADY = 'steady';
/** Names of all models of the scripted vendor; a gateway under test forwards them unchanged. */
export const VENDOR_MODELS: readonly string[] = [STEADY, ...Object.keys(VENDOR_FAULTS)];

/** A vendor in OpenAI’s wire format whose model’s name picks what it does. */
export function createVendorScript(): VendorScript {
  const responses = new VendorResponses();
  const objects = new VendorObjects();
  return ({ method, path, headers, body, json }) => {
    if (headers['authorization']?.includes(WRONG_KEY)) return wrongKey();
    // A gateway may have been given the base address with `/v1` or without.
    const place = path.replace(/^\/v1(?=\/)/, '');
    const below = `/v1${place}`;
    if (place.startsWith('/models')) return sendModels(place);
    if (place.startsWith('/files')) return objects.files(method, below, body);
    if (place.startsWith('/batches')) return objects.batches(method, below, json);
    if (place.startsWith('/responses') && method !== 'POST')
      return responses.answer(method, below, json);
    const serve = MODEL_ROUTES[place] ?? (place === '/responses' ? 'responses' : undefined);
    if (serve === undefined) return invalid(`there is nothing at ${path}`, 404);
    if (method !== 'POST') return invalid(`${method} is not for ${path}`, 405);
    if (readJson(body) === undefined) return invalid('the body is not JSON');
    const model = textAt(json, 'model') ?? (place === '/moderations' ? STEADY : '');
    if (model === '') return invalid('model is missing');
    if (!VENDOR_MODELS.includes(model)) return unknownModel(model);
    return serve === 'responses' ? responses.answer(method, below, json) : serve(json, model);
  };
}

type Serve = (body: JsonObject, model: string) => Iterable<VendorStep>;

const MODEL_ROUTES: Readonly<Record<string, Serve>> = {
  '/chat/completions': (body, model) => VENDOR_FAULTS[model]?.(body) ?? chat(body),
  '/completions': completionSteps,
  '/embeddings': sendEmbeddings,
  '/rerank': sendRanking,
  '/moderations': sendModerations,
};

function wrongKey(): Iterable<VendorStep> {
  const error = { message: 'Incorrect API key provided.', type: 'invalid_request_error' };
  return sendVendorError(401, { ...error, code: 'invalid_api_key' });
}

/** As a vendor does, it refuses what is no chat. */
function chat(body: JsonObject): Iterable<VendorStep> {
  const limit = numberAt(body, 'max_tokens') ?? numberAt(body, 'max_completion_tokens');
  if (listAt(body, 'messages') === undefined) return invalid('messages must be a list');
  if (limit !== undefined && limit < 1) return invalid('max_tokens must be at least 1');
  return chatSteps(body);
}

function invalid(message: string, status = 400): Iterable<VendorStep> {
  return sendVendorError(status, { message, type: 'invalid_request_error', code: 'invalid_value' });
}

function unknownModel(model: string): Iterable<VendorStep> {
  return sendVendorError(404, {
    message: `The model ${model} does not exist.`,
    type: 'invalid_request_error',
    code: 'model_not_found',
  });
}

function sendModels(place: string): Iterable<VendorStep> {
  const id = place.split('/')[2];
  const print = (name: string) => ({ id: name, object: 'model', created: 1, owned_by: 'vendor' });
  if (id === undefined) return sendJson({ object: 'list', data: VENDOR_MODELS.map(print) });
  return VENDOR_MODELS.includes(id) ? sendJson(print(id)) : unknownModel(id);
}

function* completionSteps(body: JsonObject): Iterable<VendorStep> {
  const { pieces, finish } = speak({ ...body, messages: [] });
  const value = {
    id: 'cmpl-scripted',
    object: 'text_completion',
    created: 1,
    model: body['model'] ?? '',
  };
  const choice = (text: string, reason: string | null) => [
    { index: 0, text, logprobs: null, finish_reason: reason },
  ];
  const usage = { prompt_tokens: 20, completion_tokens: pieces.length };
  const counted = { usage: { ...usage, total_tokens: 20 + pieces.length } };
  if (body['stream'] !== true) {
    yield* sendJson({ ...value, choices: choice(pieces.join(''), finish), ...counted });
    return;
  }
  yield STREAM_HEAD;
  const chunks = [...pieces.map((piece) => choice(piece, null)), choice('', finish)];
  for (const choices of chunks)
    yield { do: 'chunk', bytes: `data: ${JSON.stringify({ ...value, choices })}\n\n` };
  yield { do: 'write', bytes: 'data: [DONE]\n\n' };
  yield { do: 'end' };
}

/** Eight numbers that depend on the letters of the text. */
function vectorOf(text: string): number[] {
  const vector = new Array<number>(8).fill(0.125);
  for (let place = 0; place < text.length; place += 1)
    vector[place % 8] = (vector[place % 8] ?? 0) + (text.charCodeAt(place) % 32) / 32;
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function sendEmbeddings(body: JsonObject): Iterable<VendorStep> {
  const { input } = body;
  const texts = Array.isArray(input) ? input.map(String) : [String(input)];
  const isPacked = body['encoding_format'] === 'base64';
  const data = texts.map((text, index) => {
    const vector = vectorOf(text);
    return { object: 'embedding', index, embedding: isPacked ? packed(vector) : vector };
  });
  const usage = { prompt_tokens: texts.length * 2, total_tokens: texts.length * 2 };
  return sendJson({ object: 'list', data, model: body['model'] ?? '', usage });
}

function packed(vector: readonly number[]): string {
  const bytes = new Uint8Array(new Float32Array(vector).buffer);
  return btoa(String.fromCharCode(...bytes));
}

function sendRanking(body: JsonObject): Iterable<VendorStep> {
  const words = new Set((textAt(body, 'query') ?? '').toLowerCase().match(/\p{L}+/gu));
  const scored = (listAt(body, 'documents') ?? []).map((document, index) => {
    const text = typeof document === 'string' ? document : (textAt(document, 'text') ?? '');
    const found = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    return { index, relevance_score: found.filter((word) => words.has(word)).length / 10 };
  });
  scored.sort((one, other) => other.relevance_score - one.relevance_score);
  const results = scored.slice(0, numberAt(body, 'top_n') ?? scored.length);
  return sendJson({ id: 'rerank-1', model: body['model'] ?? '', results });
}

function sendModerations(body: JsonObject): Iterable<VendorStep> {
  const { input } = body;
  const count = Array.isArray(input) ? input.length : 1;
  const names = ['harassment', 'hate', 'self-harm', 'sexual', 'violence'];
  const result = {
    flagged: false,
    categories: Object.fromEntries(names.map((name) => [name, false])),
    category_scores: Object.fromEntries(names.map((name) => [name, 0.001])),
  };
  const model = at(body, 'model') ?? 'moderation';
  const results = Array.from({ length: count }, () => result);
  return sendJson({ id: 'modr-1', model: String(model), results });
}
