import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { expect, it, onTestFinished } from 'vitest';
import { openHouse } from '../fixtures/open-house.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const FACT = 'Valve K4 of the northern hall opens at a pressure of 9000001 pascal.';
const REST =
  'It is checked each spring by two engineers of the house, who note the day in the red book beside the door.';
const ENDS = [
  'by engineers',
  'in spring by engineers',
  'by engineers of the house',
  'beside the door',
  'each spring, and the day is noted',
  'in spring, and the red book names the day',
  'by engineers and noted in a book of the hall',
  'by a pair of engineers who write the day down',
];
const SUBJECTS = ['The valve', 'Valve K4', 'The valve of the hall', 'K4 of the northern hall'];

it('judges by what is usual in a collection once its answers have told, and why says so', {
  timeout: 120_000,
}, async () => {
  const upstream = await ScriptedUpstream.start();
  onTestFinished(() => upstream.stop());
  let folder = '';
  const { farm, url } = await openHouse((home) => {
    folder = join(home, 'documents');
    return {
      fleet: { starter: false, offline: true },
      verify: { unsupported: 'remove' },
      destinations: [{ id: 'desk', kind: 'openai', url: upstream.url, clearance: 'secret' }],
      spokes: [{ id: 'reader', model: 'desk/reader', kind: 'grounded' }],
    };
  });
  mkdirSync(folder);
  writeFileSync(join(folder, 'valves.md'), `# Valves\n\n${FACT} ${REST}\n`);
  const sources = [{ kind: 'folder' as const, folder }];
  for await (const _step of farm.index(
    { name: 'house', sources, watch: false },
    AbortSignal.timeout(20_000),
  ));
  const { secret } = await farm.addKey({ name: 'a', principals: ['public'], keepsText: false });
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: secret, maxRetries: 0 });
  const detailsOf = async (subject: string) => {
    const content = `At what pressure does valve K4 of the hall open, and who checks it (${subject})?`;
    const asking = client.chat.completions.create({
      model: 'knowledge:house',
      messages: [{ role: 'user', content }],
    });
    const answer = await upstream.next();
    answer.write([FACT, ...ENDS.map((end) => `${subject} is checked ${end}.`)].join(' '));
    answer.end();
    await asking;
    const [receipt] = await farm.receipts({ limit: 1 });
    return receipt?.checks.map((one) => one.detail).join('\n') ?? '';
  };
  expect(await detailsOf('It')).not.toContain('what is usual');
  for (const subject of SUBJECTS) await detailsOf(subject);
  await expect
    .poll(() => detailsOf(`The valve ${Math.random().toString(36).slice(2)}`), { timeout: 60_000 })
    .toMatch(/judged by what is usual in house \(\d\d sentences\)/);
});
