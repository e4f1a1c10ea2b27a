import { type Reply, THOUGHT, think, type Voiced, wordsOf } from './scripted-brain.ts';

/** The brain behind POST /chat/completions. */
export function voiceOpenAi(text: string): Voiced {
  const body = JSON.parse(text);
  const messages: { role: string; content: unknown }[] = body.messages;
  const reply = think({
    last: wordsOf(messages.at(-1)?.content),
    results: messages.flatMap((one) => (one.role === 'tool' ? [wordsOf(one.content)] : [])),
    hasTools: body.tools !== undefined,
    hasSchema: body.response_format !== undefined,
  });
  if (reply.kind === 'calls') return { pieces: callPieces(reply.calls), isCut: false };
  const said = [{ reasoning_content: THOUGHT }, ...reply.pieces.map((content) => ({ content }))];
  const pieces = said.map((delta) => chunk(delta));
  return reply.isCut
    ? { pieces, isCut: true }
    : { pieces: [...pieces, ...end('stop')], isCut: false };
}

function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

function end(finish: string): string[] {
  const usage = { prompt_tokens: 9, completion_tokens: 4 };
  return [
    chunk({}, finish),
    `data: ${JSON.stringify({ choices: [], usage })}\n\n`,
    'data: [DONE]\n\n',
  ];
}

/** Interleaved, as servers do that fill parallel calls side by side. */
function callPieces(calls: Extract<Reply, { kind: 'calls' }>['calls']): string[] {
  const heads = calls.map(({ name }, index) => ({
    index,
    id: `call.${index}`,
    type: 'function',
    function: { name, arguments: '' },
  }));
  const longest = Math.max(...calls.map((call) => call.pieces.length));
  const filled = Array.from({ length: longest }).flatMap((_, place) =>
    calls.flatMap(({ pieces }, index) => {
      const piece = pieces[place];
      return piece === undefined ? [] : [{ index, function: { arguments: piece } }];
    }),
  );
  const deltas = [...heads, ...filled].map((call) => chunk({ tool_calls: [call] }));
  return [...deltas, ...end('tool_calls')];
}
