import { describe, expect, it } from 'vitest';
import { errorOf, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';

const BODY = {
  model: 'auto',
  query: 'trips',
  documents: ['short', { text: 'a longer text' }, 'middling'],
};

async function post(body: object, farm = createScriptedFarm()) {
  const { port } = await startServer(farm);
  return send(port, { path: '/v1/rerank', body: JSON.stringify(body) });
}

describe('/v1/rerank', () => {
  it('gives documents by rank with place, score, usage and, when asked, their text', async () => {
    const answer = await post({ ...BODY, return_documents: true });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      model: 'auto',
      results: [
        { index: 1, relevance_score: 0.013, document: { text: 'a longer text' } },
        { index: 2, relevance_score: 0.008, document: { text: 'middling' } },
        { index: 0, relevance_score: 0.005, document: { text: 'short' } },
      ],
      usage: { total_tokens: 30 },
      meta: { billed_units: { search_units: 1 } },
    });
  });

  it('cuts at top_n and gives no text unasked', async () => {
    const { results } = JSON.parse((await post({ ...BODY, top_n: 1 })).text);
    expect(results).toEqual([{ index: 1, relevance_score: 0.013 }]);
    expect(JSON.parse((await post({ ...BODY, top_n: 99 })).text).results).toHaveLength(3);
  });

  it.each([
    [{ query: '' }, 'query'],
    [{ query: 'x'.repeat(8001) }, 'query'],
    [{ documents: [] }, 'documents'],
    [{ documents: 'one' }, 'documents'],
    [{ documents: Array(1001).fill('x') }, 'documents'],
    [{ documents: ['x', ''] }, 'documents[1]'],
    [{ documents: [{ title: 'x' }] }, 'documents[0]'],
    [{ top_n: 0 }, 'top_n'],
    [{ return_documents: 'yes' }, 'return_documents'],
    [{ model: 'small' }, 'model'],
  ])('refuses %o', async (change, param) => {
    const answer = await post({ ...BODY, ...change });
    expect([answer.status, errorOf(answer).param]).toEqual([400, param]);
  });

  it('asks for a key and counts against its rate', async () => {
    const farm = createScriptedFarm(
      {},
      { takeRate: () => ({ allowed: false, retryAfter: 7, lacks: 'requests', standing: {} }) },
    );
    farm.keys.set('sk', CALLER);
    const { port } = await startServer(farm);
    const body = JSON.stringify(BODY);
    expect((await send(port, { path: '/v1/rerank', body })).status).toBe(401);
    const headers = { authorization: 'Bearer sk' };
    expect((await send(port, { path: '/v1/rerank', body, headers })).status).toBe(429);
  });
});
