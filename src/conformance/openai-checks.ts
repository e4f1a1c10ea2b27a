import { readOr } from './answer-checks.ts';
import { type Check, type Finding, fail, judge, skip } from './check.ts';
import { readEvents } from './event-stream.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';
import { describe, type Probe } from './probe.ts';

/** Chat completions and models in OpenAI’s wire format. */
export const openaiChecks: readonly Check[] = [
  {
    id: 'surface.chat',
    what: 'POST /v1/chat/completions answers in shape',
    required: true,
    run: checkChat,
  },
  {
    id: 'surface.models',
    what: 'GET /v1/models lists models, and one of them can be asked for',
    required: true,
    run: checkModels,
  },
  {
    id: 'surface.completions',
    what: 'POST /v1/completions answers in shape, whole and streamed',
    required: false,
    run: checkCompletions,
  },
  {
    id: 'answer.n',
    what: 'two choices are given where two are asked for',
    required: false,
    run: checkChoices,
  },
  {
    id: 'answer.logprobs',
    what: 'log-probabilities come for each token',
    required: false,
    run: checkLogprobs,
  },
  {
    id: 'answer.json-object',
    what: 'an answer bound to JSON is a JSON object',
    required: false,
    run: checkJsonObject,
  },
];

async function checkChat(probe: Probe): Promise<Finding> {
  const answer = await probe.say('Say hello.', { maxTokens: 16 });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const { json } = answer;
  const usage = at(json, 'usage');
  const sum = (numberAt(usage, 'prompt_tokens') ?? 0) + (numberAt(usage, 'completion_tokens') ?? 0);
  return judge(
    [
      textAt(json, 'object') !== 'chat.completion' && '`object` is not chat.completion',
      textAt(json, 'id') === undefined && 'no id',
      numberAt(json, 'created') === undefined && 'no created',
      textAt(json, 'model') === undefined && 'no model',
      numberAt(json, 'choices', 0, 'index') !== 0 && 'the choice has no index 0',
      textAt(json, 'choices', 0, 'message', 'role') !== 'assistant' && 'the role is not assistant',
      textAt(json, 'choices', 0, 'message', 'content') === undefined && 'the content is no text',
      textAt(json, 'choices', 0, 'finish_reason') === undefined && 'no finish_reason',
      numberAt(usage, 'total_tokens') !== sum && `usage does not add up: ${brief(usage)}`,
    ],
    brief(textAt(json, 'choices', 0, 'message', 'content'), 50),
  );
}

async function checkModels(probe: Probe): Promise<Finding> {
  const list = await probe.get('/v1/models');
  const models = listAt(list.json, 'data');
  if (list.status !== 200 || models === undefined)
    return fail(`${describe(list)}: ${brief(list.text)}`);
  const name = textAt(models, 0, 'id');
  if (name === undefined) return fail('the list is empty or its models have no id');
  const one = await probe.get(`/v1/models/${name}`);
  return judge(
    [
      textAt(list.json, 'object') !== 'list' && '`object` is not list',
      textAt(models, 0, 'object') !== 'model' && 'a model’s `object` is not model',
      textAt(one.json, 'id') !== name && `GET /v1/models/${name}: ${describe(one)}`,
    ],
    `${models.length} models`,
  );
}

async function checkCompletions(probe: Probe): Promise<Finding> {
  const body = { model: probe.model, prompt: 'Once upon a time', max_tokens: 8, temperature: 0 };
  const answer = await probe.post('/v1/completions', body);
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const streamed = await probe.post('/v1/completions', { ...body, stream: true });
  const events = readEvents(streamed.text);
  const text = events.map((event) => textAt(event.json, 'choices', 0, 'text') ?? '').join('');
  return judge(
    [
      textAt(answer.json, 'object') !== 'text_completion' && '`object` is not text_completion',
      textAt(answer.json, 'choices', 0, 'text') === undefined && 'the choice has no text',
      numberAt(answer.json, 'usage', 'total_tokens') === undefined && 'no usage',
      text === '' && `the stream has no text (${describe(streamed)})`,
      events.at(-1)?.data !== '[DONE]' && 'the stream does not end with [DONE]',
    ],
    brief(textAt(answer.json, 'choices', 0, 'text'), 50),
  );
}

async function checkChoices(probe: Probe): Promise<Finding> {
  const answer = await probe.say('Name a colour.', { maxTokens: 8, extra: { n: 2 } });
  const choices = listAt(answer.json, 'choices') ?? [];
  const indexes = choices.map((choice) => numberAt(choice, 'index'));
  return judge(
    [
      answer.status !== 200 && `${describe(answer)}: ${brief(answer.text)}`,
      choices.length !== 2 && `${choices.length} choices`,
      indexes.join() !== '0,1' && `indexes ${indexes.join()}`,
    ],
    '2 choices',
  );
}

async function checkLogprobs(probe: Probe): Promise<Finding> {
  const extra = { logprobs: true, top_logprobs: 2 };
  const answer = await probe.say('Name a colour.', { maxTokens: 8, extra });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const tokens = listAt(answer.json, 'choices', 0, 'logprobs', 'content') ?? [];
  return judge(
    [
      tokens.length === 0 && 'none came',
      tokens.some((token) => (numberAt(token, 'logprob') ?? 1) > 0) && 'a logprob is above 0',
      tokens.some((token) => (listAt(token, 'top_logprobs') ?? []).length === 0) &&
        'a token has no alternatives',
    ],
    `${tokens.length} tokens`,
  );
}

async function checkJsonObject(probe: Probe): Promise<Finding> {
  const answer = await probe.say('Answer in JSON with the field “city”: the capital of France.', {
    maxTokens: 64,
    extra: { response_format: { type: 'json_object' } },
  });
  const found = readOr(answer, probe.readWhole(answer));
  if ('finding' in found) return found.finding;
  if (found.read.finish === 'length') return skip('the answer was longer than its bound');
  try {
    const value: unknown = JSON.parse(found.read.text);
    return judge([typeof value !== 'object' && 'not an object'], brief(value));
  } catch {
    return fail(`not JSON: ${brief(found.read.text)}`);
  }
}
