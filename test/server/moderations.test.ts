import { describe, expect, it } from 'vitest';
import { errorOf, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';

async function post(body: object) {
  const { port } = await startServer(createScriptedFarm());
  return send(port, { path: '/v1/moderations', body: JSON.stringify(body) });
}

describe('/v1/moderations', () => {
  it('judges a text or a list, in OpenAI’s shape, and says which model did', async () => {
    const one = JSON.parse((await post({ input: 'a bad one' })).text);
    expect(one).toMatchObject({
      model: 'cadre-moderation-starter',
      results: [
        {
          flagged: true,
          categories: { hate: true },
          category_scores: { hate: 0.9 },
          category_applied_input_types: { hate: ['text'] },
        },
      ],
    });
    expect(one.id).toMatch(/^modr-/);
    const more = await post({
      model: 'omni-moderation-latest',
      input: ['good', { type: 'text', text: 'bad' }, ''],
    });
    const { results } = JSON.parse(more.text);
    expect(results.map((result: { flagged: boolean }) => result.flagged)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it.each([
    [{}, 400, 'input'],
    [{ input: 7 }, 400, 'input'],
    [{ input: [] }, 400, 'input'],
    [{ input: [['a']] }, 400, 'input[0]'],
    [{ input: Array(129).fill('x') }, 400, 'input'],
    [{ input: 'x'.repeat(50_001) }, 400, 'input'],
    [{ input: [{ type: 'image_url', image_url: { url: 'data:,' } }] }, 422, 'input[0]'],
    [{ input: 'x', model: 'small' }, 404, 'model'],
  ])('refuses %o', async (body, status, param) => {
    const answer = await post(body);
    expect([answer.status, errorOf(answer).param]).toEqual([status, param]);
  });

  it('asks for a key', async () => {
    const farm = createScriptedFarm();
    farm.keys.set('sk', CALLER);
    const { port } = await startServer(farm);
    expect((await send(port, { path: '/v1/moderations', body: '{"input":"x"}' })).status).toBe(401);
  });
});
