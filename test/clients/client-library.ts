/** What an application does with a client library, whatever the library calls it. */
export interface ClientLibrary {
  readonly name: string;
  /** The text of a whole answer. */
  ask(model: string, question: string): Promise<string>;
  /** The pieces of a streamed answer; rejects when the stream does not end well. */
  stream(model: string, question: string): Promise<readonly string[]>;
  /**
   * Offers `getWeather`, runs the call that the model makes with `weatherOf`, hands the result back
   * and gives the answer that follows, which may call nothing more.
   */
  useTool(model: string, question: string): Promise<ToolUse>;
  /** The cities of all calls of `getWeather` in one streamed answer. */
  streamTool(model: string, question: string): Promise<readonly string[]>;
  /** The arguments of each call in one streamed answer, in the pieces in which the library tells them. */
  callPieces?(model: string, question: string): Promise<readonly (readonly string[])[]>;
  /** An answer bound to `CITY_SCHEMA`. */
  askJson(model: string, question: string): Promise<unknown>;
  /** Ends what the library started. */
  close?(): void;
}

export interface ToolUse {
  readonly city: string;
  readonly answer: string;
}

export const TOOL_NAME = 'getWeather';
export const TOOL_TEXT = 'Weather of a city';
export const CITY_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;

export function weatherOf(city: string): string {
  return `In ${city} it is 17 degrees and sunny.`;
}

/** The argument of a call of the tool, whose JSON the model wrote. */
export function cityOf(argumentsText: string | undefined): string {
  const { city } = JSON.parse(argumentsText ?? '{}') as { city?: unknown };
  return String(city);
}

export const MOST_TOKENS = 60;
