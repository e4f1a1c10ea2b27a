import OpenAI, { toFile } from 'openai';
import { expect, it, onTestFinished } from 'vitest';
import { petRows } from '../fixtures/pet-rows.ts';
import { TestHome } from './farm-process.ts';

const TEXT = 'our rabbit leaves the food again';

it('serves the specialist of a key to that key alone until an operator promotes it', async () => {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  const secretOf = async (name: string, group: string) => {
    const added = await home.run(['keys', 'add', name, '--groups', group, '--json']);
    return (JSON.parse(added.stdout) as { secret: string }).secret;
  };
  const secrets = {
    maker: await secretOf('maker', 'staff'),
    other: await secretOf('other', 'staff'),
    operator: await secretOf('boss', 'operator'),
  };
  const { url } = await home.up();
  const clientOf = (apiKey: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  const maker = clientOf(secrets.maker);
  const other = clientOf(secrets.other);
  const operator = clientOf(secrets.operator);
  const named = async (client: OpenAI) =>
    (await client.models.list()).data.map((one) => one.id).filter((id) => id.startsWith('pets'));
  const sorted = async (client: OpenAI, model: string) => {
    const messages = [{ role: 'user', content: TEXT } as const];
    const answer = await client.chat.completions.create({ model, messages });
    return answer.choices[0]?.message.content;
  };
  const call = async (secret: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/cadre/v1/${path}`, {
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return answer.text();
  };
  /** Whether the gate had the specialist before it at all. */
  const isWeighed = async (secret: string) => {
    const schema = { enum: ['booking', 'feeding', 'vet'] };
    const decided = await call(secret, 'decide', {
      model: 'auto',
      messages: [{ role: 'user', content: TEXT }],
      response_format: { type: 'json_schema', json_schema: { name: 'label', schema } },
    });
    return decided.includes('pets');
  };

  const rows = petRows(1).map(({ text, label }) => JSON.stringify({ text, label }));
  const file = await toFile(Buffer.from(rows.join('\n')), 'rows.jsonl');
  const upload = await maker.files.create({ file, purpose: 'fine-tune' });
  const wish = { model: 'cadre-intents', training_file: upload.id, suffix: 'pets' };
  const { id } = await maker.fineTuning.jobs.create(wish);
  await expect
    .poll(async () => (await maker.fineTuning.jobs.retrieve(id)).status, { timeout: 120_000 })
    .toBe('succeeded');

  for (const client of [maker, operator]) {
    expect(await named(client)).toEqual(['pets', 'pets@1']);
    expect(await sorted(client, 'pets')).toBe('feeding');
  }
  expect(await isWeighed(secrets.maker)).toBe(true);
  expect(await call(secrets.operator, 'specialists')).toContain('pets');

  expect(await named(other)).toEqual([]);
  const unknown = { status: 404, code: 'model_not_found' };
  for (const model of ['pets', 'pets@1'])
    await expect(sorted(other, model)).rejects.toMatchObject(unknown);
  await expect(other.models.delete('pets')).rejects.toMatchObject({ status: 404 });
  expect(await isWeighed(secrets.other)).toBe(false);
  for (const path of ['spokes', 'names', 'specialists', 'specialists/nets'])
    expect(await call(secrets.other, path)).not.toContain('pets');

  expect(await call(secrets.operator, 'specialists/pets/promote', {})).toContain('"live":1');
  for (const client of [maker, other]) {
    expect(await named(client)).toEqual(['pets', 'pets@1']);
    expect(await sorted(client, 'pets')).toBe('feeding');
  }
  expect(await isWeighed(secrets.other)).toBe(true);
}, 180_000);
