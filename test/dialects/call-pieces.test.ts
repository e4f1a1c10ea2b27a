import { describe, expect, it } from 'vitest';
import { anthropicSpeaker } from './anthropic-speaker.ts';
import { startCrossFarm, type Target } from './farms.ts';
import { openAiSpeaker } from './openai-speaker.ts';
import { CALLS } from './scripted-brain.ts';
import { PARAMETERS, partsOf } from './speakers.ts';

const QUESTION = { text: 'Weather in Oslo and Rome?', tools: true };

/** The dialects that tell the arguments of a call in pieces: how each is asked and read. */
const DIALECTS = [
  {
    name: 'chat completions',
    path: openAiSpeaker.path,
    body: (model: string) => openAiSpeaker.write({ ...QUESTION, model }, true),
    read(part: Part, tell: Tell) {
      for (const { index, function: said } of part.choices?.[0]?.delta.tool_calls ?? [])
        tell(index, said.arguments);
    },
  },
  {
    name: 'responses',
    path: '/v1/responses',
    body: (model: string) => ({
      model,
      stream: true,
      input: QUESTION.text,
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
    body: (model: string) => anthropicSpeaker.write({ ...QUESTION, model }, true),
    read(part: Part, tell: Tell) {
      const json = (part.delta as { partial_json?: string } | undefined)?.partial_json;
      if (part.type === 'content_block_delta' && json !== undefined) tell(part.index ?? 0, json);
    },
  },
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

describe.each(PAIRS)('parallel calls, $name', ({ dialect, target }) => {
  it('are told in the pieces in which the model writes them', async () => {
    const { url, model } = await startCrossFarm(target);
    const answer = await fetch(url + dialect.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(dialect.body(model)),
    });
    const calls = new Map<number, string[]>();
    for (const part of partsOf(await answer.text()) as Part[])
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
});
