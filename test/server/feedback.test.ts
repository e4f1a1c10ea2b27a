import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { composeFeedback } from '../../src/compose/feedback.ts';
import { errorOf, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm, receiptOf } from './scripted-farm.ts';

const OTHER = { ...CALLER, key: 'b' };

/** A farm with a real store: `sk-a` owns req_a, `sk-b` owns req_b and keeps text. */
async function openFarm() {
  const folder = mkdtempSync(join(tmpdir(), 'feedback-'));
  const store = await openSqliteStore(join(folder, 'state.db'));
  onTestFinished(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true });
  });
  let now = 1000;
  const clock = { now: () => now++, elapsed: () => now };
  const farm = createScriptedFarm(
    {},
    {
      ...composeFeedback({ store, clock, learners: [] }),
      receipt: (id) => store.doGetReceipt(id),
    },
  );
  farm.keys.set('sk-a', CALLER);
  farm.keys.set('sk-b', { ...OTHER, keepsText: true });
  await store.doPutReceipt({ ...receiptOf('req_a', 'a'), confidence: 0.75 }, []);
  await store.doPutReceipt(receiptOf('req_b', 'b'), []);
  await store.doPutReceipt({ ...receiptOf('req_failed', 'a'), outcome: 'failed' }, []);
  await store.doPutReceipt({ ...receiptOf('req_work', 'a'), operation: 'embeddings' }, []);
  const { port } = await startServer(farm);
  const post = (body: unknown, key = 'sk-a') =>
    send(port, {
      path: '/v1/feedback',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}` },
    });
  return { store, port, post };
}

describe('/v1/feedback', () => {
  it('keeps what is said beside what the checks said', async () => {
    const { store, post, port } = await openFarm();
    const answer = await post({ receipt: 'req_a', thumbs: 'down', score: 0.25 });
    expect(answer.status).toBe(200);
    const outcomes = [
      { spoke: 'small', source: 'verification', score: 0.75 },
      { spoke: 'small', source: 'score', score: 0.25 },
      { spoke: 'small', source: 'thumbs', score: 0 },
    ];
    expect(JSON.parse(answer.text)).toEqual({ object: 'feedback', receipt: 'req_a', outcomes });
    expect(await store.doGetFeedback('req_a')).toMatchObject([
      { source: 'score', key: 'a', score: 0.25 },
      { source: 'thumbs', key: 'a', score: 0 },
    ]);
    const shown = await send(port, {
      path: '/cadre/v1/receipts/req_a',
      headers: { authorization: 'Bearer sk-a' },
    });
    expect(JSON.parse(shown.text)).toMatchObject({ outcomes });
  });

  it('changes nothing when it is said again, and is replaced when it is said otherwise', async () => {
    const { store, post } = await openFarm();
    const first = await post({ receipt: 'req_a', thumbs: 'up' });
    const rows = await store.doGetFeedback('req_a');
    const second = await post({ receipt: 'req_a', thumbs: 'up' });
    expect(second.text).toBe(first.text);
    expect(await store.doGetFeedback('req_a')).toEqual(rows);
    await post({ receipt: 'req_a', thumbs: 'down' });
    expect(await store.doGetFeedback('req_a')).toMatchObject([{ source: 'thumbs', score: 0 }]);
  });

  it('keeps the words of a correction only for a key that keeps text', async () => {
    const { store, post } = await openFarm();
    await post({ receipt: 'req_a', correction: 'It is 42.' });
    await post({ receipt: 'req_b', correction: 'It is 43.' }, 'sk-b');
    const [silent] = await store.doGetFeedback('req_a');
    expect(silent).toMatchObject({ source: 'correction', score: 0 });
    expect(silent).not.toHaveProperty('text');
    expect(await store.doGetFeedback('req_b')).toMatchObject([{ text: 'It is 43.' }]);
  });

  it('takes an empty correction for none', async () => {
    const { store, post } = await openFarm();
    for (const correction of ['', ' \n'])
      await post({ receipt: 'req_a', thumbs: 'up', correction });
    expect(await store.doGetFeedback('req_a')).toMatchObject([{ source: 'thumbs', score: 1 }]);
  });

  it('is about own answers alone: others are not even known', async () => {
    const { store, post } = await openFarm();
    for (const receipt of ['req_b', 'req_none', '../etc', 'x'.repeat(9000)]) {
      const answer = await post({ receipt, thumbs: 'down' });
      expect([answer.status, errorOf(answer).code]).toEqual([404, 'receipt_not_found']);
    }
    expect(await store.doGetFeedback('req_b')).toEqual([]);
  });

  it.each([
    [{}, 'receipt'],
    [{ receipt: 7, thumbs: 'up' }, 'receipt'],
    [{ receipt: 'req_a' }, null],
    [{ receipt: 'req_a', correction: '' }, null],
    [{ receipt: 'req_a', thumbs: 'sideways' }, 'thumbs'],
    [{ receipt: 'req_a', thumbs: true }, 'thumbs'],
    [{ receipt: 'req_a', score: 1.5 }, 'score'],
    [{ receipt: 'req_a', score: -0.1 }, 'score'],
    [{ receipt: 'req_a', score: '1' }, 'score'],
    [{ receipt: 'req_a', correction: 'x'.repeat(20_001) }, 'correction'],
    [{ receipt: 'req_failed', thumbs: 'up' }, 'receipt'],
    [{ receipt: 'req_work', thumbs: 'up' }, 'receipt'],
  ])('refuses %o', async (body, param) => {
    const { store, post } = await openFarm();
    const answer = await post(body);
    expect([answer.status, errorOf(answer).param]).toEqual([400, param]);
    expect(await store.doListFeedback({ limit: 9 })).toEqual([]);
  });

  it('asks for a key', async () => {
    const { post } = await openFarm();
    expect((await post({ receipt: 'req_a', thumbs: 'up' }, 'sk-none')).status).toBe(401);
  });
});
