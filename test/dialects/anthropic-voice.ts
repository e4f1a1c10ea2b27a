import { THOUGHT, think, type Voiced, wordsOf } from './scripted-brain.ts';

interface Block {
  readonly type: string;
  readonly content?: unknown;
  readonly text?: string;
}

/** The brain behind POST /v1/messages. */
export function voiceAnthropic(text: string): Voiced {
  const body = JSON.parse(text);
  const blocks: Block[] = body.messages.flatMap((one: { content: Block[] }) => one.content);
  const isBound = body.tool_choice?.name === 'answer';
  const reply = think({
    last: blocks.at(-1)?.text ?? '',
    results: blocks.flatMap((one) => (one.type === 'tool_result' ? [wordsOf(one.content)] : [])),
    hasTools: body.tools !== undefined && !isBound,
    hasSchema: isBound || body.output_config?.format !== undefined,
  });
  if (reply.kind === 'calls')
    return whole(
      reply.calls.flatMap(({ name, pieces }, index) => call(index, name, pieces)),
      'tool_use',
    );
  if (isBound) return whole(call(0, 'answer', reply.pieces), 'tool_use');
  const said = block(1, { type: 'text', text: '' }, 'text_delta', 'text', reply.pieces);
  return reply.isCut
    ? { pieces: [BEGIN, ...thought(), ...said.slice(0, -1)], isCut: true }
    : whole([...thought(), ...said], 'end_turn');
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const BEGIN = event('message_start', { message: { usage: { input_tokens: 9, output_tokens: 1 } } });

function whole(pieces: readonly string[], reason: string): Voiced {
  const end = event('message_delta', {
    delta: { stop_reason: reason },
    usage: { output_tokens: 4 },
  });
  return { pieces: [BEGIN, ...pieces, end, event('message_stop', {})], isCut: false };
}

function block(
  index: number,
  head: object,
  kind: string,
  field: string,
  pieces: readonly string[],
): string[] {
  return [
    event('content_block_start', { index, content_block: head }),
    ...pieces.map((piece) =>
      event('content_block_delta', { index, delta: { type: kind, [field]: piece } }),
    ),
    event('content_block_stop', { index }),
  ];
}

function call(index: number, name: string, pieces: readonly string[]): string[] {
  const head = { type: 'tool_use', id: `toolu_${index}`, name, input: {} };
  return block(index, head, 'input_json_delta', 'partial_json', pieces);
}

function thought(): string[] {
  const head = { type: 'thinking', thinking: '', signature: '' };
  const pieces = block(0, head, 'thinking_delta', 'thinking', [THOUGHT]);
  const delta = { type: 'signature_delta', signature: 'sig' };
  return pieces.toSpliced(-1, 0, event('content_block_delta', { index: 0, delta }));
}
