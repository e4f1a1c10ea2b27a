import {
  type ChatMessage,
  type ChatRequest,
  continuesAnswer,
  type JsonObject,
  textPart,
} from '../../core/chat.ts';
import { parseTools } from '../openai-tools.ts';
import { invalidField, isList, optionalBoolean, optionalText } from '../wire-fields.ts';
import { parseImages, parseMessages } from './messages.ts';
import { type OllamaCommon, parseCommon } from './options.ts';

export interface WireOllamaRequest extends Omit<OllamaCommon, 'request'> {
  /** Nothing is asked: clients do so to load a model before it is needed. */
  readonly request: ChatRequest | undefined;
  readonly model: string;
}

/** The body of POST /api/chat. Rejects with `invalid_request` or `unsupported_part` and the path. */
export function parseChatBody(body: JsonObject): WireOllamaRequest {
  const list = body['messages'] ?? [];
  if (!isList(list)) throw invalidField('messages', 'a list');
  const tools = parseTools(body);
  return assemble(parseCommon(body), parseMessages(list), tools === undefined ? {} : { tools });
}

/** The body of POST /api/generate: one prompt, read by the model's own chat template. */
export function parseGenerateBody(body: JsonObject): WireOllamaRequest {
  const common = parseCommon(body);
  if (optionalBoolean(body, 'raw') === true)
    throw invalidField('raw', 'false: a spoke reads prompts by its own chat template');
  if (optionalText(body, 'suffix'))
    throw invalidField('suffix', 'left out: no spoke fills in the middle of a text');
  const prompt = optionalText(body, 'prompt') ?? '';
  const system = optionalText(body, 'system') ?? '';
  const images = parseImages(body);
  const said = [...(prompt === '' ? [] : textPart(prompt)), ...images];
  const messages: ChatMessage[] = [
    ...(system === '' ? [] : [{ role: 'system' as const, content: textPart(system) }]),
    ...(said.length === 0 ? [] : [{ role: 'user' as const, content: said }]),
  ];
  const ignored = [
    ...(optionalText(body, 'template') ? ['template: the model’s own is used'] : []),
    ...(isList(body['context']) ? ['context: send earlier turns to /api/chat'] : []),
  ];
  return assemble(
    { ...common, ignored: [...common.ignored, ...ignored] },
    said.length === 0 ? [] : messages,
  );
}

function assemble(
  { request, ...rest }: OllamaCommon,
  messages: readonly ChatMessage[],
  more: Pick<ChatRequest, 'tools'> = {},
): WireOllamaRequest {
  const { model } = request;
  if (messages.length === 0) return { ...rest, model, request: undefined };
  const whole: ChatRequest = { ...request, ...more, messages };
  if (whole.responseFormat !== undefined && continuesAnswer(whole))
    throw invalidField('messages', 'ended by the user where a format binds the answer');
  return { ...rest, model, request: whole };
}
