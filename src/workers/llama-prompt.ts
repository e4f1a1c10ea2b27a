import { Template } from '@huggingface/jinja';
import type { LlamaModel, Token } from 'node-llama-cpp';
import {
  type ChatMessage,
  continuesAnswer,
  type JsonValue,
  type ToolDefinition,
  textOf,
} from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { ModelRequest } from '../core/ports.ts';

/** Used where the file brings no template. */
const CHATML =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/**
 * A noncharacter that splits the text of a control token inside a message, so that a caller's
 * `<|im_start|>` is read as the letters it is and never as the token. It is cut out again before
 * tokenising.
 */
const SPLIT = '\uFDD0';

const CONTROL_TOKEN_TYPE = 3;

interface TemplateMessage {
  role: string;
  content: string;
  tool_calls?: readonly JsonValue[];
  tool_call_id?: string;
}

/** Writes a request as the tokens of the model's own chat template. */
export class PromptWriter {
  readonly #model: LlamaModel;
  readonly #template: Template;
  readonly #knowsTools: boolean;
  readonly #control: RegExp | undefined;

  constructor(model: LlamaModel) {
    this.#model = model;
    const source = model.fileInfo.metadata.tokenizer.chat_template ?? CHATML;
    this.#template = new Template(source);
    this.#knowsTools = /\btools\b/.test(source);
    this.#control = controlPattern(model);
  }

  /** Rejects with `unsupported_part` for images and sound, `invalid_request` where the template refuses. */
  write(request: ModelRequest): Token[] {
    const rendered = this.#render(request) + this.#begun(request);
    const tokens: Token[] = [];
    for (const [index, piece] of rendered.split(SPLIT).entries())
      tokens.push(
        ...(index === 0
          ? this.#model.tokenize(piece, true)
          : this.#model.tokenize(piece, true, 'trimLeadingSpace')),
      );
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    return tokens;
  }

  /** The beginning of the answer, where the request gives one: the model goes on from there. */
  #begun(request: ModelRequest): string {
    const last = continuesAnswer(request) ? request.messages.at(-1) : undefined;
    return last === undefined ? '' : this.#defuse(textOf(last.content));
  }

  #render(request: ModelRequest): string {
    const tools =
      request.tools !== undefined && request.tools.length > 0 && request.toolChoice !== 'none'
        ? request.tools
        : undefined;
    const native = tools === undefined || this.#knowsTools;
    const turns = continuesAnswer(request) ? request.messages.slice(0, -1) : request.messages;
    const messages = this.#defuse(
      turns.map((message, index) => plainMessage(message, index, this.#knowsTools)),
    );
    const shown = native ? messages : withToolText(messages, this.#defuse(tools ?? []));
    const items = (list: readonly TemplateMessage[]) => ({
      messages: list,
      ...(native && tools !== undefined ? { tools: this.#defuse(tools.map(toolObject)) } : {}),
      add_generation_prompt: true,
      bos_token: this.#model.tokens.bosString ?? '',
      eos_token: this.#model.tokens.eosString ?? '',
    });
    try {
      return this.#template.render(items(shown));
    } catch {
      // Some templates refuse a system message or two messages of one role in a row.
      try {
        return this.#template.render(items(alternating(shown)));
      } catch (error) {
        throw new CadreError(
          'invalid_request',
          `the chat template of the model refuses these messages: ${error instanceof Error ? error.message : String(error)}`,
          { param: 'messages' },
        );
      }
    }
  }

  /** A deep copy in which no string contains a control token's text. */
  #defuse<T>(value: T): T {
    if (typeof value === 'string') {
      const bare = value.replaceAll(SPLIT, '');
      if (this.#control === undefined) return bare as T;
      return bare.replace(this.#control, (text) => text.slice(0, 1) + SPLIT + text.slice(1)) as T;
    }
    if (Array.isArray(value)) return value.map((item) => this.#defuse(item)) as T;
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [this.#defuse(key), this.#defuse(item)]),
      ) as T;
    return value;
  }
}

function controlPattern(model: LlamaModel): RegExp | undefined {
  const { tokens, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  const texts: string[] = [];
  // Files mark some control tokens as plain ones (`</s>` of Qwen2.5); the engine knows better.
  for (const [id, text] of tokens.entries())
    if (
      types?.[id] === CONTROL_TOKEN_TYPE ||
      (/^<.+>$/.test(text) && model.isSpecialToken(id as Token))
    )
      texts.push(text);
  if (texts.length === 0) return undefined;
  texts.sort((left, right) => right.length - left.length);
  return new RegExp(
    texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'),
    'g',
  );
}

function plainMessage(message: ChatMessage, index: number, knowsTools: boolean): TemplateMessage {
  let content = '';
  for (const [place, part] of message.content.entries()) {
    // No template has a place for earlier thought.
    if (part.type === 'thinking') continue;
    if (part.type !== 'text')
      throw new CadreError('unsupported_part', `this local model reads no ${part.type}`, {
        param: `messages[${index}].content[${place}]`,
      });
    content += part.text;
  }
  if (message.role === 'tool')
    return knowsTools
      ? { role: 'tool', content, tool_call_id: message.toolCallId }
      : { role: 'user', content: `<tool_response>\n${content}\n</tool_response>` };
  if (message.role !== 'assistant' || (message.toolCalls ?? []).length === 0)
    return { role: message.role, content };
  const calls = (message.toolCalls ?? []).map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: parsed(call.arguments) },
  }));
  if (knowsTools) return { role: 'assistant', content, tool_calls: calls };
  const written = calls.map(
    ({ function: call }) => `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`,
  );
  return { role: 'assistant', content: [content, ...written].filter(Boolean).join('\n') };
}

/** Templates write arguments with `tojson`; an object must not arrive as a string of JSON. */
function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function toolObject(tool: ToolDefinition): JsonValue {
  return {
    type: 'function',
    function: {
      name: tool.name,
      description: tool.description ?? '',
      parameters: tool.parameters ?? { type: 'object', properties: {} },
    },
  };
}

/** The tools in words, for a template that has no place for them; the form is Qwen's and Hermes's. */
function withToolText(
  messages: readonly TemplateMessage[],
  tools: readonly ToolDefinition[],
): readonly TemplateMessage[] {
  const list = tools.map((tool) => JSON.stringify(toolObject(tool))).join('\n');
  const text = `You may call these functions:\n<tools>\n${list}\n</tools>\nTo call one, answer only with\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>`;
  const [first, ...rest] = messages;
  if (first?.role === 'system')
    return [{ ...first, content: `${first.content}\n\n${text}` }, ...rest];
  return [{ role: 'system', content: text }, ...messages];
}

/** The system message moved into the first user message, neighbours of one role joined. */
function alternating(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const joined: TemplateMessage[] = [];
  for (const message of messages) {
    const role = message.role === 'system' ? 'user' : message.role;
    const last = joined.at(-1);
    if (last?.role === role && role !== 'tool' && message.tool_calls === undefined)
      last.content += `\n\n${message.content}`;
    else joined.push({ ...message, role });
  }
  return joined;
}
