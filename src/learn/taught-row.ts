import type { ChatMessage } from '../core/chat.ts';

/** A conversation and the answer that is taught. */
export interface TaughtRow {
  readonly messages: readonly TaughtMessage[];
  readonly answer: string;
}

export type TaughtMessage = {
  readonly role: Extract<ChatMessage['role'], 'system' | 'user' | 'assistant'>;
  readonly content: string;
};
