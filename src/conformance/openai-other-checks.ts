import { type Check, type Finding, fail, judge } from './check.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';
import { type Answer, describe, type Probe } from './probe.ts';

/** OpenAI’s endpoints beside text: vectors, ranking, moderation, files and batches. */
export const openaiOtherChecks: readonly Check[] = [
  optional('surface.embeddings', 'POST /v1/embeddings answers in shape, in order', checkEmbeddings),
  optional('surface.rerank', 'POST /v1/rerank puts the fitting document first', checkRerank),
  optional('surface.moderations', 'POST /v1/moderations answers in shape', checkModerations),
  optional('surface.files', '/v1/files keeps, lists, gives back and deletes a file', checkFiles),
  optional('surface.batches', '/v1/batches takes a batch and tells its state', checkBatches),
];

function optional(id: string, what: string, run: Check['run']): Check {
  return { id, what, required: false, run };
}

function refused(answer: Answer): Finding {
  return fail(`${describe(answer)}: ${brief(answer.text)}`);
}

async function checkEmbeddings(probe: Probe): Promise<Finding> {
  const model = probe.modelFor('embeddings');
  const input = ['a cat', 'a dog', 'a bridge'];
  const answer = await probe.post('/v1/embeddings', { model, input });
  if (answer.status !== 200) return refused(answer);
  const data = listAt(answer.json, 'data') ?? [];
  const vectors = data.map((one) => listAt(one, 'embedding') ?? []);
  const packed = await probe.post('/v1/embeddings', { model, input, encoding_format: 'base64' });
  const { length = 0 } = vectors[0] ?? [];
  const base64 = textAt(packed.json, 'data', 0, 'embedding') ?? '';
  return judge(
    [
      data.length !== input.length && `${data.length} vectors for ${input.length} texts`,
      data.some((one, index) => numberAt(one, 'index') !== index) && 'they are not in order',
      vectors.some((vector) => vector.length !== length || length === 0) && 'lengths differ',
      numberAt(answer.json, 'usage', 'total_tokens') === undefined && 'no usage',
      // Four bytes a number, four letters for each three bytes begun.
      base64.length !== base64Length(length * 4) && 'encoding_format base64 is not obeyed',
    ],
    `${data.length} vectors of ${length}`,
  );
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

async function checkRerank(probe: Probe): Promise<Finding> {
  const answer = await probe.post('/v1/rerank', {
    model: probe.modelFor('rerank'),
    query: 'What is the capital of France?',
    documents: ['Bananas are yellow.', 'Paris is the capital of France.', 'The sky is blue.'],
    top_n: 2,
  });
  if (answer.status !== 200) return refused(answer);
  const results = listAt(answer.json, 'results') ?? [];
  const scores = results.map((one) => numberAt(one, 'relevance_score') ?? Number.NaN);
  return judge(
    [
      results.length !== 2 && `${results.length} results for top_n 2`,
      numberAt(results[0], 'index') !== 1 && `the first is document ${at(results[0], 'index')}`,
      !scores.every((score, index) => index === 0 || score <= (scores[index - 1] ?? 0)) &&
        `scores ${brief(scores)}`,
    ],
    `scores ${brief(scores, 40)}`,
  );
}

async function checkModerations(probe: Probe): Promise<Finding> {
  const named = probe.parts.wish.models['moderations'];
  const answer = await probe.post('/v1/moderations', {
    ...(named === undefined ? {} : { model: named }),
    input: ['What a lovely day.', 'Good morning.'],
  });
  if (answer.status !== 200) return refused(answer);
  const results = listAt(answer.json, 'results') ?? [];
  return judge(
    [
      results.length !== 2 && `${results.length} results for 2 texts`,
      typeof at(results[0], 'flagged') !== 'boolean' && '`flagged` is no boolean',
      typeof at(results[0], 'categories') !== 'object' && 'no categories',
      typeof at(results[0], 'category_scores') !== 'object' && 'no category_scores',
    ],
    `flagged: ${at(results[0], 'flagged')}`,
  );
}

const BOUNDARY = 'cadre-conformance-boundary';

function upload(probe: Probe, content: string): Promise<Answer> {
  const part = (head: string, body: string) =>
    `--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const body = [
    part('name="purpose"', 'batch'),
    part('name="file"; filename="rows.jsonl"\r\ncontent-type: application/jsonl', content),
    `--${BOUNDARY}--\r\n`,
  ].join('');
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
  return probe.post('/v1/files', body, { headers });
}

function batchRow(probe: Probe): string {
  const body = probe.driver.chat({ model: probe.model, turns: [{ role: 'user', text: 'Hello' }] });
  return `${JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body })}\n`;
}

async function checkFiles(probe: Probe): Promise<Finding> {
  const content = batchRow(probe);
  const made = await upload(probe, content);
  const id = textAt(made.json, 'id');
  if (made.status !== 200 || id === undefined) return refused(made);
  const listed = await probe.get('/v1/files');
  const known = await probe.get(`/v1/files/${id}`);
  const back = await probe.get(`/v1/files/${id}/content`);
  const dropped = await probe.send(`/v1/files/${id}`, { method: 'DELETE' });
  return judge(
    [
      textAt(made.json, 'object') !== 'file' && '`object` is not file',
      numberAt(made.json, 'bytes') !== content.length && `bytes: ${at(made.json, 'bytes')}`,
      !(listAt(listed.json, 'data') ?? []).some((one) => textAt(one, 'id') === id) &&
        `it is not listed (${describe(listed)})`,
      textAt(known.json, 'id') !== id && `asked for: ${describe(known)}`,
      back.text !== content && `the content differs (${describe(back)})`,
      at(dropped.json, 'deleted') !== true && `deleted: ${describe(dropped)}`,
    ],
    'kept, listed, given back, deleted',
  );
}

const STATES = ['validating', 'in_progress', 'finalizing', 'completed', 'cancelling', 'cancelled'];

async function checkBatches(probe: Probe): Promise<Finding> {
  const file = await upload(probe, batchRow(probe));
  const input = textAt(file.json, 'id');
  if (input === undefined) return refused(file);
  const made = await probe.post('/v1/batches', {
    input_file_id: input,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  const id = textAt(made.json, 'id');
  if (made.status !== 200 || id === undefined) return refused(made);
  const known = await probe.get(`/v1/batches/${id}`);
  const listed = await probe.get('/v1/batches');
  const status = textAt(known.json, 'status') ?? '';
  return judge(
    [
      textAt(made.json, 'object') !== 'batch' && '`object` is not batch',
      !STATES.includes(status) && `the state is ${status || 'missing'}`,
      !(listAt(listed.json, 'data') ?? []).some((one) => textAt(one, 'id') === id) &&
        `it is not listed (${describe(listed)})`,
    ],
    `state ${status}`,
  );
}
