import type { JsonObject } from '../core/chat.ts';
import type { VendorStep } from '../core/gateway.ts';
import { listAt, numberAt, textAt } from './json-path.ts';
import { STREAM_HEAD, sendJson, sendVendorError, speak } from './vendor-words.ts';

/** OpenAI’s Responses of the scripted vendor, kept in memory. */
export class VendorResponses {
  readonly #kept = new Map<string, { response: JsonObject; input: unknown }>();
  #made = 0;

  answer(method: string, path: string, body: JsonObject): Iterable<VendorStep> {
    const [, , , id, part] = path.split(/[/?]/);
    if (method === 'POST' && id === undefined) return this.#create(body);
    const kept = this.#kept.get(id ?? '');
    if (id === undefined || kept === undefined)
      return sendVendorError(404, {
        message: 'No such response.',
        type: 'invalid_request_error',
        code: 'not_found',
      });
    if (method === 'DELETE') {
      this.#kept.delete(id);
      return sendJson({ id, object: 'response', deleted: true });
    }
    if (part !== 'input_items') return sendJson(kept.response);
    const content = [{ type: 'input_text', text: JSON.stringify(kept.input) }];
    const data = [{ id: 'msg_in', type: 'message', role: 'user', content }];
    return sendJson({
      object: 'list',
      data,
      has_more: false,
      first_id: 'msg_in',
      last_id: 'msg_in',
    });
  }

  #create(body: JsonObject): Iterable<VendorStep> {
    const { input } = body;
    if (typeof input !== 'string' && !Array.isArray(input))
      return sendVendorError(400, {
        message: 'input must be text or a list',
        type: 'invalid_request_error',
        code: 'invalid_type',
      });
    this.#made += 1;
    const id = `resp_${this.#made}`;
    const output = outputOf(body);
    const response = responseOf(id, body, 'completed', output);
    this.#kept.set(id, { response, input });
    return body['stream'] === true ? streamSteps(id, body, output) : sendJson(response);
  }
}

function outputOf(body: JsonObject): JsonObject {
  const { calls, pieces } = speak(asChat(body));
  const [call] = calls;
  if (call !== undefined)
    return { type: 'function_call', id: 'fc_1', call_id: 'call_1', status: 'completed', ...call };
  return {
    id: 'msg_1',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [partOf(pieces.join(''))],
  };
}

/** The same wish in the words of a chat body, so that one model speaks for both. */
function asChat(body: JsonObject): JsonObject {
  const { input } = body;
  const messages = Array.isArray(input) ? input : [{ role: 'user', content: input ?? '' }];
  const tools = (listAt(body, 'tools') ?? []).map((tool) => ({ function: tool as JsonObject }));
  const choice = textAt(body, 'tool_choice', 'name');
  const format = textAt(body, 'text', 'format', 'type');
  const schema = body['text'];
  return {
    messages,
    tools,
    max_tokens: numberAt(body, 'max_output_tokens') ?? 100,
    ...(choice === undefined ? {} : { tool_choice: { function: { name: choice } } }),
    ...(body['tool_choice'] === 'required' ? { tool_choice: 'required' } : {}),
    ...(format === 'json_schema'
      ? { response_format: { type: format, json_schema: Object(schema).format } }
      : {}),
  };
}

function partOf(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function responseOf(
  id: string,
  body: JsonObject,
  status: string,
  output: JsonObject | undefined,
): JsonObject {
  return {
    id,
    object: 'response',
    created_at: 1_750_000_000,
    status,
    model: body['model'] ?? '',
    output: output === undefined ? [] : [output],
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: body['tools'] ?? [],
    top_p: 1,
    previous_response_id: body['previous_response_id'] ?? null,
    store: true,
    usage:
      output === undefined
        ? null
        : {
            input_tokens: 20,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: 32,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: 52,
          },
  };
}

function* streamSteps(id: string, body: JsonObject, output: JsonObject): Iterable<VendorStep> {
  let sequence = 0;
  const event = (type: string, more: JsonObject): VendorStep => {
    const data = JSON.stringify({ type, sequence_number: sequence, ...more });
    sequence += 1;
    return { do: 'chunk', bytes: `event: ${type}\ndata: ${data}\n\n` };
  };
  const place = { output_index: 0, item_id: output['id'] ?? '' };
  yield STREAM_HEAD;
  for (const type of ['response.created', 'response.in_progress'])
    yield event(type, { response: responseOf(id, body, 'in_progress', undefined) });
  const begun = output['type'] === 'message' ? { content: [] } : { arguments: '' };
  const item = { ...output, status: 'in_progress', ...begun };
  yield event('response.output_item.added', { output_index: 0, item });
  if (output['type'] === 'message') {
    const text = textAt(output, 'content', 0, 'text') ?? '';
    const at = { ...place, content_index: 0 };
    yield event('response.content_part.added', { ...at, part: partOf('') });
    for (const delta of text.match(/ ?\S+/g) ?? [])
      yield event('response.output_text.delta', { ...at, delta, logprobs: [] });
    yield event('response.output_text.done', { ...at, text, logprobs: [] });
    yield event('response.content_part.done', { ...at, part: partOf(text) });
  } else {
    const text = textAt(output, 'arguments') ?? '';
    yield event('response.function_call_arguments.delta', { ...place, delta: text });
    yield event('response.function_call_arguments.done', { ...place, arguments: text });
  }
  yield event('response.output_item.done', { output_index: 0, item: output });
  yield event('response.completed', { response: responseOf(id, body, 'completed', output) });
  yield { do: 'end' };
}
