import Anthropic from '@anthropic-ai/sdk';
import { type Answer, send, startServer } from '../running-server.ts';
import type { ScriptedFarm } from '../scripted-farm.ts';

export const HELLO = {
  model: 'auto',
  max_tokens: 9,
  messages: [{ role: 'user' as const, content: 'hi' }],
};

export async function clientOf(farm: ScriptedFarm, apiKey = 'none') {
  const { url, port } = await startServer(farm);
  return { client: new Anthropic({ baseURL: url, apiKey, maxRetries: 0 }), port };
}

export const post = (port: number, body: object, headers = {}): Promise<Answer> =>
  send(port, { path: '/v1/messages', body: JSON.stringify(body), headers });
