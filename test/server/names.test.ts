import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { chat, errorOf, HELLO, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm, NAMES } from './scripted-farm.ts';

async function start() {
  const running = await startServer(createScriptedFarm());
  const client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'none', maxRetries: 0 });
  return { client, ...running };
}

describe('names', () => {
  it('proposes the nearest name', async () => {
    const { port, client } = await start();
    const answered = await chat(port, { ...HELLO, model: 'smal' });
    expect(answered.status).toBe(404);
    expect(errorOf(answered)).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(errorOf(answered).message).toContain('“small”');
    const wrongUse = await chat(port, { ...HELLO, model: 'bge-small' });
    expect(errorOf(wrongUse).message).toContain('/v1/embeddings');
    await expect(client.models.retrieve('nobody')).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('tells where a name that orders passages is of use, and what is of use there', async () => {
    const [auto, small] = NAMES;
    const listNames = () =>
      [auto, small, small && { ...small, id: 'faq', kind: 'reranker' as const }].filter(
        (name) => name !== undefined,
      );
    const { port } = await startServer(createScriptedFarm({}, { listNames }));
    const ask = async (path: string, body: object) =>
      send(port, { path, body: JSON.stringify(body) });
    const chatted = await chat(port, { ...HELLO, model: 'faq' });
    expect([chatted.status, errorOf(chatted).param]).toEqual([400, 'model']);
    expect(errorOf(chatted).message).toContain('send it `query` and `documents` to /v1/rerank');
    const embedded = await ask('/v1/embeddings', { model: 'faq', input: 'a' });
    expect(errorOf(embedded).message).toContain('/v1/rerank');
    const wish = { query: 'a', documents: ['b'] };
    expect((await ask('/v1/rerank', { ...wish, model: 'faq' })).status).toBe(200);
    const other = await ask('/v1/rerank', { ...wish, model: 'small' });
    expect(errorOf(other).message).toContain('answers chats');
  });

  it('lists and retrieves', async () => {
    const { client } = await start();
    const names = [];
    for await (const name of client.models.list()) names.push(name.id);
    expect(names).toEqual(['auto', 'small', 'knowledge:law', 'bge-small']);
    expect((await client.models.retrieve('knowledge:law')).id).toBe('knowledge:law');
  });
});

describe('embeddings', () => {
  it('answers floats and base64', async () => {
    const { client } = await start();
    // The client asks for base64 and decodes it itself.
    const made = await client.embeddings.create({ model: 'bge-small', input: ['a', 'b'] });
    expect(made.data.map((one) => one.embedding)).toEqual([
      [0, 0.5],
      [1, 0.5],
    ]);
    const floats = await client.embeddings.create({
      model: 'bge-small',
      input: 'a',
      encoding_format: 'float',
    });
    expect(floats.data[0]?.embedding).toEqual([0, 0.5]);
    expect(floats.usage.prompt_tokens).toBe(1);
  });

  it('says nothing of knowledge that the caller may not read', async () => {
    const listNames = (principals?: readonly string[]) =>
      NAMES.filter((name) => name.kind !== 'knowledge' || principals?.includes('law') !== false);
    const farm = createScriptedFarm({}, { listNames });
    farm.keys.set('sk-a', CALLER);
    farm.keys.set('sk-b', { ...CALLER, principals: ['law'] });
    const { port } = await startServer(farm);
    const ask = async (key: string) => {
      const body = JSON.stringify({ model: 'knowledge:law', input: 'a' });
      const headers = { authorization: `Bearer ${key}` };
      return errorOf(await send(port, { path: '/v1/embeddings', body, headers })).code;
    };
    expect(await ask('sk-a')).toBe('model_not_found');
    expect(await ask('sk-b')).toBe('invalid_request');
  });

  it('takes `auto` for the only embedder', async () => {
    const { client } = await start();
    const made = await client.embeddings.create({ model: 'auto', input: 'a' });
    expect(made.data).toHaveLength(1);
  });

  it.each([
    [{ model: 'bge-small', input: [1, 2] }, 'input[0]'],
    [{ model: 'bge-small', input: [[1, 2]] }, 'input[0]'],
    [{ model: 'bge-small', input: [] }, 'input'],
    [{ model: 'bge-small', input: ['a', ''] }, 'input[1]'],
    [{ model: 'bge-small', input: 'a', encoding_format: 'int8' }, 'encoding_format'],
    [{ model: 'bge-small', input: 'a', input_type: 'poem' }, 'input_type'],
    [{ model: 'bge-small', input: 'a', dimensions: 3 }, 'dimensions'],
    [{ model: 'small', input: 'a' }, 'model'],
  ])('refuses %j at %s', async (body, param) => {
    const { client } = await start();
    const refused = client.post('/embeddings', { body });
    await expect(refused).rejects.toMatchObject({ status: 400, param });
  });
});
