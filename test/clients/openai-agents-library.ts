import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import {
  type ClientLibrary,
  MOST_TOKENS,
  TOOL_NAME,
  TOOL_TEXT,
  weatherOf,
} from './client-library.ts';

const place = z.object({ city: z.string() });

/** The npm package `@openai/agents`, over chat completions or over its default, the responses. */
export function createOpenAiAgentsLibrary(url: string, useResponses: boolean): ClientLibrary {
  const openAIClient = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'local', maxRetries: 0 });
  const runner = new Runner({
    modelProvider: new OpenAIProvider({ openAIClient, useResponses }),
    tracingDisabled: true,
  });
  const settings = { maxTokens: MOST_TOKENS };
  const open = (model: string) => new Agent({ name: 'helper', model, modelSettings: settings });
  const withWeather = (model: string, cities: string[]) =>
    new Agent({
      name: 'helper',
      model,
      modelSettings: settings,
      tools: [
        tool({
          name: TOOL_NAME,
          description: TOOL_TEXT,
          parameters: place,
          isEnabled: () => cities.length === 0,
          execute: async ({ city }) => {
            cities.push(city);
            return weatherOf(city);
          },
        }),
      ],
    });
  return {
    name: `@openai/agents over ${useResponses ? 'responses' : 'chat completions'}`,
    async ask(model, question) {
      return (await runner.run(open(model), question)).finalOutput ?? '';
    },
    async stream(model, question) {
      const result = await runner.run(open(model), question, { stream: true });
      const pieces: string[] = [];
      for await (const event of result)
        if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta')
          pieces.push(event.data.delta);
      await result.completed;
      return pieces;
    },
    async useTool(model, question) {
      const cities: string[] = [];
      const { finalOutput } = await runner.run(withWeather(model, cities), question, {
        maxTurns: 3,
      });
      if (cities[0] === undefined) throw new Error('no tool was called');
      return { city: cities[0], answer: finalOutput ?? '' };
    },
    async streamTool(model, question) {
      const cities: string[] = [];
      const agent = withWeather(model, cities);
      const result = await runner.run(agent, question, { maxTurns: 3, stream: true });
      await result.completed;
      return cities;
    },
    async askJson(model, question) {
      const agent = new Agent({
        name: 'helper',
        model,
        modelSettings: settings,
        outputType: place,
      });
      return (await runner.run(agent, question)).finalOutput;
    },
  };
}
