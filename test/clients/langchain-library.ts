import { type AIMessageChunk, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import {
  type ClientLibrary,
  MOST_TOKENS,
  TOOL_NAME,
  TOOL_TEXT,
  weatherOf,
} from './client-library.ts';

const place = z.object({ city: z.string() });
const weather = tool(({ city }: { city: string }) => weatherOf(city), {
  name: TOOL_NAME,
  description: TOOL_TEXT,
  schema: place,
});

/** The npm package `@langchain/openai`. */
export function createLangChainLibrary(url: string): ClientLibrary {
  const open = (model: string) =>
    new ChatOpenAI({
      model,
      apiKey: 'local',
      maxRetries: 0,
      maxTokens: MOST_TOKENS,
      streamUsage: true,
      configuration: { baseURL: `${url}/v1` },
    });
  return {
    name: '@langchain/openai',
    async ask(model, question) {
      return (await open(model).invoke(question)).text;
    },
    async stream(model, question) {
      const pieces: string[] = [];
      let tokens = 0;
      for await (const chunk of await open(model).stream(question)) {
        if (chunk.text !== '') pieces.push(chunk.text);
        const usage: { output_tokens?: number } = chunk.usage_metadata ?? {};
        tokens += usage.output_tokens ?? 0;
      }
      if (tokens === 0) throw new Error('the stream told no usage');
      return pieces;
    },
    async useTool(model, question) {
      const bound = open(model).bindTools([weather]);
      const asked = new HumanMessage(question);
      const first = await bound.invoke([asked]);
      const call = first.tool_calls?.[0];
      if (call?.id === undefined) throw new Error('no tool was called');
      const { city } = place.parse(call.args);
      const content = await weather.invoke({ city });
      const result = new ToolMessage({ tool_call_id: call.id, content });
      const told = open(model).bindTools([weather], { tool_choice: 'none' });
      return { city, answer: (await told.invoke([asked, first, result])).text };
    },
    async streamTool(model, question) {
      const stream = await open(model).bindTools([weather]).stream(question);
      let whole: AIMessageChunk | undefined;
      for await (const chunk of stream) whole = whole?.concat(chunk) ?? chunk;
      return (whole?.tool_calls ?? []).map((call) => place.parse(call.args).city);
    },
    async askJson(model, question) {
      return open(model).withStructuredOutput(place, { method: 'jsonSchema' }).invoke(question);
    },
  };
}
