import { type Check, type Finding, fail, judge } from './check.ts';
import { readLines } from './event-stream.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';
import { describe, type Probe } from './probe.ts';

/** Ollama’s wire format. */
export const ollamaChecks: readonly Check[] = [
  check('surface.chat', 'POST /api/chat answers in shape', true, checkChat),
  check('surface.generate', 'POST /api/generate answers in shape', true, checkGenerate),
  check('surface.tags', 'GET /api/tags lists models with name and details', true, checkTags),
  check('surface.show', 'POST /api/show tells details and capabilities', true, checkShow),
  check('surface.ps', 'GET /api/ps lists what is in memory', true, async (probe) => {
    const answer = await probe.get('/api/ps');
    const models = listAt(answer.json, 'models');
    return judge(
      [models === undefined && `${describe(answer)}: ${brief(answer.text)}`],
      `${models?.length} models`,
    );
  }),
  check('surface.version', 'GET /api/version tells a version', false, async (probe) => {
    const answer = await probe.get('/api/version');
    const version = textAt(answer.json, 'version');
    return judge([version === undefined && describe(answer)], version ?? '');
  }),
  check('surface.embed', 'POST /api/embed gives one vector per text', false, checkEmbed),
  check('stream.lines', 'a stream is NDJSON, which is what comes unasked', true, checkLines),
  check('stream.done', 'one last line has done: true, a reason, counts and times', true, checkDone),
];

function check(id: string, what: string, required: boolean, run: Check['run']): Check {
  return { id, what, required, run };
}

async function checkChat(probe: Probe): Promise<Finding> {
  const answer = await probe.say('Say hello.', { maxTokens: 16 });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  return judge(
    [
      textAt(answer.json, 'message', 'role') !== 'assistant' && 'the role is not assistant',
      textAt(answer.json, 'message', 'content') === undefined && 'the content is no text',
      ...faultsOfEnd(answer.json),
    ],
    brief(textAt(answer.json, 'message', 'content'), 50),
  );
}

function faultsOfEnd(line: unknown): (string | false)[] {
  return [
    at(line, 'done') !== true && '`done` is not true',
    textAt(line, 'done_reason') === undefined && 'no done_reason',
    textAt(line, 'model') === undefined && 'no model',
    Number.isNaN(Date.parse(textAt(line, 'created_at') ?? '')) && 'created_at is no time',
    ...['prompt_eval_count', 'eval_count', 'total_duration'].map(
      (name) => numberAt(line, name) === undefined && `no ${name}`,
    ),
  ];
}

async function checkGenerate(probe: Probe): Promise<Finding> {
  const body = { model: probe.model, prompt: 'Say hello.', stream: false };
  const answer = await probe.post('/api/generate', { ...body, options: { num_predict: 16 } });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const text = textAt(answer.json, 'response');
  return judge(
    [text === undefined && '`response` is no text', ...faultsOfEnd(answer.json)],
    brief(text, 50),
  );
}

async function checkTags(probe: Probe): Promise<Finding> {
  const answer = await probe.get('/api/tags');
  const models = listAt(answer.json, 'models') ?? [];
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  return judge(
    [
      models.length === 0 && 'the list is empty',
      models.some((one) => textAt(one, 'name') === undefined) && 'a model has no name',
      models.some((one) => textAt(one, 'model') === undefined) && 'a model has no `model`',
      models.some((one) => at(one, 'details') === undefined) && 'a model has no details',
      models.some((one) => numberAt(one, 'size') === undefined) && 'a model has no size',
    ],
    `${models.length} models`,
  );
}

async function checkShow(probe: Probe): Promise<Finding> {
  const answer = await probe.post('/api/show', { model: probe.model });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const unknown = await probe.post('/api/show', { model: 'no-such-model-4117' });
  return judge(
    [
      typeof at(answer.json, 'details') !== 'object' && 'no details',
      listAt(answer.json, 'capabilities') === undefined && 'no capabilities',
      unknown.status !== 404 && `an unknown model: ${describe(unknown)}`,
    ],
    brief(at(answer.json, 'capabilities')),
  );
}

async function checkEmbed(probe: Probe): Promise<Finding> {
  const model = probe.modelFor('embeddings');
  const answer = await probe.post('/api/embed', { model, input: ['a cat', 'a dog'] });
  if (answer.status !== 200) return fail(`${describe(answer)}: ${brief(answer.text)}`);
  const vectors = listAt(answer.json, 'embeddings') ?? [];
  const lengths = vectors.map((vector) => (Array.isArray(vector) ? vector.length : 0));
  return judge(
    [
      vectors.length !== 2 && `${vectors.length} vectors for 2 texts`,
      lengths.some((length) => length === 0 || length !== lengths[0]) && 'lengths differ',
    ],
    `2 vectors of ${lengths[0]}`,
  );
}

async function linesOf(probe: Probe) {
  const { model } = probe;
  // No `stream` at all: Ollama streams unless it is told not to.
  const answer = await probe.post('/api/chat', {
    model,
    messages: [{ role: 'user', content: 'Say hello to a friend.' }],
    options: { num_predict: 16 },
  });
  const lines = readLines(answer.text);
  const isGood = answer.status === 200 && answer.problem === undefined && lines.length > 0;
  return {
    answer,
    lines,
    ...(isGood ? {} : { finding: fail(`${describe(answer)}: ${brief(answer.text)}`) }),
  };
}

async function checkLines(probe: Probe): Promise<Finding> {
  const { answer, lines, finding } = await linesOf(probe);
  if (finding) return finding;
  const type = answer.headers['content-type'] ?? '';
  return judge(
    [
      !type.startsWith('application/x-ndjson') && `content-type ${type}`,
      lines.some((line) => line.json === undefined) && 'a line is not JSON',
      lines.length < 2 && 'there is only one line',
      lines.slice(0, -1).some((line) => at(line.json, 'done') !== false) &&
        'a line before the last is not done: false',
    ],
    `${lines.length} lines`,
  );
}

async function checkDone(probe: Probe): Promise<Finding> {
  const { lines, finding } = await linesOf(probe);
  if (finding) return finding;
  return judge(faultsOfEnd(lines.at(-1)?.json), brief(lines.at(-1)?.data));
}
