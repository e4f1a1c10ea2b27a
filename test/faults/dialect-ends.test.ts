import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, FaultProvider } from './fault-provider.ts';
import { type RunningTestFarm, startTestFarm } from './running-farm.ts';
import { SIXTY } from './scripted-answer.ts';

const CUT: Fault = async (answer) => {
  await answer.head();
  await answer.words(0, 40);
  answer.cut();
};
const LIMITED: Fault = (answer) =>
  answer.refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '7' });

/** Each request meets the fault itself. */
const ALONE = { retry: { most: 0 }, breaker: { failures: 1000 } };

let provider: FaultProvider;
let farm: RunningTestFarm;

beforeAll(async () => {
  provider = await FaultProvider.start({ cut: CUT, limited: LIMITED });
  farm = await startTestFarm({
    destinations: [
      { id: 'one', kind: 'openai', url: `${provider.url}/v1`, ...ALONE },
      { id: 'two', kind: 'anthropic', url: provider.url, ...ALONE },
    ],
    spokes: [
      { id: 'cut', model: 'one/cut' },
      { id: 'cut-with-stand-in', model: 'one/cut', fallback: ['healthy'] },
      { id: 'limited', model: 'one/limited' },
      { id: 'healthy', model: 'two/healthy' },
      { id: 'other-dialect', model: 'one/limited', fallback: ['healthy'] },
    ],
  });
});
afterAll(async () => {
  await farm.stop();
  await provider.stop();
});

interface Shape {
  readonly path: string;
  readonly body: (model: string, stream: boolean) => object;
  /** What a stream that broke off holds. */
  readonly failure: RegExp;
  /** What only a stream that ended well holds. */
  readonly success: RegExp;
  readonly wholeText: (body: unknown) => unknown;
}

const messages = [{ role: 'user', content: 'hi' }];
const pick = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? at[key as keyof typeof at] : undefined),
    value,
  );

const SHAPES: Readonly<Record<string, Shape>> = {
  'OpenAI’s chat': {
    path: '/v1/chat/completions',
    body: (model, stream) => ({ model, stream, messages }),
    failure: /data: \{"error":\{"message":"the connection to one failed/,
    success: /\[DONE\]|"finish_reason":"stop"/,
    wholeText: (body) => pick(body, 'choices', 0, 'message', 'content'),
  },
  'OpenAI’s completions': {
    path: '/v1/completions',
    body: (model, stream) => ({ model, stream, prompt: 'hi' }),
    failure: /data: \{"error":\{"message":"the connection to one failed/,
    success: /\[DONE\]|"finish_reason":"stop"/,
    wholeText: (body) => pick(body, 'choices', 0, 'text'),
  },
  'OpenAI’s responses': {
    path: '/v1/responses',
    body: (model, stream) => ({ model, stream, input: 'hi', store: false }),
    failure: /event: (response\.failed|error)/,
    success: /event: response\.completed/,
    wholeText: (body) => pick(body, 'output', 0, 'content', 0, 'text'),
  },
  'Anthropic’s messages': {
    path: '/v1/messages',
    body: (model, stream) => ({ model, stream, max_tokens: 200, messages }),
    failure: /event: error\ndata: \{"type":"error"/,
    success: /message_stop|"stop_reason":"end_turn"/,
    wholeText: (body) => pick(body, 'content', 0, 'text'),
  },
  'Ollama’s chat': {
    path: '/api/chat',
    body: (model, stream) => ({ model, stream, messages }),
    failure: /\{"error":"the connection to one failed/,
    success: /"done":true/,
    wholeText: (body) => pick(body, 'message', 'content'),
  },
};

function post(path: string, body: object): Promise<Response> {
  return fetch(`${farm.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe.each(Object.entries(SHAPES))('in %s', (_name, shape) => {
  it('a stream that was cut upstream ends as a failure, never well', async () => {
    const text = await (await post(shape.path, shape.body('cut', true))).text();
    expect(text).toMatch(shape.failure);
    expect(text).not.toMatch(shape.success);
  });

  it('a whole answer comes from the stand-in', async () => {
    const response = await post(shape.path, shape.body('cut-with-stand-in', false));
    expect(response.status).toBe(200);
    expect(shape.wholeText(await response.json())).toBe(SIXTY);
  });

  it('a refused request says when to come back', async () => {
    for (const stream of [true, false]) {
      const response = await post(shape.path, shape.body('limited', stream));
      await response.body?.cancel();
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('7');
    }
  });
});

describe('a field that the house does not know', () => {
  it('reaches a server of the same dialect, and never a stand-in of another one', async () => {
    const response = await post('/v1/chat/completions', {
      model: 'other-dialect',
      messages,
      safety_identifier: 'u1',
      reasoning_effort: 'low',
    });
    expect(response.status).toBe(200);
    const first = provider.to('limited').at(-1);
    expect(first?.body).toMatchObject({ safety_identifier: 'u1', reasoning_effort: 'low' });
    const second = provider.to('healthy').at(-1);
    expect(second?.dialect).toBe('anthropic');
    expect(second?.body).not.toHaveProperty('safety_identifier');
    expect(second?.body).not.toHaveProperty('reasoning_effort');
  });
});
