import { type Check, type Finding, fail, judge } from './check.ts';
import { readEvents, type StreamEvent } from './event-stream.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';
import { type Answer, describe, type Probe } from './probe.ts';

/** OpenAI’s Responses: whole, stateful and streamed. */
export const openaiResponsesChecks: readonly Check[] = [
  optional('surface.responses', 'POST /v1/responses answers in shape', checkWhole),
  optional('responses.state', 'a response is kept, continued, listed and deleted', checkState),
  optional(
    'responses.order',
    'its stream has the events of the specification in order',
    checkOrder,
  ),
  optional('responses.sequence', 'sequence_number counts from 0 without a gap', checkSequence),
  optional('responses.final', 'the last event holds the text of all deltas', checkFinal),
  optional('responses.errors', 'a request without input is refused in shape', async (probe) => {
    const answer = await probe.post('/v1/responses', { model: probe.model, input: 17 });
    const fault = probe.driver.faultOfError(answer.json);
    return judge(
      [![400, 422].includes(answer.status) && `${describe(answer)}: ${brief(answer.text)}`, fault],
      describe(answer),
    );
  }),
];

function optional(id: string, what: string, run: Check['run']): Check {
  return { id, what, required: false, run };
}

function create(probe: Probe, extra = {}): Promise<Answer> {
  return probe.post('/v1/responses', {
    model: probe.model,
    input: 'Say hello to a friend.',
    max_output_tokens: 32,
    ...extra,
  });
}

/** The text of all output_text parts. */
function textOf(response: unknown): string {
  return (listAt(response, 'output') ?? [])
    .flatMap((item) => listAt(item, 'content') ?? [])
    .filter((part) => textAt(part, 'type') === 'output_text')
    .map((part) => textAt(part, 'text') ?? '')
    .join('');
}

async function checkWhole(probe: Probe): Promise<Finding> {
  const answer = await create(probe);
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const { json } = answer;
  const status = textAt(json, 'status');
  return judge(
    [
      textAt(json, 'object') !== 'response' && '`object` is not response',
      textAt(json, 'id') === undefined && 'no id',
      status !== 'completed' && status !== 'incomplete' && `the status is ${status ?? 'missing'}`,
      textOf(json) === '' && `no output_text in ${brief(at(json, 'output'))}`,
      numberAt(json, 'usage', 'input_tokens') === undefined && 'no usage.input_tokens',
      numberAt(json, 'usage', 'output_tokens') === undefined && 'no usage.output_tokens',
    ],
    brief(textOf(json), 50),
  );
}

async function checkState(probe: Probe): Promise<Finding> {
  const first = await create(probe, { store: true });
  const id = textAt(first.json, 'id');
  if (first.status !== 200 || id === undefined)
    return fail(`${describe(first)}: ${brief(first.text)}`);
  const kept = await probe.get(`/v1/responses/${id}`);
  const next = await create(probe, { previous_response_id: id, input: 'And again.' });
  const items = await probe.get(`/v1/responses/${id}/input_items`);
  const dropped = await probe.send(`/v1/responses/${id}`, { method: 'DELETE' });
  const gone = await probe.get(`/v1/responses/${id}`);
  return judge(
    [
      textAt(kept.json, 'id') !== id && `retrieved: ${describe(kept)}`,
      next.status !== 200 && `continued: ${describe(next)}: ${brief(next.text, 60)}`,
      next.status === 200 &&
        textAt(next.json, 'previous_response_id') !== id &&
        'previous_response_id is not told',
      (listAt(items.json, 'data') ?? []).length === 0 && `input_items: ${describe(items)}`,
      dropped.status !== 200 && `deleted: ${describe(dropped)}`,
      gone.status !== 404 && `after that: ${describe(gone)}`,
    ],
    'kept, continued, listed, deleted',
  );
}

async function streamed(probe: Probe): Promise<{
  readonly events: readonly StreamEvent[];
  readonly types: readonly string[];
  readonly finding?: Finding;
}> {
  const answer = await create(probe, { stream: true });
  const events = readEvents(answer.text).filter((event) => event.data !== '[DONE]');
  const types = events.map((event) => textAt(event.json, 'type') ?? '');
  if (answer.status === 200 && answer.problem === undefined && events.length > 0)
    return { events, types };
  return { events, types, finding: fail(`${describe(answer)}: ${brief(answer.text)}`) };
}

/** In this order; others may stand between them. */
const ORDER = [
  'response.created',
  'response.in_progress',
  'response.output_item.added',
  'response.content_part.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.content_part.done',
  'response.output_item.done',
];

async function checkOrder(probe: Probe): Promise<Finding> {
  const { events, types, finding } = await streamed(probe);
  if (finding) return finding;
  const places = ORDER.map((type) => types.lastIndexOf(type));
  const missing = ORDER.filter((_, index) => places[index] === -1);
  const misplaced = ORDER.find(
    (_, index) => index > 0 && (places[index] ?? 0) < (places[index - 1] ?? 0),
  );
  const last = types.at(-1);
  const misnamed = events.find((event) => event.name !== textAt(event.json, 'type'));
  return judge(
    [
      missing.length > 0 && `missing: ${missing.join(', ')}`,
      missing.length === 0 && misplaced !== undefined && `${misplaced} comes too early`,
      last !== 'response.completed' &&
        last !== 'response.incomplete' &&
        `the last event is ${last ?? 'none'}`,
      misnamed !== undefined && `an event is named “${misnamed.name}” and of another type`,
    ],
    `${events.length} events`,
  );
}

async function checkSequence(probe: Probe): Promise<Finding> {
  const { events, finding } = await streamed(probe);
  if (finding) return finding;
  const numbers = events.map((event) => numberAt(event.json, 'sequence_number'));
  const wrong = numbers.findIndex((number, index) => number !== index);
  return judge(
    [wrong >= 0 && `event ${wrong} has ${numbers[wrong] ?? 'none'}`],
    `0 … ${numbers.length - 1}`,
  );
}

async function checkFinal(probe: Probe): Promise<Finding> {
  const { events, types, finding } = await streamed(probe);
  if (finding) return finding;
  const text = events
    .filter((_, index) => types[index] === 'response.output_text.delta')
    .map((event) => textAt(event.json, 'delta') ?? '')
    .join('');
  const final = at(events.at(-1)?.json, 'response');
  return judge(
    [
      text === '' && 'no delta has text',
      textOf(final) !== text && `the last event says “${brief(textOf(final), 40)}”`,
      numberAt(final, 'usage', 'output_tokens') === undefined && 'the last event has no usage',
    ],
    brief(text, 50),
  );
}
