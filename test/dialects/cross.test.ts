import { describe, expect, it } from 'vitest';
import { anthropicSpeaker } from './anthropic-speaker.ts';
import { startCrossFarm, type Target } from './farms.ts';
import { ollamaSpeaker } from './ollama-speaker.ts';
import { openAiSpeaker } from './openai-speaker.ts';
import { GREETING, THOUGHT } from './scripted-brain.ts';
import { askAs, PARAMETERS, type Speaker } from './speakers.ts';

const SPEAKERS = [openAiSpeaker, anthropicSpeaker, ollamaSpeaker];
const TARGETS: readonly Target[] = ['openai', 'anthropic', 'local'];
const PAIRS = SPEAKERS.flatMap((speaker) =>
  TARGETS.map((target) => ({ speaker, target, name: `${speaker.name} → ${target}` })),
);

describe.each(PAIRS)('$name', ({ speaker, target }: { speaker: Speaker; target: Target }) => {
  it.each([false, true])(
    'carries text, and thought where the model thinks (stream %s)',
    async (stream) => {
      const { url, model } = await startCrossFarm(target);
      const heard = await askAs(speaker, url, { model, text: 'hi' }, stream);
      expect(heard).toMatchObject({ status: 200, text: GREETING.join(''), calls: [], end: 'stop' });
      expect(heard.thought).toBe(target === 'local' ? '' : THOUGHT);
    },
  );

  it.each([false, true])(
    'makes a round trip with two parallel calls (stream %s)',
    async (stream) => {
      const { url, model, heard } = await startCrossFarm(target);
      const question = { model, text: 'Weather in Oslo and Rome?', tools: true };
      const asked = await askAs(speaker, url, question, stream);
      expect(asked).toMatchObject({
        end: 'calls',
        calls: [
          { name: 'weather', arguments: { city: 'Oslo' } },
          { name: 'weather', arguments: { city: 'Rome' } },
        ],
      });
      const results = asked.calls.map((call, index) => ({ call, result: `${index + 7} °C` }));
      const answered = await askAs(speaker, url, { ...question, results }, stream);
      expect(answered).toMatchObject({ text: 'So: 7 °C and 8 °C', calls: [], end: 'stop' });
      expect(heard().length).toBe(2);
    },
  );

  it.each([false, true])('binds an answer to a schema (stream %s)', async (stream) => {
    const { url, model } = await startCrossFarm(target);
    const heard = await askAs(speaker, url, { model, text: 'Where?', schema: PARAMETERS }, stream);
    expect(heard).toMatchObject({ text: '{"city":"Oslo"}', end: 'stop' });
  });

  it.each([false, true])('reports a cut answer as an error (stream %s)', async (stream) => {
    const { url, model } = await startCrossFarm(target);
    const heard = await askAs(speaker, url, { model, text: 'cut yourself off' }, stream);
    expect(heard.end).toBe('error');
    if (!stream) expect(heard.status).toBe(502);
  });

  it('hands unknown fields to a server of its own dialect alone', async () => {
    const { url, model, heard } = await startCrossFarm(target);
    const extra = { x_trace: { deep: [1, null, 'as it is'] } };
    expect(await askAs(speaker, url, { model, text: 'hi', extra }, true)).toMatchObject({
      end: 'stop',
    });
    const body = JSON.parse(heard()[0] ?? '');
    if (speaker.name === target) expect(body).toMatchObject(extra);
    else if (target !== 'local') expect(JSON.stringify(body)).not.toContain('x_trace');
  });
});
