import { type Message, Ollama, type Tool } from 'ollama';
import {
  CITY_SCHEMA,
  type ClientLibrary,
  MOST_TOKENS,
  TOOL_NAME,
  TOOL_TEXT,
  weatherOf,
} from './client-library.ts';

/** The npm package `ollama`. */
export function createOllamaLibrary(url: string): ClientLibrary {
  const client = new Ollama({ host: url });
  const options = { num_predict: MOST_TOKENS };
  const asked = (content: string): Message[] => [{ role: 'user', content }];
  const tools: Tool[] = [
    {
      type: 'function',
      function: {
        name: TOOL_NAME,
        description: TOOL_TEXT,
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    },
  ];
  return {
    name: 'ollama',
    async ask(model, question) {
      const answer = await client.chat({ model, messages: asked(question), options });
      return answer.message.content;
    },
    async stream(model, question) {
      const messages = asked(question);
      const stream = await client.chat({ model, messages, options, stream: true });
      const pieces: string[] = [];
      let tokens = 0;
      for await (const { message, done, eval_count: count } of stream) {
        if (message.content !== '') pieces.push(message.content);
        if (done) tokens = count;
      }
      if (tokens === 0) throw new Error('the stream told no usage');
      return pieces;
    },
    async useTool(model, question) {
      const messages = asked(question);
      const first = await client.chat({ model, messages, tools, options });
      const call = first.message.tool_calls?.[0];
      if (call === undefined) throw new Error('no tool was called');
      const city = String(call.function.arguments['city']);
      messages.push(first.message);
      messages.push({ role: 'tool', tool_name: TOOL_NAME, content: weatherOf(city) });
      const second = await client.chat({ model, messages, options });
      return { city, answer: second.message.content };
    },
    async streamTool(model, question) {
      const messages = asked(question);
      const stream = await client.chat({ model, messages, tools, options, stream: true });
      const cities: string[] = [];
      for await (const { message } of stream)
        for (const call of message.tool_calls ?? [])
          cities.push(String(call.function.arguments['city']));
      return cities;
    },
    async askJson(model, question) {
      const messages = asked(question);
      const answer = await client.chat({ model, messages, format: CITY_SCHEMA, options });
      return JSON.parse(answer.message.content);
    },
  };
}
