import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHouse } from '../fixtures/open-house.ts';
import { send } from '../server/running-server.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const NUMBER = '9000001';
const FACT = `Valve K4 opens at ${NUMBER} pascal.`;
const QUESTION = 'At what pressure does valve K4 open?';
const HANDBOOK = { model: 'knowledge:house', input: QUESTION };

/** A farm over a folder of two documents, asked by a key that only reads; its models are one script. */
async function openFarm() {
  const upstream = await ScriptedUpstream.start();
  onTestFinished(() => upstream.stop());
  let folder = '';
  const { farm, port, url, startBackground } = await openHouse((home) => {
    folder = join(home, 'documents');
    return {
      fleet: { starter: false, offline: true },
      batches: { quietSeconds: 0 },
      destinations: [{ id: 'desk', kind: 'openai', url: upstream.url, clearance: 'secret' }],
      spokes: [
        { id: 'reader', model: 'desk/reader', kind: 'grounded' },
        { id: 'writer', model: 'desk/writer', tools: true },
      ],
    };
  });
  mkdirSync(folder);
  writeFileSync(join(folder, 'valves.md'), `# Valves\n\n${FACT} It is checked in spring.\n`);
  writeFileSync(
    join(folder, 'pumps.md'),
    '# Pumps\n\nThe pump P7 weighs 84 kg without its plate.\n',
  );
  const index = async () => {
    const sources = [{ kind: 'folder' as const, folder }];
    const wish = { name: 'house', sources, watch: false };
    for await (const _step of farm.index(wish, AbortSignal.timeout(20_000)));
  };
  await index();
  const { secret } = await farm.addKey({ name: 'a', principals: ['public'], keepsText: true });
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: secret, maxRetries: 0 });
  const read = async (path: string) =>
    (await send(port, { path, headers: { authorization: `Bearer ${secret}` } })).text;
  /** Answers the next question that reaches the model, and tells all that it was shown. */
  const say = async <T>(text: string, asking: Promise<T>) => {
    const asked = await upstream.next();
    asked.write(text);
    asked.end();
    return { answer: await asking, prompt: JSON.stringify(await asked.asked) };
  };
  const valves = async () => {
    const found = (await farm.documents('house')).find((one) => one.path === 'valves.md');
    return found?.id ?? '';
  };
  return { farm, folder, index, client, read, say, startBackground, valves };
}

type OpenFarm = Awaited<ReturnType<typeof openFarm>>;

const FALLS: readonly (readonly [string, (farm: OpenFarm) => Promise<unknown>])[] = [
  [
    'deleted',
    async ({ folder, index }) => {
      rmSync(join(folder, 'valves.md'));
      await index();
    },
  ],
  [
    'changed',
    async ({ folder, index }) => {
      writeFileSync(join(folder, 'valves.md'), '# Valves\n\nValve K4 opens at 8000002 pascal.\n');
      await index();
    },
  ],
  [
    'closed to the key',
    async ({ farm, valves }) =>
      farm.sayOfDocument('house', await valves(), { principals: ['engineers'] }),
  ],
];

/** Input of a chat batch: a question to the documents, and one that needs none. */
const LINES = [
  ['house', 'knowledge:house', QUESTION],
  ['free', 'writer', 'Name a river.'],
]
  .map(([custom_id, model, content]) =>
    JSON.stringify({
      ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
      body: { model, messages: [{ role: 'user', content }] },
    }),
  )
  .join('\n');

describe.each(FALLS)('kept answers whose document was %s', (name, fall) => {
  it('are told as withheld, and reach no model again', { timeout: 60_000 }, async () => {
    const world = await openFarm();
    const { client, say, read } = world;
    const first = (await say(`${FACT} [1]`, client.responses.create(HANDBOOK))).answer;
    expect(first.output_text).toContain(NUMBER);
    const writer = (input: OpenAI.Responses.ResponseInput | string, before?: string) =>
      client.responses.create({
        model: 'writer',
        input,
        ...(before === undefined ? {} : { previous_response_id: before }),
      });
    const repeated = await say(`It was ${NUMBER}.`, writer('Say it again.', first.id));
    expect(repeated.prompt).toContain(NUMBER);
    const second = repeated.answer;
    const other = (await say('The Danube.', writer('Name a river.'))).answer;
    const reference = { type: 'item_reference' as const, id: first.output[0]?.id ?? '' };
    const quoted = [reference, { role: 'user' as const, content: 'Is that much?' }];
    const third = (await say('Yes.', writer(quoted))).answer;
    const kept = [first.id, second.id, third.id];
    expect(await read(`/v1/responses/${first.id}`)).toContain(NUMBER);
    expect(await read(`/v1/responses/${third.id}/input_items`)).toContain(NUMBER);

    await fall(world);
    for (const id of kept) {
      const shown = await read(`/v1/responses/${id}`);
      expect(shown).not.toContain(NUMBER);
      expect(JSON.parse(shown)).toMatchObject({
        status: 'completed',
        output: [{ content: [{ text: expect.stringContaining('withheld') }] }],
        cadre: { withheld: true },
      });
      expect(await read(`/v1/responses/${id}/input_items`)).not.toContain(NUMBER);
    }
    expect((await client.responses.retrieve(other.id)).output_text).toBe('The Danube.');

    const next = await say('I do not know.', writer('And now?', second.id));
    expect(next.prompt).not.toContain(NUMBER);
    expect(next.prompt).toMatch(
      /"system".*not available any more.*\[answer not available\].*Say it again\..*\[answer not available\].*And now\?/,
    );
    expect(next.prompt).not.toContain('This answer is withheld');
    expect((await say('No idea.', writer(quoted))).prompt).not.toContain(NUMBER);
    // What was asked after the fall stands on nothing that fell.
    expect((await client.responses.retrieve(next.answer.id)).output_text).toBe('I do not know.');

    const { receipt } = JSON.parse(await read(`/cadre/v1/receipts/req_${second.id.slice(5)}`));
    // A receipt tells what was, and of which version.
    expect(receipt.isWithheld).toBe(name === 'changed' ? undefined : true);
  });

  it('are withheld in the results of a batch, line by line', { timeout: 60_000 }, async () => {
    const world = await openFarm();
    const { client, read, say } = world;
    world.startBackground();
    const file = await client.files.create({
      file: new File([`${LINES}\n`], 'lines.jsonl'),
      purpose: 'batch',
    });
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    await say(`${FACT} [1]`, Promise.resolve());
    await say('The Danube.', Promise.resolve());
    const done = () => client.batches.retrieve(made.id);
    await expect.poll(async () => (await done()).status, { timeout: 20_000 }).toBe('completed');
    const output = (await done()).output_file_id ?? '';
    const before = (await read(`/v1/files/${output}/content`)).trim().split('\n');
    const ofHouse = before.findIndex((line) => line.includes('"house"'));
    expect(before[ofHouse]).toContain(NUMBER);

    await fall(world);
    const after = (await read(`/v1/files/${output}/content`)).trim().split('\n');
    expect(after.join('\n')).not.toContain(NUMBER);
    expect(after[1 - ofHouse]).toBe(before[1 - ofHouse]);
    expect(JSON.parse(after[ofHouse] ?? '')).toMatchObject({
      custom_id: 'house',
      response: {
        status_code: 200,
        body: {
          choices: [
            {
              message: { content: expect.stringContaining('withheld') },
              finish_reason: 'content_filter',
            },
          ],
          cadre: { withheld: true },
        },
      },
    });
    const store = client.vectorStores.create({ file_ids: [output] });
    await expect(store).rejects.toMatchObject({ status: 400, param: 'file_ids' });
  });
});
