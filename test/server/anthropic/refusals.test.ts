import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { send } from '../running-server.ts';
import { CALLER, createScriptedFarm } from '../scripted-farm.ts';
import { clientOf, HELLO, post } from './client.ts';

describe('a refusal', () => {
  it('has Anthropic’s shape and names the request', async () => {
    const { port } = await clientOf(createScriptedFarm());
    const answer = await post(port, { ...HELLO, max_tokens: -1 });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.stringContaining('max_tokens') },
        request_id: answer.headers['request-id'],
      },
    ]);
  });

  it('of an unknown model is a 404 that says which is near', async () => {
    const { client } = await clientOf(createScriptedFarm());
    const asked = client.messages.create({ ...HELLO, model: 'smal' });
    await expect(asked).rejects.toThrow(/did you mean “small”/);
    await expect(client.messages.create({ ...HELLO, model: 'smal' })).rejects.toBeInstanceOf(
      Anthropic.NotFoundError,
    );
  });

  it('of another method names the right one', async () => {
    const { port } = await clientOf(createScriptedFarm());
    const answer = await send(port, { path: '/v1/messages' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    expect(JSON.parse(answer.text).type).toBe('error');
  });
});

describe('a key', () => {
  it('may come as x-api-key, and a wrong one is refused', async () => {
    const farm = createScriptedFarm();
    farm.keys.set('sk-good', CALLER);
    const { client } = await clientOf(farm, 'sk-good');
    await client.messages.create(HELLO);
    expect(farm.calls[0]?.caller.key).toBe('a');
    const { client: wrong } = await clientOf(farm, 'sk-bad');
    await expect(wrong.messages.create(HELLO)).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
  });

  it('with limits is told how it stands under Anthropic’s names', async () => {
    const farm = createScriptedFarm(
      {},
      {
        rateStanding: () => ({ requests: { limit: 60, remaining: 59, resetMs: 1000 } }),
      },
    );
    const { port } = await clientOf(farm);
    const { headers } = await post(port, HELLO);
    expect(headers).toMatchObject({
      'anthropic-ratelimit-requests-limit': '60',
      'anthropic-ratelimit-requests-remaining': '59',
      'anthropic-ratelimit-requests-reset': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
    });
  });
});

describe('a count of tokens', () => {
  it('needs no limit and answers with one number', async () => {
    const { client } = await clientOf(createScriptedFarm());
    const { max_tokens: _limit, ...prompt } = HELLO;
    expect(await client.messages.countTokens({ ...prompt, system: 'Be brief.' })).toEqual({
      input_tokens: 20,
    });
  });
});
