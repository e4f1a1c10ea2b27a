import { type Check, type Finding, fail, judge } from './check.ts';
import { readEvents, type StreamEvent } from './event-stream.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';
import { describe, type Probe } from './probe.ts';

/** Messages in Anthropic’s wire format. */
export const anthropicChecks: readonly Check[] = [
  required('surface.messages', 'POST /v1/messages answers in shape', checkMessages),
  required('surface.count-tokens', 'POST /v1/messages/count_tokens counts', checkCount),
  required('stream.order', 'events come in Anthropic’s order and under their names', checkOrder),
  required('stream.start', 'message_start holds an empty message with input_tokens', checkStart),
  required('stream.end', 'message_delta tells stop_reason and output_tokens', checkEnd),
];

function required(id: string, what: string, run: Check['run']): Check {
  return { id, what, required: true, run };
}

async function checkMessages(probe: Probe): Promise<Finding> {
  const answer = await probe.say('Say hello.', { maxTokens: 16 });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const { json } = answer;
  return judge(
    [
      textAt(json, 'type') !== 'message' && '`type` is not message',
      textAt(json, 'role') !== 'assistant' && 'the role is not assistant',
      textAt(json, 'id') === undefined && 'no id',
      textAt(json, 'model') === undefined && 'no model',
      textAt(json, 'content', 0, 'type') !== 'text' && `content is ${brief(at(json, 'content'))}`,
      textAt(json, 'stop_reason') === undefined && 'no stop_reason',
      numberAt(json, 'usage', 'input_tokens') === undefined && 'no usage.input_tokens',
      numberAt(json, 'usage', 'output_tokens') === undefined && 'no usage.output_tokens',
    ],
    brief(textAt(json, 'content', 0, 'text'), 50),
  );
}

async function checkCount(probe: Probe): Promise<Finding> {
  const count = async (content: string) => {
    const messages = [{ role: 'user', content }];
    return probe.post('/v1/messages/count_tokens', { model: probe.model, messages });
  };
  const short = await count('Hello');
  const long = await count('Hello there, how are you today? '.repeat(20));
  const [few, many] = [short, long].map((answer) => numberAt(answer.json, 'input_tokens') ?? 0);
  return judge(
    [
      short.status !== 200 && `${describe(short)}: ${brief(short.text)}`,
      !((few ?? 0) > 0 && (many ?? 0) > (few ?? 0)) &&
        `${few} for a short text, ${many} for a long`,
    ],
    `${few} and ${many} tokens`,
  );
}

interface Streamed {
  readonly events: readonly StreamEvent[];
  readonly types: readonly string[];
  readonly finding?: Finding;
}

async function streamed(probe: Probe): Promise<Streamed> {
  const answer = await probe.say('Say hello to a friend.', { stream: true, maxTokens: 24 });
  const events = readEvents(answer.text).filter((event) => event.name !== 'ping');
  const types = events.map((event) => textAt(event.json, 'type') ?? '');
  if (answer.status === 200 && answer.problem === undefined && events.length > 0)
    return { events, types };
  return { events, types, finding: fail(`${describe(answer)}: ${brief(answer.text)}`) };
}

/** One letter an event, so that the order can be told as a pattern. */
const LETTERS: Readonly<Record<string, string>> = {
  message_start: 'M',
  content_block_start: 'b',
  content_block_delta: 'd',
  content_block_stop: 'e',
  message_delta: 'm',
  message_stop: 'S',
};

async function checkOrder(probe: Probe): Promise<Finding> {
  const { events, types, finding } = await streamed(probe);
  if (finding) return finding;
  const order = types.map((type) => LETTERS[type] ?? '?').join('');
  const misnamed = events.find((event) => event.name !== textAt(event.json, 'type'));
  return judge(
    [
      !/^M(bd*e)+m+S$/.test(order) && `the order is ${brief(types.join(' '))}`,
      misnamed !== undefined && `an event is named “${misnamed.name}” and of another type`,
    ],
    `${events.length} events`,
  );
}

async function checkStart(probe: Probe): Promise<Finding> {
  const { events, finding } = await streamed(probe);
  if (finding) return finding;
  const message = at(events[0]?.json, 'message');
  return judge(
    [
      textAt(message, 'type') !== 'message' && `it holds ${brief(message)}`,
      listAt(message, 'content')?.length !== 0 && 'its content is not empty',
      numberAt(message, 'usage', 'input_tokens') === undefined && 'no usage.input_tokens',
    ],
    brief(at(message, 'usage')),
  );
}

async function checkEnd(probe: Probe): Promise<Finding> {
  const { events, types, finding } = await streamed(probe);
  if (finding) return finding;
  const delta = events[types.lastIndexOf('message_delta')]?.json;
  return judge(
    [
      textAt(delta, 'delta', 'stop_reason') === undefined && `it is ${brief(delta)}`,
      numberAt(delta, 'usage', 'output_tokens') === undefined && 'no usage.output_tokens',
    ],
    brief(at(delta, 'delta')),
  );
}
