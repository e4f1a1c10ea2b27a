import type { JsonObject } from '../core/chat.ts';
import { type Check, type Finding, fail, judge, skip } from './check.ts';
import { at, brief, numberAt, readJson, textAt } from './json-path.ts';
import { type Answer, describe, type Probe } from './probe.ts';
import { askScripted } from './upstream-fault-checks.ts';
import { ODD_USAGE, TWO_CALLS } from './vendor-chat.ts';
import { STEADY } from './vendor-script.ts';

const ROUNDS = 30;
/** Milliseconds that a gateway may add to the first token in the quickest of some streams. */
const MOST_ADDED_MS = 10;
const UNKNOWN: JsonObject = {
  vendor_option: { list: [1, 2.5, null], word: 'ü', deep: { flag: true } },
  reasoning_budget: 17,
};

/** What must come through unchanged, in both directions. */
export const upstreamPassChecks: readonly Check[] = [
  {
    id: 'fields.unknown',
    what: 'fields that the gateway does not know reach the upstream untouched',
    required: true,
    run: checkUnknownFields,
  },
  {
    id: 'usage.whole',
    what: 'the upstream’s token counts reach the client',
    required: true,
    run: (probe) => checkUsage(probe, false),
  },
  {
    id: 'usage.stream',
    what: 'and so they do in a stream',
    required: true,
    run: (probe) => checkUsage(probe, true),
  },
  {
    id: 'tools.parallel',
    what: 'two calls whose streamed arguments come by turns stay apart',
    required: true,
    run: checkParallel,
  },
  {
    id: 'tools.incremental',
    what: 'the streamed arguments of a call come on in pieces, not at its end',
    required: true,
    run: checkIncremental,
  },
  {
    id: 'refusal.filter',
    what: 'a content filter’s refusal is passed on with its reason, and asked once only',
    required: true,
    run: (probe) => checkPassedOn(probe, 'content-filter', /content_filter|content filter/),
  },
  {
    id: 'refusal.context',
    what: 'a prompt too long for the model is passed on, and asked once only',
    required: true,
    run: (probe) => checkPassedOn(probe, 'too-long', /context/),
  },
  {
    id: 'refusal.finish',
    what: 'an answer ended by the filter says so',
    required: true,
    run: checkFiltered,
  },
  {
    id: 'errors.retry-after',
    what: 'a lasting 429 upstream reaches the client as 429 or 503 with retry-after',
    required: true,
    run: checkRetryAfter,
  },
  {
    id: 'time.first-token',
    what: `a gateway adds at most ${MOST_ADDED_MS} ms to the first token`,
    required: false,
    run: checkFirstToken,
  },
];

async function checkUnknownFields(probe: Probe): Promise<Finding> {
  if (probe.driver.dialect !== 'openai')
    return skip('the vendor speaks another wire format, which has other fields');
  const from = probe.parts.clock.elapsed();
  const turns = [{ role: 'user', text: probe.freshQuestion() }] as const;
  const model = probe.scripted(STEADY);
  const answer = await probe.chat({ model, turns, maxTokens: 5, extra: UNKNOWN });
  const [record] = probe.seenBy(STEADY, from);
  if (record === undefined) return fail(`it saw no request (${describe(answer)})`);
  const body = readJson(record.request.body);
  const changed = Object.keys(UNKNOWN).filter(
    (name) => JSON.stringify(at(body, name)) !== JSON.stringify(UNKNOWN[name]),
  );
  return judge(
    [
      answer.status !== 200 && describe(answer),
      changed.length > 0 && `${changed.join(', ')} did not arrive`,
    ],
    'they do',
  );
}

async function checkUsage(probe: Probe, stream: boolean): Promise<Finding> {
  const turns = [{ role: 'user', text: probe.freshQuestion() }] as const;
  const wants = stream && probe.driver.dialect === 'openai';
  const extra = wants ? { stream_options: { include_usage: true } } : {};
  const answer = await probe.chat({ model: probe.scripted('counted'), turns, stream, extra });
  const read = stream ? probe.driver.readStream(answer.text) : probe.readWhole(answer);
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const input = (read?.inputTokens ?? 0) + cachedApart(probe, answer);
  return judge(
    [
      input !== ODD_USAGE.prompt_tokens && `${input} prompt tokens of ${ODD_USAGE.prompt_tokens}`,
      read?.outputTokens !== ODD_USAGE.completion_tokens &&
        `${read?.outputTokens} completion tokens of ${ODD_USAGE.completion_tokens}`,
    ],
    `${input} and ${read?.outputTokens} tokens`,
  );
}

/** Anthropic counts what came from a cache apart from the other input. */
function cachedApart(probe: Probe, answer: Answer): number {
  if (probe.driver.dialect !== 'anthropic') return 0;
  const whole = numberAt(answer.json, 'usage', 'cache_read_input_tokens');
  const found = [...answer.text.matchAll(/"cache_read_input_tokens":\s*(\d+)/g)].at(-1)?.[1];
  return whole ?? Number(found ?? 0);
}

/** Two calls at once, asked of the scripted vendor. */
async function askForPair(probe: Probe): Promise<Answer> {
  const tool = {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    } satisfies JsonObject,
  };
  const turns = [{ role: 'user', text: 'The weather in Paris and Oslo?' }] as const;
  const model = probe.scripted('two-calls');
  return probe.chat({ model, turns, tools: [tool], stream: true });
}

async function checkParallel(probe: Probe): Promise<Finding> {
  const answer = await askForPair(probe);
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const { calls, error } = probe.driver.readStream(answer.text);
  const print = (list: readonly { name: string; arguments: string }[]) =>
    list.map((one) => `${one.name}(${JSON.stringify(readJson(one.arguments))})`).join(' ');
  return judge(
    [
      error,
      print(calls) !== print(TWO_CALLS) && `got ${brief(print(calls) || 'none')}`,
      new Set(calls.map((one) => one.id)).size !== calls.length &&
        probe.driver.dialect !== 'ollama' &&
        'two calls have one id',
    ],
    print(calls),
  );
}

async function checkIncremental(probe: Probe): Promise<Finding> {
  if (probe.driver.dialect === 'ollama') return skip('the dialect gives a call whole');
  const answer = await askForPair(probe);
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const { calls } = probe.driver.readStream(answer.text);
  const counts = calls.map((one) => one.pieces ?? 0);
  return judge(
    [!(Math.max(0, ...counts) > 1) && `pieces: ${counts.join(', ') || 'none'}`],
    `pieces: ${counts.join(', ')}`,
  );
}

async function checkPassedOn(probe: Probe, name: string, reason: RegExp): Promise<Finding> {
  const from = probe.parts.clock.elapsed();
  const answer = await askScripted(probe, name, false);
  const asked = probe.seenBy(name, from).length;
  return judge(
    [
      !(answer.status >= 400 && answer.status < 500) &&
        `${describe(answer)}: ${brief(answer.text)}`,
      probe.driver.faultOfError(answer.json),
      !reason.test(answer.text) && `the reason is lost: ${brief(answer.text)}`,
      asked !== 1 && `the upstream was asked ${asked} times`,
    ],
    `status ${answer.status}: ${brief(textAt(answer.json, 'error', 'message') ?? answer.text, 60)}`,
  );
}

async function checkFiltered(probe: Probe): Promise<Finding> {
  if (probe.driver.dialect === 'ollama') return skip('the dialect has no word for a filter');
  const answer = await askScripted(probe, 'filtered', false);
  const read = probe.readWhole(answer);
  return judge(
    [
      answer.status !== 200 && `${describe(answer)}: ${brief(answer.text)}`,
      read?.finish !== 'filter' && `the reason is ${read?.finish ?? 'missing'}`,
    ],
    'it does',
  );
}

async function checkRetryAfter(probe: Probe): Promise<Finding> {
  const answer = await askScripted(probe, 'limited', false);
  const wait = answer.headers['retry-after'];
  return judge(
    [
      ![429, 503].includes(answer.status) && `${describe(answer)}: ${brief(answer.text)}`,
      wait === undefined && `status ${answer.status} without retry-after`,
      probe.driver.faultOfError(answer.json),
    ],
    `status ${answer.status}, retry-after ${wait ?? ''}`,
  );
}

/** From the client’s sending to its first text, less what the vendor itself took. */
async function checkFirstToken(probe: Probe): Promise<Finding> {
  const added: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const answer = await askScripted(probe, STEADY, true);
    const [record] = probe.seenBy(STEADY, answer.sentAt);
    const place = answer.text.indexOf('The');
    const mark = answer.marks.find((one) => one.length > place);
    if (answer.status !== 200 || place < 0 || mark === undefined)
      return fail(`${describe(answer)}: ${brief(answer.text)}`);
    if (record?.firstWriteAt === undefined) return fail('the upstream saw no request');
    added.push(mark.at - answer.sentAt - (record.firstWriteAt - record.receivedAt));
  }
  added.sort((one, other) => one - other);
  const [best = 0] = added;
  const median = added[Math.floor(ROUNDS / 2)] ?? 0;
  const seen = `quickest ${best.toFixed(1)} ms, median ${median.toFixed(1)} ms, ${ROUNDS} streams`;
  // On a busy machine the median is the machine’s.
  return judge([best > MOST_ADDED_MS && seen], seen);
}
