import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import {
  CITY_SCHEMA,
  type ClientLibrary,
  MOST_TOKENS,
  TOOL_NAME,
  TOOL_TEXT,
  weatherOf,
} from './client-library.ts';

const place = jsonSchema<{ city: string }>({ ...CITY_SCHEMA, required: ['city'] });

/** The npm packages `ai` and `@ai-sdk/openai-compatible`. */
export function createAiSdkLibrary(url: string): ClientLibrary {
  const provider = createOpenAICompatible({
    name: 'cadre',
    baseURL: `${url}/v1`,
    apiKey: 'local',
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  const common = (model: string, prompt: string) => ({
    model: provider(model),
    prompt,
    maxRetries: 0,
    maxOutputTokens: MOST_TOKENS,
  });
  return {
    name: 'ai + @ai-sdk/openai-compatible',
    async ask(model, question) {
      return (await generateText(common(model, question))).text;
    },
    async stream(model, question) {
      let failure: unknown;
      const result = streamText({
        ...common(model, question),
        onError: ({ error }) => {
          failure = error;
        },
      });
      const pieces: string[] = [];
      for await (const text of result.textStream) pieces.push(text);
      if (failure !== undefined) throw failure;
      if (!(await result.usage).outputTokens) throw new Error('the stream told no usage');
      return pieces;
    },
    async useTool(model, question) {
      const cities: string[] = [];
      const result = await generateText({
        ...common(model, question),
        tools: {
          [TOOL_NAME]: tool({
            description: TOOL_TEXT,
            inputSchema: place,
            execute: async ({ city }) => {
              cities.push(city);
              return weatherOf(city);
            },
          }),
        },
        prepareStep: ({ stepNumber }) => (stepNumber > 0 ? { toolChoice: 'none' } : {}),
        stopWhen: stepCountIs(2),
      });
      if (cities[0] === undefined) throw new Error('no tool was called');
      return { city: cities[0], answer: result.text };
    },
    async streamTool(model, question) {
      const result = streamText({
        ...common(model, question),
        tools: { [TOOL_NAME]: tool({ description: TOOL_TEXT, inputSchema: place }) },
        onError: () => undefined,
      });
      return (await result.toolCalls).map((call) => (call.input as { city: string }).city);
    },
    async callPieces(model, question) {
      const result = streamText({
        ...common(model, question),
        tools: { [TOOL_NAME]: tool({ description: TOOL_TEXT, inputSchema: place }) },
      });
      const calls = new Map<string, string[]>();
      for await (const part of result.fullStream) {
        if (part.type === 'tool-input-start') calls.set(part.id, []);
        if (part.type === 'tool-input-delta') calls.get(part.id)?.push(part.delta);
      }
      return [...calls.values()];
    },
    async askJson(model, question) {
      const result = await generateText({
        ...common(model, question),
        output: Output.object({ schema: place }),
      });
      return result.output;
    },
  };
}
