import Anthropic from '@anthropic-ai/sdk';
import {
  CITY_SCHEMA,
  type ClientLibrary,
  MOST_TOKENS,
  TOOL_NAME,
  TOOL_TEXT,
  weatherOf,
} from './client-library.ts';

/** The npm package `@anthropic-ai/sdk`. */
export function createAnthropicLibrary(url: string): ClientLibrary {
  const client = new Anthropic({ baseURL: url, apiKey: 'local', maxRetries: 0 });
  const asked = (content: string): Anthropic.MessageParam[] => [{ role: 'user', content }];
  const weather: Anthropic.Tool = {
    name: TOOL_NAME,
    description: TOOL_TEXT,
    input_schema: { ...CITY_SCHEMA, required: ['city'] },
  };
  const textOf = (message: Anthropic.Message) =>
    message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const callOf = (message: Anthropic.Message) => {
    const call = message.content.find((block) => block.type === 'tool_use');
    if (call === undefined) throw new Error('no tool was called');
    return { id: call.id, city: (call.input as { city: string }).city };
  };
  return {
    name: '@anthropic-ai/sdk',
    async ask(model, question) {
      const messages = asked(question);
      return textOf(await client.messages.create({ model, messages, max_tokens: MOST_TOKENS }));
    },
    async stream(model, question) {
      const messages = asked(question);
      const stream = client.messages.stream({ model, messages, max_tokens: MOST_TOKENS });
      const pieces: string[] = [];
      stream.on('text', (text) => pieces.push(text));
      const final = await stream.finalMessage();
      if (final.usage.output_tokens === 0) throw new Error('the stream told no usage');
      if (textOf(final) !== pieces.join('')) throw new Error('the pieces are not the whole');
      return pieces;
    },
    async useTool(model, question) {
      const messages = asked(question);
      const common = { model, tools: [weather], max_tokens: MOST_TOKENS };
      const first = await client.messages.create({ ...common, messages });
      const { id, city } = callOf(first);
      const result = { type: 'tool_result' as const, tool_use_id: id, content: weatherOf(city) };
      messages.push({ role: 'assistant', content: first.content });
      messages.push({ role: 'user', content: [result] });
      const last = { ...common, messages, tool_choice: { type: 'none' as const } };
      return { city, answer: textOf(await client.messages.create(last)) };
    },
    async streamTool(model, question) {
      const messages = asked(question);
      const tools = [weather];
      const stream = client.messages.stream({ model, messages, tools, max_tokens: MOST_TOKENS });
      const { content } = await stream.finalMessage();
      return content.flatMap((block) =>
        block.type === 'tool_use' ? [(block.input as { city: string }).city] : [],
      );
    },
    async callPieces(model, question) {
      const messages = asked(question);
      const tools = [weather];
      const stream = client.messages.stream({ model, messages, tools, max_tokens: MOST_TOKENS });
      const calls: string[][] = [];
      for await (const event of stream) {
        if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
          calls.push([]);
        if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
          calls.at(-1)?.push(event.delta.partial_json);
      }
      return calls;
    },
    async askJson(model, question) {
      const answer = await client.messages.create({
        model,
        messages: asked(question),
        output_config: { format: { type: 'json_schema', schema: { ...CITY_SCHEMA } } },
        max_tokens: MOST_TOKENS,
      });
      return JSON.parse(textOf(answer));
    },
  };
}
