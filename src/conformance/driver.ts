import type { Dialect, JsonObject } from '../core/chat.ts';

/** One turn of a conversation, in words that every dialect has. */
export type Turn =
  | { readonly role: 'system' | 'user' | 'assistant'; readonly text: string }
  | { readonly role: 'call'; readonly call: ReadCall }
  | { readonly role: 'result'; readonly call: ReadCall; readonly text: string };

export interface ReadCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** In how many pieces they came; absent where the dialect gives them whole. */
  readonly pieces?: number;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

/** What a check asks for. */
export interface ChatWish {
  readonly model: string;
  readonly turns: readonly Turn[];
  readonly stream?: boolean;
  readonly maxTokens?: number;
  readonly stop?: string;
  readonly tools?: readonly Tool[];
  /** True = the first tool must be called. */
  readonly forced?: boolean;
  readonly schema?: JsonObject;
  /** Fields of the dialect, as they are. */
  readonly extra?: JsonObject;
}

export type Finish = 'stop' | 'length' | 'tools' | 'filter';

/** An answer, whole or streamed, in words that every dialect has. */
export interface ReadAnswer {
  readonly text: string;
  readonly finish: Finish | undefined;
  readonly calls: readonly ReadCall[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** The words of an error inside the answer. */
  readonly error: string | undefined;
  /** The mark by which the dialect says that a stream is over has come. */
  readonly terminated: boolean;
}

/** How a dialect says what the checks need to say and hear. */
export interface Driver {
  readonly dialect: Dialect;
  readonly chatPath: string;
  /** False where the dialect has no way to demand a tool call. */
  readonly canForce: boolean;
  /** False where it has no way to demand JSON of a schema. */
  readonly canBind: boolean;
  headers(key: string | undefined): Record<string, string>;
  chat(wish: ChatWish): JsonObject;
  /** Undefined where the value is no answer of the dialect. */
  readWhole(value: unknown): ReadAnswer | undefined;
  readStream(text: string): ReadAnswer;
  /** What is wrong with the shape of an error; undefined = nothing. */
  faultOfError(value: unknown): string | undefined;
}
