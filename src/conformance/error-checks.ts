import { type Check, type Finding, fail, judge, pass, skip } from './check.ts';
import { brief, textAt } from './json-path.ts';
import { type Answer, describe, type Probe, type SendOptions } from './probe.ts';
import { WRONG_KEY } from './vendor-script.ts';

interface Expectation {
  readonly statuses: readonly number[];
  /** OpenAI’s `error.code`. */
  readonly code?: string;
}

/** How a gateway refuses, in every dialect. */
export const errorChecks: readonly Check[] = [
  refusal('errors.unknown-model', 'an unknown model is refused as not found', (probe) =>
    expectError(probe, { statuses: [404] }, probe.say('Hello', { model: 'no-such-model-4117' })),
  ),
  {
    id: 'errors.unknown-model-code',
    what: 'and its code is model_not_found',
    required: false,
    run: async (probe) => {
      if (probe.driver.dialect !== 'openai') return skip('only OpenAI’s errors have codes');
      const answer = await probe.say('Hello', { model: 'no-such-model-4117' });
      const code = textAt(answer.json, 'error', 'code');
      return judge([code !== 'model_not_found' && `the code is ${code ?? 'missing'}`], `${code}`);
    },
  },
  refusal('errors.broken-json', 'a body that is not JSON is refused', (probe) =>
    expectError(probe, { statuses: [400, 422] }, sendBody(probe, '{"model": "a", "messages": [')),
  ),
  refusal('errors.not-an-object', 'a body that is JSON but no object is refused', (probe) =>
    expectError(probe, { statuses: [400, 422] }, sendBody(probe, '[1, 2, 3]')),
  ),
  refusal('errors.wrong-type', 'messages that are no list are refused', (probe) =>
    expectError(
      probe,
      { statuses: [400, 422] },
      probe.say('Hello', { extra: { messages: 'Hello' } }),
    ),
  ),
  refusal('errors.missing-model', 'a request without a model is refused', (probe) =>
    expectError(probe, { statuses: [400, 404, 422] }, without(probe, 'model')),
  ),
  refusal('errors.missing-messages', 'a request without messages is refused', async (probe) =>
    probe.driver.dialect === 'ollama'
      ? skip('Ollama takes it as a wish to load the model')
      : expectError(probe, { statuses: [400, 422] }, without(probe, 'messages')),
  ),
  refusal('errors.negative-limit', 'a negative bound on tokens is refused', async (probe) =>
    probe.driver.dialect === 'ollama'
      ? skip('Ollama takes -1 as no bound')
      : expectError(probe, { statuses: [400, 422] }, probe.say('Hello', { maxTokens: -1 })),
  ),
  refusal('errors.method', 'GET where only POST is served is refused', (probe) =>
    expectStatus([405, 404], probe.get(probe.driver.chatPath)),
  ),
  refusal('errors.media-type', 'a body that does not say it is JSON is refused', (probe) =>
    expectError(
      probe,
      { statuses: [400, 415, 422, ...(probe.driver.dialect === 'ollama' ? [403] : [])] },
      sendBody(probe, JSON.stringify(helloBody(probe)), {
        headers: {
          'content-type': 'text/plain',
          // Ollama takes any type, but not from a page of another origin, whom the rule is for.
          ...(probe.driver.dialect === 'ollama' ? { origin: 'https://page.example' } : {}),
        },
      }),
    ),
  ),
  refusal('errors.unknown-path', 'an unknown path is refused as not found', (probe) =>
    expectStatus([404, 405], probe.post('/v1/no-such-thing', {})),
  ),
  {
    id: 'errors.wrong-key',
    what: 'a wrong key is refused',
    required: true,
    run: checkWrongKey,
  },
  {
    id: 'errors.request-id',
    what: 'every answer, good or bad, carries a request id of its own',
    required: false,
    run: checkRequestId,
  },
];

function refusal(id: string, what: string, run: Check['run'], required = true): Check {
  return { id, what, required, run };
}

function helloBody(probe: Probe) {
  return probe.driver.chat({ model: probe.model, turns: [{ role: 'user', text: 'Hello' }] });
}

function sendBody(probe: Probe, body: string, options?: SendOptions): Promise<Answer> {
  return probe.post(probe.driver.chatPath, body, options);
}

function without(probe: Probe, field: string): Promise<Answer> {
  const body = Object.entries(helloBody(probe)).filter(([name]) => name !== field);
  return probe.post(probe.driver.chatPath, Object.fromEntries(body));
}

/** Passes for an error of one of the statuses in the dialect’s own shape. */
export async function expectError(
  probe: Probe,
  { statuses, code }: Expectation,
  asked: Promise<Answer>,
): Promise<Finding> {
  const answer = await asked;
  const seen = `${describe(answer)}: ${brief(answer.text)}`;
  if (!statuses.includes(answer.status)) return fail(seen);
  const fault = probe.driver.faultOfError(answer.json);
  if (fault !== undefined) return fail(`status ${answer.status}, but ${fault}`);
  const found = textAt(answer.json, 'error', 'code') ?? textAt(answer.json, 'error', 'type');
  if (code !== undefined && found !== code) return fail(`the code is ${found ?? 'missing'}`);
  return pass(`status ${answer.status}${found === undefined ? '' : `, ${found}`}`);
}

async function expectStatus(statuses: readonly number[], asked: Promise<Answer>): Promise<Finding> {
  const answer = await asked;
  return judge(
    [!statuses.includes(answer.status) && `${describe(answer)}: ${brief(answer.text)}`],
    describe(answer),
  );
}

async function checkWrongKey(probe: Probe): Promise<Finding> {
  if (probe.parts.key === undefined) return skip('no key was given, so none is asked for');
  const answer = probe.say('Hello', {}, { headers: probe.driver.headers(WRONG_KEY) });
  return expectError(probe, { statuses: [401, 403] }, answer);
}

const ID_HEADERS = ['x-request-id', 'request-id', 'x-litellm-call-id', 'x-portkey-trace-id'];

async function checkRequestId(probe: Probe): Promise<Finding> {
  const idOf = (answer: Answer) =>
    ID_HEADERS.map((name) => answer.headers[name]).find((id) => id !== undefined);
  const good = idOf(await probe.say('Hello', { maxTokens: 5 }));
  const again = idOf(await probe.say('Hello', { maxTokens: 5 }));
  const bad = idOf(await sendBody(probe, '{'));
  return judge(
    [
      good === undefined && 'a good answer has none',
      bad === undefined && 'an error has none',
      good !== undefined && good === again && 'two answers have the same one',
    ],
    `${brief(good, 40)}`,
  );
}
