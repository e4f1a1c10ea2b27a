import { expect, it } from 'vitest';
import { createScriptedFarm } from '../scripted-farm.ts';
import { clientOf, hello, post } from './client.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

it('takes what Ollama’s documents send by curl, and from no page', async () => {
  const { port } = await clientOf(createScriptedFarm());
  const host = `127.0.0.1:${port}`;
  const status = async (headers: object, path = '/api/chat') =>
    (await post(port, path, hello(), { ...FORM, ...headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ 'content-type': 'text/plain' })).toBe(200);
  for (const marked of [
    { origin: `http://${host}` },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-mode': 'no-cors' },
    { referer: `http://${host}/` },
  ])
    expect(await status(marked)).toBe(415);
  expect(await status({ origin: 'http://evil.example' })).toBe(403);
  expect(await status({ host: `evil.example:${port}` })).toBe(403);
  expect(await status({}, '/v1/chat/completions')).toBe(415);
});
