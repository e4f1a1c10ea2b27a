import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import { hello, linesOf, post } from './ollama/client.ts';
import { startServer } from './running-server.ts';
import { call, stopped, text } from './said-events.ts';
import { accepted, createScriptedFarm, ended } from './scripted-farm.ts';

it('a piece that cannot be printed ends a stream that has begun with the dialect’s error', async () => {
  const farm = createScriptedFarm();
  farm.script = async function* (asked: Call) {
    yield accepted(asked);
    yield text('Hi');
    // The first piece is on its way.
    await nextTurn();
    yield call(0, '{"broken', { id: 'c', name: 'f' });
    yield stopped();
    yield ended(asked);
  };
  const { port } = await startServer(farm);
  const lines = linesOf(await post(port, '/api/chat', hello()));
  expect(lines[0]).toMatchObject({ message: { content: 'Hi' } });
  expect(lines.at(-1)).toEqual({
    error: expect.stringContaining('the arguments of f are not a JSON object'),
  });
});
