import { expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createLlamaServer } from '../../src/adapters/models/llama-server.ts';
import { PERMIT, sendAnswer, startVendor } from '../fixtures/vendor.ts';

const { signal } = new AbortController();

/** A llama-server that was started with one model, and sleeps when nobody asks it. */
async function single() {
  const state = { isLoaded: true, isAsleep: false };
  const vendor = await startVendor(({ method, path }, response) => {
    const route = `${method} ${path}`;
    const answer = (status: number, body: unknown) =>
      sendAnswer(response, status, JSON.stringify(body));
    if (!state.isLoaded)
      return answer(503, {
        error: { message: 'Loading model', type: 'unavailable_error', code: 503 },
      });
    if (route === 'GET /models') {
      const meta = { size: 98_000_000, n_ctx_train: 8192 };
      return answer(200, { data: [{ id: 'models/tiny.gguf', object: 'model', meta }] });
    }
    if (route === 'GET /props') return answer(200, { is_sleeping: state.isAsleep });
    if (route !== 'POST /tokenize')
      return answer(404, {
        error: { code: 404, message: 'File Not Found', type: 'not_found_error' },
      });
    state.isAsleep = false;
    return answer(200, { tokens: [] });
  });
  const destination = vendor.destination({ kind: 'llama-server', url: vendor.url });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const server = createLlamaServer({ destination, key: undefined, egress, permit: () => PERMIT });
  return { server, state };
}

it('tells of its one model, and wakes it up to load it', async () => {
  const { server, state } = await single();
  expect(await server.doList({ signal })).toEqual([
    { id: 'models/tiny.gguf', state: 'resident', memoryBytes: 98_000_000, contextLength: 8192 },
  ]);
  state.isAsleep = true;
  expect(await server.doList({ signal })).toEqual([
    { id: 'models/tiny.gguf', state: 'sleeping', contextLength: 8192 },
  ]);
  expect(state.isAsleep).toBe(true);
  await server.doLoad('models/tiny.gguf', { signal, pin: false });
  expect(state.isAsleep).toBe(false);
});

it('cannot unload it, and says what could', async () => {
  const { server } = await single();
  await expect(server.doUnload('models/tiny.gguf', { signal })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('router mode'),
  });
});

it('says so while it loads', async () => {
  const { server, state } = await single();
  state.isLoaded = false;
  await expect(server.doList({ signal })).rejects.toMatchObject({
    code: 'upstream_overloaded',
    message: expect.stringContaining('Loading model'),
  });
});
