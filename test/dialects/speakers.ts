import type { JsonObject } from '../../src/core/chat.ts';

export interface Call {
  readonly id?: string;
  readonly name: string;
  readonly arguments: object;
}

export interface Question {
  readonly model: string;
  readonly text: string;
  readonly tools?: boolean;
  /** Calls that were made and what came of each. */
  readonly results?: readonly { readonly call: Call; readonly result: string }[];
  readonly schema?: JsonObject;
  /** Fields that the farm does not know. */
  readonly extra?: JsonObject;
}

/** An answer in the words of no dialect. */
export interface Heard {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly Call[];
  readonly end: 'stop' | 'calls' | 'error' | 'none';
}

/** One dialect of the server: how it is asked and how its answers are read. */
export interface Speaker {
  readonly name: 'openai' | 'anthropic' | 'ollama';
  readonly path: string;
  write(question: Question, stream: boolean): JsonObject;
  read(text: string, stream: boolean): Heard;
}

export const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
};

/** The parts of an event stream, or of a stream of lines. */
export function partsOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^data: /, ''))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

export async function askAs(
  speaker: Speaker,
  url: string,
  question: Question,
  stream: boolean,
): Promise<Heard & { readonly status: number }> {
  const answer = await fetch(url + speaker.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(speaker.write(question, stream)),
  });
  const text = await answer.text();
  const isStream = stream && answer.status === 200;
  return { ...speaker.read(text, isStream), status: answer.status };
}
