import type { JsonObject } from '../core/chat.ts';
import { type Check, type Finding, fail, judge, skip } from './check.ts';
import type { ReadAnswer, Tool } from './driver.ts';
import { at, brief, readJson } from './json-path.ts';
import { type Answer, describe, type Probe } from './probe.ts';

export const WEATHER: Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
export const TOOL_QUESTION = 'What is the weather in Paris? Use the tool.';
const PERSON: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** What one answer owes its client, in every dialect. */
export const answerChecks: readonly Check[] = [
  {
    id: 'answer.max-tokens',
    what: 'a bound on tokens ends the answer with the reason “length”',
    required: true,
    run: checkMaxTokens,
  },
  {
    id: 'answer.stop',
    what: 'a stop text ends the answer before it',
    required: true,
    run: checkStop,
  },
  {
    id: 'answer.schema',
    what: 'an answer bound to a JSON schema is JSON of that schema',
    required: true,
    run: checkSchema,
  },
  {
    id: 'tools.forced',
    what: 'a demanded tool call comes with name, id and JSON arguments',
    required: true,
    run: (probe) => checkCall(probe, false),
  },
  {
    id: 'tools.streamed',
    what: 'the same call, streamed: its pieces join to JSON',
    required: true,
    run: (probe) => checkCall(probe, true),
  },
  {
    id: 'tools.round-trip',
    what: 'the result of a tool is taken and answered in words',
    required: true,
    run: checkRoundTrip,
  },
];

/** The read answer, or a finding why there is none. */
export function readOr(
  answer: Answer,
  read: ReadAnswer | undefined,
): { readonly read: ReadAnswer } | { readonly finding: Finding } {
  if (answer.status !== 200 || answer.problem !== undefined)
    return { finding: fail(`${describe(answer)}: ${brief(answer.text)}`) };
  if (read === undefined) return { finding: fail(`no answer in ${brief(answer.text)}`) };
  if (read.error !== undefined) return { finding: fail(`an error inside: ${read.error}`) };
  return { read };
}

async function checkMaxTokens(probe: Probe): Promise<Finding> {
  const answer = await probe.say('Count from one to fifty in words.', { maxTokens: 5 });
  const found = readOr(answer, probe.readWhole(answer));
  if ('finding' in found) return found.finding;
  const { finish, outputTokens } = found.read;
  return judge(
    [
      finish !== 'length' && `the reason is ${finish ?? 'missing'}`,
      outputTokens !== undefined && outputTokens > 6 && `${outputTokens} tokens were counted`,
    ],
    `${outputTokens ?? 'uncounted'} tokens, reason length`,
  );
}

/** Asks twice: a word of the first answer is the stop text of the second. */
async function checkStop(probe: Probe): Promise<Finding> {
  const question = 'Name ten animals, separated by commas.';
  const first = await probe.say(question, { maxTokens: 48 });
  const free = readOr(first, probe.readWhole(first));
  if ('finding' in free) return free.finding;
  const words = free.read.text.split(/\s+/).filter((word) => /^\p{L}{3,}/u.test(word));
  const stop = words[Math.min(3, words.length - 1)];
  if (stop === undefined) return skip('the free answer has no word to stop at');
  const second = await probe.say(question, { maxTokens: 48, stop });
  const found = readOr(second, probe.readWhole(second));
  if ('finding' in found) return found.finding;
  const { text, finish } = found.read;
  return judge(
    [
      text.includes(stop) && `the answer contains the stop text “${stop}”`,
      finish !== 'stop' && `the reason is ${finish ?? 'missing'}`,
    ],
    `ended before “${stop}”, reason stop`,
  );
}

async function checkSchema(probe: Probe): Promise<Finding> {
  if (!probe.driver.canBind) return skip('the dialect has no schema-bound answers');
  const answer = await probe.say('Describe a person of your invention.', {
    schema: PERSON,
    maxTokens: 128,
  });
  const found = readOr(answer, probe.readWhole(answer));
  if ('finding' in found) return found.finding;
  const value = readJson(found.read.text);
  return judge(
    [
      value === undefined && `not JSON: ${brief(found.read.text)}`,
      typeof at(value, 'name') !== 'string' && '`name` is no text',
      !Number.isInteger(at(value, 'age')) && '`age` is no integer',
      Object.keys(Object(value)).length > 2 && 'there are more fields than the schema allows',
    ],
    brief(found.read.text),
  );
}

async function askForCall(probe: Probe, stream: boolean): Promise<Answer> {
  return probe.say(TOOL_QUESTION, {
    tools: [WEATHER],
    forced: probe.driver.canForce,
    stream,
    maxTokens: 128,
  });
}

function readAny(probe: Probe, answer: Answer, stream: boolean): ReadAnswer | undefined {
  return stream ? probe.driver.readStream(answer.text) : probe.readWhole(answer);
}

async function checkCall(probe: Probe, stream: boolean): Promise<Finding> {
  const answer = await askForCall(probe, stream);
  const found = readOr(answer, readAny(probe, answer, stream));
  if ('finding' in found) return found.finding;
  const { calls, finish } = found.read;
  const [call] = calls;
  if (call === undefined)
    return probe.driver.canForce
      ? fail(`no call in ${brief(answer.text)}`)
      : skip('the model chose to answer in words');
  return judge(
    [
      call.name !== WEATHER.name && `the name is “${call.name}”`,
      call.id === '' && probe.driver.dialect !== 'ollama' && 'the call has no id',
      typeof at(readJson(call.arguments), 'city') !== 'string' &&
        `arguments are ${brief(call.arguments)}`,
      // A call that was demanded by name may end with “stop”: OpenAI does so.
      finish !== 'tools' && finish !== 'stop' && `the reason is ${finish ?? 'missing'}`,
      stream && !found.read.terminated && 'the stream has no end mark',
    ],
    `${call.name}(${brief(call.arguments, 40)})`,
  );
}

async function checkRoundTrip(probe: Probe): Promise<Finding> {
  const id = probe.driver.dialect === 'anthropic' ? 'toolu_1' : 'call_1';
  const call = { id, name: WEATHER.name, arguments: '{"city":"Paris"}' };
  const answer = await probe.chat({
    model: probe.model,
    turns: [
      { role: 'user', text: 'What is the weather in Paris?' },
      { role: 'call', call },
      { role: 'result', call, text: 'Sunny, 21 degrees.' },
    ],
    tools: [WEATHER],
    maxTokens: 64,
  });
  const found = readOr(answer, probe.readWhole(answer));
  if ('finding' in found) return found.finding;
  const { text, calls } = found.read;
  return judge([text === '' && calls.length === 0 && 'the answer is empty'], brief(text, 60));
}
