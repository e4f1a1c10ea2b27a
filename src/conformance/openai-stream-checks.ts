import { TOOL_QUESTION, WEATHER } from './answer-checks.ts';
import { type Check, type Finding, fail, judge } from './check.ts';
import { readEvents, type StreamEvent } from './event-stream.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';
import { describe, type Probe } from './probe.ts';

/** The details of a chat stream that clients rely on. */
export const openaiStreamChecks: readonly Check[] = [
  check('stream.content-type', 'a stream is text/event-stream', (_, headers) =>
    judge(
      [
        !headers['content-type']?.startsWith('text/event-stream') &&
          `it is ${headers['content-type'] ?? 'nothing'}`,
      ],
      headers['content-type'] ?? '',
    ),
  ),
  check('stream.role-first', 'the first chunk says the role assistant', (chunks) => {
    const role = textAt(chunks[0], 'choices', 0, 'delta', 'role');
    return judge([role !== 'assistant' && `the first chunk is ${brief(chunks[0])}`], 'it does');
  }),
  check('stream.object', 'every chunk is a chat.completion.chunk', (chunks) => {
    const other = chunks.find((chunk) => textAt(chunk, 'object') !== 'chat.completion.chunk');
    return judge([other !== undefined && brief(other)], `${chunks.length} chunks`);
  }),
  check('stream.ids', 'all chunks have one id and one model', (chunks) => {
    const ids = new Set(chunks.map((chunk) => textAt(chunk, 'id')));
    const models = new Set(chunks.map((chunk) => textAt(chunk, 'model')));
    return judge(
      [
        (ids.size !== 1 || ids.has(undefined)) && `ids ${brief([...ids].slice(0, 3))}`,
        (models.size !== 1 || models.has(undefined)) && `models ${brief([...models].slice(0, 3))}`,
      ],
      brief([...ids][0]),
    );
  }),
  check('stream.one-finish', 'exactly one chunk has a finish_reason, after all text', (chunks) => {
    const reasons = chunks.map((chunk) => textAt(chunk, 'choices', 0, 'finish_reason'));
    const at = reasons.findIndex((reason) => reason !== undefined);
    const late = chunks.slice(at + 1).some((chunk) => textOf(chunk) !== '');
    return judge(
      [
        reasons.filter((reason) => reason !== undefined).length !== 1 &&
          `reasons ${brief(reasons.filter(Boolean))}`,
        late && 'text follows the finish_reason',
      ],
      reasons[at] ?? '',
    );
  }),
  check('stream.done', '[DONE] is the last event', (_chunks, _headers, events) =>
    judge(
      [
        events.at(-1)?.data !== '[DONE]' && `the last is ${brief(events.at(-1)?.data)}`,
        events.filter((event) => event.data === '[DONE]').length > 1 && 'it comes more than once',
      ],
      'it is',
    ),
  ),
  {
    id: 'stream.usage',
    what: 'include_usage brings one last chunk with usage and empty choices',
    required: true,
    run: checkUsage,
  },
  {
    id: 'stream.tool-deltas',
    what: 'pieces of a tool call have its index, and only the first its id and name',
    required: true,
    run: checkToolDeltas,
  },
  {
    id: 'stream.no-usage',
    what: 'a client that did not ask for usage gets no chunk without a choice',
    required: false,
    run: async (probe) => {
      const { chunks, finding } = await streamOf(probe);
      if (finding) return finding;
      const empty = chunks.find((chunk) => listAt(chunk, 'choices')?.length === 0);
      return judge([empty !== undefined && `got ${brief(empty)}`], 'none');
    },
  },
];

/** The first piece of a call names it, the others have only its index and more arguments. */
async function checkToolDeltas(probe: Probe): Promise<Finding> {
  const answer = await probe.say(TOOL_QUESTION, {
    tools: [WEATHER],
    forced: true,
    stream: true,
    maxTokens: 128,
  });
  const deltas = readEvents(answer.text).flatMap(
    (event) => listAt(event.json, 'choices', 0, 'delta', 'tool_calls') ?? [],
  );
  if (deltas.length === 0) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const [first, ...more] = deltas;
  return judge(
    [
      deltas.some((delta) => numberAt(delta, 'index') === undefined) && 'a piece has no index',
      textAt(first, 'id') === undefined && 'the first piece has no id',
      textAt(first, 'type') !== 'function' && 'the first piece is not of type function',
      textAt(first, 'function', 'name') !== WEATHER.name && 'the first piece has no name',
      more.some((delta) => (textAt(delta, 'id') ?? '') !== '') && 'a later piece has an id again',
    ],
    `${deltas.length} pieces`,
  );
}

function textOf(chunk: unknown): string {
  return textAt(chunk, 'choices', 0, 'delta', 'content') ?? '';
}

interface Streamed {
  readonly chunks: readonly unknown[];
  readonly events: readonly StreamEvent[];
  readonly headers: Readonly<Record<string, string>>;
  readonly finding?: Finding;
}

async function streamOf(probe: Probe, extra = {}): Promise<Streamed> {
  const answer = await probe.say('Say hello to a friend.', { stream: true, maxTokens: 24, extra });
  const events = readEvents(answer.text);
  const chunks = events.filter((event) => event.data !== '[DONE]').map((event) => event.json);
  const { headers } = answer;
  if (answer.status === 200 && answer.problem === undefined && chunks.length > 0)
    return { chunks, events, headers };
  const finding = fail(`${describe(answer)}: ${brief(answer.text)}`);
  return { chunks, events, headers, finding };
}

function check(
  id: string,
  what: string,
  look: (
    chunks: readonly unknown[],
    headers: Readonly<Record<string, string>>,
    events: readonly StreamEvent[],
  ) => Finding,
): Check {
  return {
    id,
    what,
    required: true,
    run: async (probe) => {
      const { chunks, headers, events, finding } = await streamOf(probe);
      return finding ?? look(chunks, headers, events);
    },
  };
}

async function checkUsage(probe: Probe): Promise<Finding> {
  const { chunks, finding } = await streamOf(probe, { stream_options: { include_usage: true } });
  if (finding) return finding;
  const counted = chunks.filter((chunk) => typeof at(chunk, 'usage', 'total_tokens') === 'number');
  const last = chunks.at(-1);
  return judge(
    [
      counted.length !== 1 && `${counted.length} chunks have usage`,
      listAt(last, 'choices')?.length !== 0 && `the last chunk is ${brief(last)}`,
      numberAt(last, 'usage', 'completion_tokens') === undefined && 'the last chunk has no usage',
    ],
    brief(at(last, 'usage')),
  );
}
