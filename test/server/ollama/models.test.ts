import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../../src/core/catalogue.ts';
import { send, startServer } from '../running-server.ts';
import { CALLER, createScriptedFarm, NAMES } from '../scripted-farm.ts';
import { clientOf, hello, post } from './client.ts';

const SMOL: ModelStatus = {
  id: 'smollm2-q4_1',
  title: 'SmolLM2',
  capabilities: ['chat'],
  contextLength: 8192,
  licence: 'Apache-2.0',
  parameters: 134_500_000,
  state: 'resident',
  starter: true,
  fileBytes: 98_000_000,
  pulledBytes: 98_000_000,
  memoryBytes: 150_000_000,
  activeRequests: 0,
  queuedRequests: 0,
};
const farmWithModels = () => createScriptedFarm({}, { models: () => [SMOL] });

describe('models, as Ollama’s clients look for them', () => {
  it('are the farm’s names, with size and family of what is behind them', async () => {
    const { client } = await clientOf(farmWithModels());
    const { models } = await client.list();
    // What has no colon has the tag that clients add before they look a name up.
    expect(models.map((model) => model.name)).toEqual([
      'auto:latest',
      'small:latest',
      'knowledge:law',
      'bge-small:latest',
    ]);
    expect(models[1]).toMatchObject({
      model: 'small:latest',
      size: 98_000_000,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: {
        family: 'smollm2',
        families: ['smollm2'],
        parameter_size: '134.5M',
        quantization_level: 'Q4_1',
      },
    });
    expect(new Set(models.map((model) => model.digest)).size).toBe(models.length);
  });

  it('can be asked for under every name that is listed', async () => {
    const { client } = await clientOf(farmWithModels());
    for (const { name } of (await client.list()).models)
      expect((await client.show({ model: name })).capabilities.length).toBeGreaterThan(0);
  });

  it('that are not ready are not listed', async () => {
    const farm = createScriptedFarm(
      {},
      {
        listNames: () => NAMES.map((name) => ({ ...name, ready: name.id === 'auto' })),
      },
    );
    const { client } = await clientOf(farm);
    expect((await client.list()).models.map((model) => model.name)).toEqual(['auto:latest']);
  });

  it('in memory are listed apart', async () => {
    const { client } = await clientOf(farmWithModels());
    const { models } = await client.ps();
    expect(models).toMatchObject([{ name: 'small:latest', size: 150_000_000, size_vram: 0 }]);
  });

  it('say what they can', async () => {
    const { client } = await clientOf(farmWithModels());
    expect(await client.show({ model: 'small:latest' })).toMatchObject({
      license: 'Apache-2.0',
      capabilities: ['completion', 'tools'],
      model_info: {
        'general.architecture': 'smollm2',
        'general.parameter_count': 134_500_000,
        'smollm2.context_length': 4096,
      },
    });
    expect((await client.show({ model: 'bge-small' })).capabilities).toEqual(['embedding']);
    await expect(client.show({ model: 'nobody' })).rejects.toMatchObject({ status_code: 404 });
  });

  it('may be asked for with the tag that clients add, and with a colon of their own', async () => {
    const farm = createScriptedFarm();
    const { client } = await clientOf(farm);
    for (const model of ['small:latest', 'auto', 'knowledge:law', 'knowledge:law:latest'])
      expect((await client.chat({ ...hello(), model })).model).toBe(model);
    const asked = farm.calls.map((call) => [call.request.model, call.collection]);
    expect(asked).toEqual([
      ['small', undefined],
      ['auto', undefined],
      ['knowledge:law', 'law'],
      ['knowledge:law', 'law'],
    ]);
  });

  it('make vectors in the new form and the old one', async () => {
    const { client } = await clientOf(createScriptedFarm());
    expect(await client.embed({ model: 'bge-small', input: ['a', 'b'] })).toMatchObject({
      embeddings: [
        [0, 0.5],
        [1, 0.5],
      ],
      prompt_eval_count: 2,
    });
    expect((await client.embed({ model: 'bge-small', input: '' })).embeddings).toEqual([]);
    expect(await client.embeddings({ model: 'bge-small', prompt: 'a' })).toEqual({
      embedding: [0, 0.5],
    });
    const wide = client.embed({ model: 'bge-small', input: 'a', dimensions: 7 });
    await expect(wide).rejects.toThrow('2 dimensions');
    await expect(client.embed({ model: 'small', input: 'a' })).rejects.toThrow('answers chats');
  });
});

describe('the door of a server of Ollama’s kind', () => {
  it('says that somebody is at home, and which release’s interface this is', async () => {
    const { client, port } = await clientOf(createScriptedFarm());
    expect((await send(port, { path: '/', method: 'HEAD' })).status).toBe(200);
    expect((await send(port, { path: '/', method: 'DELETE' })).status).toBe(405);
    const unbuilt = await startServer(createScriptedFarm(), '/no/such/folder');
    expect((await send(unbuilt.port, { path: '/', method: 'HEAD' })).status).toBe(200);
    expect((await send(unbuilt.port, { path: '/index.html' })).status).toBe(404);
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each<[string, object, number]>([
    ['/api/chat', { ...hello(), model: 'nobody' }, 404],
    ['/api/chat', { ...hello(), format: 'xml' }, 400],
    ['/api/nothing', {}, 404],
    ['/api/tags', {}, 405],
  ])('refuses at %s %j with %i in the dialect’s one shape', async (path, body, status) => {
    const { port } = await clientOf(createScriptedFarm());
    const answer = await post(port, path, body);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      status,
      { error: expect.any(String) },
    ]);
  });

  it('opens to keys, and keeps the memory to the operator', async () => {
    const farm = createScriptedFarm();
    farm.keys.set('sk-good', CALLER);
    const { port } = await clientOf(farm);
    const bearer = { authorization: 'Bearer sk-good' };
    expect((await post(port, '/api/chat', hello())).status).toBe(401);
    expect((await post(port, '/api/chat', hello(), bearer)).status).toBe(200);
    const unload = { model: 'small', keep_alive: 0 };
    expect((await post(port, '/api/generate', unload, bearer)).status).toBe(403);
  });
});
