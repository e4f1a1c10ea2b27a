import { describe, expect, it } from 'vitest';
import type { ModelName } from '../../../src/core/farm.ts';
import { send } from '../running-server.ts';
import { createScriptedFarm, NAMES } from '../scripted-farm.ts';
import { clientOf, HELLO } from './client.ts';

/** The farm's names with two aliases, one of them for all names that begin alike. */
function farmWithAliases() {
  const aliases = ['claude-3', 'claude-*'].flatMap((id): ModelName[] => {
    const [auto] = NAMES;
    return auto === undefined ? [] : [{ ...auto, id, alias: 'auto' }];
  });
  return createScriptedFarm({}, { listNames: () => [...NAMES, ...aliases] });
}

describe('models, as Anthropic’s client lists them', () => {
  it('are the farm’s names and its aliases, in the dialect’s shape', async () => {
    const { client } = await clientOf(farmWithAliases());
    const models = [];
    for await (const model of client.models.list()) models.push(model);
    // A pattern is no name.
    expect(models.map((model) => model.id)).toEqual([...NAMES.map(({ id }) => id), 'claude-3']);
    expect(models[0]).toMatchObject({
      type: 'model',
      display_name: 'The gate decides.',
      created_at: '1970-01-01T00:00:01.000Z',
    });
    expect(await client.models.retrieve('small')).toMatchObject({ id: 'small', type: 'model' });
  });

  it('are in OpenAI’s shape for everybody else', async () => {
    const { port } = await clientOf(farmWithAliases());
    const body = JSON.parse((await send(port, { path: '/v1/models' })).text);
    expect(body.object).toBe('list');
    expect(body.data.at(-1)).toMatchObject({ id: 'claude-3', cadre: { alias: 'auto' } });
  });

  it('may be asked for by a name that a pattern covers', async () => {
    const { client } = await clientOf(farmWithAliases());
    const answer = await client.messages.create({ ...HELLO, model: 'claude-of-tomorrow' });
    expect(answer.model).toBe('claude-of-tomorrow');
    await expect(client.messages.create({ ...HELLO, model: 'gpt' })).rejects.toThrow('no model');
  });
});
