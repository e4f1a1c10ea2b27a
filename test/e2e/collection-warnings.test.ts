import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHouse } from '../fixtures/open-house.ts';
import { send } from '../server/running-server.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const FACT = 'Valve K4 opens at 9000001 pascal.';

/** A collection of two folders, whose answers are the test's own. */
async function openFarm() {
  const upstream = await ScriptedUpstream.start();
  onTestFinished(() => upstream.stop());
  let root = '';
  const { farm, port } = await openHouse((home) => {
    root = home;
    return {
      fleet: { starter: false, offline: true },
      destinations: [{ id: 'desk', kind: 'openai', url: upstream.url, clearance: 'secret' }],
      spokes: [{ id: 'reader', model: 'desk/reader', kind: 'grounded' }],
    };
  });
  const folders = ['valves', 'pumps'].map((name) => join(root, name));
  for (const folder of folders) mkdirSync(folder);
  writeFileSync(join(root, 'valves', 'k4.md'), `# Valves\n\n${FACT}\n`);
  writeFileSync(join(root, 'pumps', 'p7.md'), '# Pumps\n\nThe pump P7 weighs 84 kg.\n');
  const sources = folders.map((folder) => ({ kind: 'folder' as const, folder }));
  const index = () =>
    farm.index({ name: 'house', sources, watch: false }, AbortSignal.timeout(20_000));
  const indexAll = async () => {
    for await (const _step of index());
  };
  const collections = async (secret: string) => {
    const headers = { authorization: `Bearer ${secret}` };
    const { text } = await send(port, { path: '/cadre/v1/collections', headers });
    return JSON.parse(text).collections[0].warnings;
  };
  const ask = async (secret: string) => {
    const asking = send(port, {
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({
        model: 'knowledge:house',
        messages: [{ role: 'user', content: 'At what pressure does valve K4 open?' }],
      }),
    });
    const asked = await upstream.next();
    asked.write(`${FACT} [1]`);
    asked.end();
    return JSON.parse((await asking).text).cadre;
  };
  const keyOf = async (name: string, principals: readonly string[]) =>
    (await farm.addKey({ name, principals, keepsText: false })).secret;
  return { farm, root, index, indexAll, collections, ask, keyOf };
}

describe('a collection that may not hold all', { timeout: 60_000 }, () => {
  it('says which source could not be listed, with each answer too, until it can again', async () => {
    const { farm, root, indexAll, collections, ask, keyOf } = await openFarm();
    await indexAll();
    const reader = await keyOf('reader', ['public']);
    const operator = await keyOf('boss', ['operator']);
    expect(await collections(operator)).toEqual([]);
    expect(await ask(reader)).not.toHaveProperty('warnings');

    renameSync(join(root, 'pumps'), join(root, 'moved'));
    await indexAll();
    const words = 'a source of house could not be listed; what it has may be out of date';
    expect(await collections(reader)).toEqual([{ code: 'source-failed', words }]);
    const [told] = await collections(operator);
    expect(told).toMatchObject({ words, detail: expect.stringContaining(join(root, 'pumps')) });
    const { warnings, receipt, citations } = await ask(reader);
    expect(citations).toHaveLength(1);
    expect(warnings).toEqual([words]);
    expect((await farm.receipt(receipt))?.warnings).toEqual([words]);

    renameSync(join(root, 'moved'), join(root, 'pumps'));
    await indexAll();
    expect(await collections(operator)).toEqual([]);
  });

  it('says that all of its sources failed', async () => {
    const { root, indexAll, collections, keyOf } = await openFarm();
    await indexAll();
    for (const name of ['pumps', 'valves']) renameSync(join(root, name), join(root, `no-${name}`));
    await expect(indexAll()).rejects.toThrow();
    const operator = await keyOf('boss', ['operator']);
    expect(await collections(operator)).toMatchObject([
      { code: 'run-failed', detail: expect.stringContaining('valves') },
    ]);
  });

  it('says how much of it can be found while it is indexed, numbers to operators alone', async () => {
    const { farm, index } = await openFarm();
    const seen: (readonly string[])[] = [];
    const told = (principals?: readonly string[]) =>
      farm.warnings('house', principals).map((one) => one.words);
    for await (const { stage } of index())
      if (stage === 'reading') seen.push([...told(), ...told(['public'])]);
    const few = 'not all documents of house can be found so far; indexing goes on';
    expect(seen).toEqual([
      ['0 of 2 documents of house can be found so far; indexing goes on', few],
      ['1 of 2 documents of house can be found so far; indexing goes on', few],
      [],
    ]);
    expect(told()).toEqual([]);
  });
});
