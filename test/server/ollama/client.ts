import { Ollama } from 'ollama';
import { type Answer, send, startServer } from '../running-server.ts';
import type { ScriptedFarm } from '../scripted-farm.ts';

/** The client writes into what it is given, so that every test has a request of its own. */
export const hello = () => ({ model: 'auto', messages: [{ role: 'user', content: 'hi' }] });

export async function clientOf(farm: ScriptedFarm) {
  const { url, port } = await startServer(farm);
  return { client: new Ollama({ host: url }), port };
}

export const post = (port: number, path: string, body: object, headers = {}): Promise<Answer> =>
  send(port, { path, body: JSON.stringify(body), headers });

/** The lines of a streamed answer. */
export function linesOf(answer: Answer) {
  return answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
