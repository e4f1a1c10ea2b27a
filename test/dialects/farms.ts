import type { IncomingHttpHeaders } from 'node:http';
import { textOf } from '../../src/core/chat.ts';
import type { ModelRequest } from '../../src/core/ports.ts';
import { openHouse } from '../fixtures/open-house.ts';
import { sendPieces, startVendor } from '../fixtures/vendor.ts';
import { CUT, ended, type Step } from '../pipeline/scripted-model.ts';
import { openWorld } from '../pipeline/scripted-parts.ts';
import { startServer } from '../server/running-server.ts';
import { createScriptedFarm } from '../server/scripted-farm.ts';
import { voiceAnthropic } from './anthropic-voice.ts';
import { voiceOpenAi } from './openai-voice.ts';
import { think } from './scripted-brain.ts';

export type Target = 'openai' | 'anthropic' | 'local';

export interface CrossFarm {
  readonly url: string;
  /** The name to ask for. */
  readonly model: string;
  /** Bodies that the vendor was sent; requests that the local model was given. */
  readonly heard: () => readonly string[];
  /** Headers that the vendor was sent. */
  readonly headers: () => readonly IncomingHttpHeaders[];
}

/** A whole farm in this process in front of one kind of model. */
export function startCrossFarm(target: Target): Promise<CrossFarm> {
  return target === 'local' ? startLocal() : startRemote(target);
}

async function startRemote(kind: 'openai' | 'anthropic'): Promise<CrossFarm> {
  const vendor = await startVendor(async ({ body }, response) => {
    const { pieces, isCut } = kind === 'openai' ? voiceOpenAi(body) : voiceAnthropic(body);
    await sendPieces(response, pieces, isCut ? 'cut' : 'end');
  });
  const { url } = await openHouse(() => ({
    fleet: { starter: false },
    destinations: [
      { id: 'vendor', kind, url: `${vendor.url}/v1`, clearance: 'personal', retry: { most: 0 } },
    ],
    spokes: [{ id: 'far', model: 'vendor/big', tools: true, vision: true }],
  }));
  return {
    url,
    model: 'far',
    heard: () => vendor.requests.map(({ body }) => body),
    headers: () => vendor.requests.map(({ headers }) => headers),
  };
}

async function startLocal(): Promise<CrossFarm> {
  const world = await openWorld({ models: { large: (_turn, request) => speakLocally(request) } });
  const names = createScriptedFarm().listNames();
  const farm = createScriptedFarm(
    {},
    {
      listNames: () => names.map((name) => (name.id === 'small' ? { ...name, id: 'large' } : name)),
      ask: (call, signal) => world.pipeline.ask(call, signal),
    },
  );
  const { url } = await startServer(farm);
  return {
    url,
    model: 'large',
    heard: () => world.calls.map(({ request }) => JSON.stringify(request)),
    headers: () => [],
  };
}

/** The same brain as a model in this process. */
function speakLocally(request: ModelRequest): Step[] {
  const { messages } = request;
  const reply = think({
    last: textOf(messages.at(-1)?.content ?? []),
    results: messages.flatMap((one) => (one.role === 'tool' ? [textOf(one.content)] : [])),
    hasTools: (request.tools?.length ?? 0) > 0,
    hasSchema: request.jsonSchema !== undefined,
  });
  if (reply.kind === 'text') return reply.isCut ? [...reply.pieces, CUT] : [...reply.pieces];
  return [
    ...reply.calls.flatMap(({ name, pieces }, index) =>
      pieces.map((text, place): Step => {
        const head = place === 0 ? { id: `call_${index}`, name } : {};
        return { type: 'tool-call', index, ...head, arguments: text };
      }),
    ),
    ended({ finishReason: 'tool-calls' }),
  ];
}
