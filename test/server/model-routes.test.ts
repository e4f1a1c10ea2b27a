import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { Farm } from '../../src/core/farm.ts';
import { errorOf, send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

const model = (id: string, capability: string): ModelStatus => ({
  id,
  title: id,
  capabilities: [capability],
  contextLength: 1,
  licence: 'MIT',
  parameters: 1,
  state: 'installed',
  starter: false,
  fileBytes: 1,
  pulledBytes: 1,
  memoryBytes: 0,
  activeRequests: 0,
  queuedRequests: 0,
});

async function serve(load: (id: string, options: { pin: boolean }) => Promise<void>) {
  const models = () => [model('small', 'chat'), model('vectors', 'embed')];
  const { port } = await startServer(createScriptedFarm({}, { models, load }));
  return (id: string, deed: string) =>
    send(port, { path: `/cadre/v1/models/${id}/${deed}`, body: '{}' });
}

describe('a model is loaded and pinned by hand', () => {
  it('and what came of it is answered', async () => {
    const asked: unknown[] = [];
    const ask = await serve(async (id, { pin }) => void asked.push([id, pin]));
    expect(JSON.parse((await ask('small', 'load')).text)).toEqual({ loaded: true, pinned: false });
    expect(JSON.parse((await ask('small', 'pin')).text)).toEqual({ loaded: true, pinned: true });
    expect(JSON.parse((await ask('small', 'unpin')).text)).toEqual({ unpinned: true });
    expect(asked).toEqual([
      ['small', false],
      ['small', true],
    ]);
  });

  it('and who leaves waits no more', async () => {
    const left = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const models = () => [model('small', 'chat')];
    const load: Farm['load'] = (_id, { signal }) => {
      begun.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          left.resolve();
          reject(signal.reason);
        });
      });
    };
    const { port } = await startServer(createScriptedFarm({}, { models, load }));
    const client = new AbortController();
    const answer = fetch(`http://127.0.0.1:${port}/cadre/v1/models/small/load`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: client.signal,
    });
    await begun.promise;
    client.abort();
    await expect(answer).rejects.toThrow();
    await left.promise;
  });

  it('unless it is unknown, embeds or does not fit', async () => {
    const ask = await serve(async () => {
      throw new CadreError('out_of_memory', '`small` cannot be pinned beside `large`');
    });
    expect(errorOf(await ask('smal', 'pin'))).toMatchObject({ code: 'model_not_found' });
    expect(errorOf(await ask('vectors', 'load'))).toMatchObject({ code: 'invalid_request' });
    const full = await ask('small', 'pin');
    expect([full.status, errorOf(full).code]).toEqual([503, 'out_of_memory']);
  });
});

describe('a model of a server of its own', () => {
  const config = {
    destinations: [
      { id: 'desk', vendor: 'ollama' },
      { id: 'cloud', vendor: 'openai' },
    ],
  };

  it('is named with its server, whatever stands in its name', async () => {
    const asked: string[] = [];
    const load = async (id: string) => void asked.push(id);
    const { port } = await startServer(createScriptedFarm(config, { models: () => [], load }));
    const ask = (id: string) =>
      send(port, { path: `/cadre/v1/models/${encodeURIComponent(id)}/load`, body: '{}' });
    expect((await ask('desk/hf.co/tiny:Q8')).status).toBe(200);
    expect(asked).toEqual(['desk/hf.co/tiny:Q8']);
    // Such a server is asked nothing but chats.
    expect(errorOf(await ask('cloud/gpt'))).toMatchObject({ code: 'model_not_found' });
    expect(errorOf(await ask('desktop/tiny'))).toMatchObject({ code: 'model_not_found' });
  });

  it('is listed with all of its server', async () => {
    const servers = [{ id: 'desk', kind: 'ollama', models: [] }];
    const { port } = await startServer(
      createScriptedFarm(config, { servers: async () => servers }),
    );
    const answer = await send(port, { method: 'GET', path: '/cadre/v1/servers' });
    expect(JSON.parse(answer.text)).toEqual({ servers });
  });
});
