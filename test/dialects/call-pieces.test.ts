import { describe, expect, it } from 'vitest';
import { anthropicSpeaker } from './anthropic-speaker.ts';
import { startCrossFarm, type Target } from './farms.ts';
import { openAiSpeaker } from './openai-speaker.ts';
import { CALLS } from './scripted-brain.ts';
import { PARAMETERS, partsOf } from './speakers.ts';

const QUESTION = 'Weather in Oslo and Rome?';

/** The dialects that tell the arguments of a call in pieces: how each is asked and read. */
const DIALECTS = [
  {
    name: 'chat completions',
    path: openAiSpeaker.path,
    body: (model: string, text: string) => openAiSpeaker.write({ text, tools: true, model }, true),
    read(part: Part, tell: Tell) {
      for (const { index, function: said } of part.choices?.[0]?.delta.tool_calls ?? [])
        tell(index, said.arguments);
    },
  },
  {
    name: 'responses',
    path: '/v1/responses',
    body: (model: string, text: string) => ({
      model,
      stream: true,
      input: text,
      tools: [{ type: 'function', name: 'weather', parameters: PARAMETERS }],
    }),
    read(part: Part, tell: Tell) {
      if (part.type === 'response.function_call_arguments.delta')
        tell(part.output_index ?? 0, String(part.delta));
    },
  },
  {
    name: 'messages',
    path: anthropicSpeaker.path,
    body: (model: string, text: string) =>
      anthropicSpeaker.write({ text, tools: true, model }, true),
    read(part: Part, tell: Tell) {
      const json = (part.delta as { partial_json?: string } | undefined)?.partial_json;
      if (part.type === 'content_block_delta' && json !== undefined) tell(part.index ?? 0, json);
    },
  },
];

/** Each kind of event that tells a client that a call is over, or the whole answer. */
const ENDS = [
  'response.function_call_arguments.done',
  'response.output_item.done',
  'response.completed',
  'content_block_stop',
  'message_stop',
  'finish_reason":"tool_calls"',
  'data: [DONE]',
];

interface Part {
  readonly type?: string;
  readonly index?: number;
  readonly output_index?: number;
  readonly delta?: unknown;
  readonly choices?: readonly {
    readonly delta: {
      readonly tool_calls?: readonly { index: number; function: { arguments: string } }[];
    };
  }[];
}
type Tell = (call: number, piece: string) => void;

const TARGETS: readonly Target[] = ['openai', 'anthropic', 'local'];
const PAIRS = DIALECTS.flatMap((dialect) =>
  TARGETS.map((target) => ({ dialect, target, name: `${dialect.name} → ${target}` })),
);

async function told(
  { path, body }: (typeof DIALECTS)[number],
  target: Target,
  text: string,
): Promise<string> {
  const { url, model } = await startCrossFarm(target);
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body(model, text)),
  });
  return answer.text();
}

describe.each(PAIRS)('parallel calls, $name', ({ dialect, target }) => {
  it('are told in the pieces in which the model writes them', async () => {
    const calls = new Map<number, string[]>();
    for (const part of partsOf(await told(dialect, target, QUESTION)) as Part[])
      dialect.read(part, (call, piece) => {
        if (piece !== '') calls.set(call, [...(calls.get(call) ?? []), piece]);
      });
    const pieces = [...calls.values()];
    expect(pieces.map((one) => one.join(''))).toEqual(CALLS.map((one) => one.pieces.join('')));
    // Where two calls are written side by side, a dialect of one block at a time tells the second later.
    const [first, second] = CALLS.map((one) => one.pieces);
    expect(pieces[0]).toEqual(first);
    if (dialect.name !== 'messages' || target !== 'openai') expect(pieces[1]).toEqual(second);
  });

  it('have no end where the first does not fit its tool', async () => {
    const text = await told(dialect, target, 'A broken call, please.');
    expect(text).toContain('error');
    expect(text).toContain('wn\\":5}');
    expect(ENDS.filter((end) => text.includes(end))).toEqual([]);
  });
});
