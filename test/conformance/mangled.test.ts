import { describe, expect, it } from 'vitest';
import { checkMangled, failuresOf, KEY, type Mangle } from './mangled-gateway.ts';

const GROUPS = ['surface', 'stream', 'answer', 'tools', 'responses', 'errors.unknown-model'];

/** Changes the text of streams, or of whole answers, only. */
const inStreams =
  (change: (text: string) => string): Mangle =>
  (answer) =>
    answer.headers['content-type'] === 'text/event-stream'
      ? { ...answer, text: change(answer.text) }
      : answer;
const inWhole =
  (change: (text: string) => string): Mangle =>
  (answer) =>
    answer.headers['content-type'] === 'application/json'
      ? { ...answer, text: change(answer.text) }
      : answer;
/** Of a chat stream, the chunk at a place is sent twice. */
const again = (text: string, place: number) => {
  const events = text.split('\n\n');
  return [...events.slice(0, place + 1), ...events.slice(place)].join('\n\n');
};

describe('a check fails where its promise is broken', () => {
  it('and passes where nothing is', async () => {
    expect(await failuresOf((answer) => answer, GROUPS)).toEqual([]);
  });

  it.each<[string, Mangle, string]>([
    [
      'the wrong content type',
      (answer) => ({ ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } }),
      'stream.content-type',
    ],
    ['no role', inStreams((text) => text.replace('"role":"assistant",', '')), 'stream.role-first'],
    ['another object', inStreams((text) => text.replaceAll('.chunk"', '"')), 'stream.object'],
    ['changing ids', inStreams((text) => text.replace('chatcmpl-', 'x-')), 'stream.ids'],
    [
      'a second finish',
      inStreams((text) =>
        again(
          text,
          text.split('\n\n').findIndex((one) => one.includes('"length"')),
        ),
      ),
      'stream.one-finish',
    ],
    ['no [DONE]', inStreams((text) => text.replace('data: [DONE]\n\n', '')), 'stream.done'],
    ['two [DONE]', inStreams((text) => `${text}data: [DONE]\n\n`), 'stream.done'],
    ['no usage', inStreams((text) => text.replace('"usage"', '"use"')), 'stream.usage'],
    [
      'a call’s id repeated',
      inStreams((text) =>
        text.replaceAll('{"index":0,"function"', '{"index":0,"id":"call_1","function"'),
      ),
      'stream.tool-deltas',
    ],
    [
      'a gap in the sequence',
      inStreams((text) => text.replace('"sequence_number":3', '"sequence_number":4')),
      'responses.sequence',
    ],
    [
      'events without names',
      inStreams((text) => text.replaceAll(/^event: .*\n/gm, '')),
      'responses.order',
    ],
    [
      'a lost delta',
      inStreams((text) =>
        text.replaceAll(/event: response.output_text.delta\n.*harbour.*\n\n/g, ''),
      ),
      'responses.final',
    ],
    [
      'usage that does not add up',
      inWhole((text) => text.replace('"total_tokens":', '"total_tokens":1')),
      'surface.chat',
    ],
    ['no reason', inWhole((text) => text.replace('"length"', '"stop"')), 'answer.max-tokens'],
    [
      'arguments that are no JSON',
      inWhole((text) => text.replace('{\\"city', '{\\city')),
      'tools.forced',
    ],
    [
      'a wrong code',
      inWhole((text) => text.replace('model_not_found', '404')),
      'errors.unknown-model-code',
    ],
    [
      'an error in another shape',
      inWhole((text) => text.replace('"error":{', '"detail":{')),
      'errors.unknown-model',
    ],
    [
      'vectors out of order',
      inWhole((text) => text.replace('"index":0', '"index":2')),
      'surface.embeddings',
    ],
  ])('%s', async (_, mangle, id) => {
    expect(await failuresOf(mangle, GROUPS)).toContain(id);
  });
});

it('a key that a gateway repeats is not in the table', async () => {
  const echo: Mangle = () => ({
    status: 401,
    headers: {},
    text: `${'a'.repeat(80)} ${KEY} is unknown`,
  });
  const report = await checkMangled(echo, ['surface', 'stream', 'tools']);
  expect(report.metrics.passed).toBe(0);
  // Not even its beginning, where the table cuts a long text.
  expect(JSON.stringify(report)).not.toContain(KEY.slice(0, 5));
  expect(report.checks[0]?.seen).toContain('•••');
});
