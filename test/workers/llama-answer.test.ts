import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { AnswerWriter } from '../../src/workers/llama-answer.ts';
import { bindAnswer } from '../../src/workers/llama-binding.ts';
import type { LlamaEngine } from '../../src/workers/llama-engine.ts';
import { request } from './llama-harness.ts';

const call = (name: string) =>
  `<tool_call>\n${JSON.stringify({ name, arguments: { x: 1 } })}\n</tool_call>\n`;

/** What comes of a text that a model writes letter by letter; its tokens are the letters. */
function write(text: string, change: Partial<ModelRequest>) {
  const letters = [...text];
  const engine = {
    model: {
      detokenize: (tokens: readonly Token[]) => tokens.map((token) => letters[token]).join(''),
    },
  } as unknown as LlamaEngine;
  const asked = request('', { tools: [{ name: 'f' }, { name: 'g' }], ...change });
  const events: ModelEvent[] = [];
  const writer = new AnswerWriter(asked, engine, bindAnswer(asked), (event) => events.push(event));
  const read = letters.findIndex(
    (_, token) => !writer.push({ token: token as Token, logprob: -1, alternatives: [] }),
  );
  writer.end(read < 0);
  const names = events.flatMap((event) => (event.type === 'tool-call' ? [event.name] : []));
  return { names, finishReason: writer.finishReason, read: read < 0 ? letters.length : read + 1 };
}

describe('calls in an answer', () => {
  const both = call('f') + call('g');

  it('are all taken where they may be parallel', () => {
    expect(write(both, {})).toEqual({
      names: ['f', 'g'],
      finishReason: 'tool-calls',
      read: both.length,
    });
  });

  it('end with the first one where they may not: the rest is not written at all', () => {
    const { names, finishReason, read } = write(both, { parallelToolCalls: false });
    expect([names, finishReason]).toEqual([['f'], 'tool-calls']);
    expect(read).toBeLessThanOrEqual(call('f').length);
  });
});
