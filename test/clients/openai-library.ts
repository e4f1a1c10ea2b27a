import OpenAI from 'openai';
import {
  CITY_SCHEMA,
  type ClientLibrary,
  cityOf,
  MOST_TOKENS,
  TOOL_NAME,
  TOOL_TEXT,
  weatherOf,
} from './client-library.ts';

/** The npm package `openai`. */
export function createOpenAiLibrary(url: string): ClientLibrary {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'local', maxRetries: 0 });
  const asked = (content: string): OpenAI.ChatCompletionMessageParam[] => [
    { role: 'user', content },
  ];
  const tools: OpenAI.ChatCompletionFunctionTool[] = [
    {
      type: 'function',
      function: { name: TOOL_NAME, description: TOOL_TEXT, parameters: { ...CITY_SCHEMA } },
    },
  ];
  const limit = { max_completion_tokens: MOST_TOKENS };
  return {
    name: 'openai',
    async ask(model, question) {
      const answer = await client.chat.completions.create({
        model,
        messages: asked(question),
        ...limit,
      });
      return answer.choices[0]?.message.content ?? '';
    },
    async stream(model, question) {
      const stream = await client.chat.completions.create({
        model,
        messages: asked(question),
        stream: true,
        stream_options: { include_usage: true },
        ...limit,
      });
      const pieces: string[] = [];
      let tokens = 0;
      for await (const chunk of stream) {
        const text = chunk.choices[0]?.delta.content;
        if (text) pieces.push(text);
        tokens = chunk.usage?.completion_tokens ?? tokens;
      }
      if (tokens === 0) throw new Error('the stream told no usage');
      return pieces;
    },
    async useTool(model, question) {
      const messages = asked(question);
      const first = await client.chat.completions.create({ model, messages, tools, ...limit });
      const message = first.choices[0]?.message;
      const call = message?.tool_calls?.[0];
      if (message === undefined || call?.type !== 'function') throw new Error('no tool was called');
      const city = cityOf(call.function.arguments);
      messages.push(message, { role: 'tool', tool_call_id: call.id, content: weatherOf(city) });
      const second = await client.chat.completions.create({
        model,
        messages,
        tools,
        tool_choice: 'none',
        ...limit,
      });
      return { city, answer: second.choices[0]?.message.content ?? '' };
    },
    async streamTool(model, question) {
      const messages = asked(question);
      const stream = client.chat.completions.stream({ model, messages, tools, ...limit });
      const answer = await stream.finalChatCompletion();
      const calls = answer.choices[0]?.message.tool_calls ?? [];
      return calls.flatMap((call) =>
        call.type === 'function' ? [cityOf(call.function.arguments)] : [],
      );
    },
    async callPieces(model, question) {
      const messages = asked(question);
      const stream = await client.chat.completions.create({
        model,
        messages,
        tools,
        stream: true,
        ...limit,
      });
      const calls: string[][] = [];
      for await (const { choices } of stream)
        for (const call of choices[0]?.delta.tool_calls ?? []) {
          calls[call.index] ??= [];
          if (call.function?.arguments) calls[call.index]?.push(call.function.arguments);
        }
      return calls;
    },
    async askJson(model, question) {
      const answer = await client.chat.completions.create({
        model,
        messages: asked(question),
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'place', strict: true, schema: { ...CITY_SCHEMA } },
        },
        ...limit,
      });
      return JSON.parse(answer.choices[0]?.message.content ?? '');
    },
  };
}
