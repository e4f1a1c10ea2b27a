import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ShadowFile } from '../../src/compose/shadow-settings.ts';
import { openHouse } from '../fixtures/open-house.ts';

const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';

function farmWith(shadow: object) {
  return openHouse(() => ({
    fleet: { starter: false },
    destinations: [{ id: 'desk', kind: 'openai', url: 'http://127.0.0.1:9/v1' }],
    spokes: [
      { id: 'near', model: LARGE },
      { id: 'far', model: 'desk/big' },
    ],
    gate: { shadow },
  }));
}

it.each([
  [{ rate: 0.3 }, /gate\.shadow\.rate/],
  [{ rate: 0.01, spokes: ['neer'] }, /there is no spoke neer .*did you mean `near`/],
  [{ rate: 0.01, spokes: ['hub'] }, /hub cannot be asked in a shadow run/],
  [{ rate: 0.01, spokes: ['far'] }, /far is asked at desk and costs money.*budget/],
  [{ rate: 0.01, dollars: 1 }, /unknown key `gate\.shadow\.dollars`/],
])('a configuration with %j stops the start', async (shadow, words) => {
  await expect(farmWith(shadow)).rejects.toThrow(words);
});

it('takes over what the configuration says, and tells what it leaves out', async () => {
  const { farm } = await farmWith({ rate: 0.01, seconds: 60 });
  const status = await farm.shadow();
  expect(status).toMatchObject({ rate: 0.01, seconds: 60, budget: 0, setBy: 'configuration' });
  expect(status.notes).toEqual([
    'no budget is set, so far may not be asked; `cadre gate shadow --budget 0.50/day` would let them',
  ]);
});

it('says what keeps a change from being written, and changes nothing', () => {
  const home = mkdtempSync(join(tmpdir(), 'cadre-shadow-'));
  writeFileSync(join(home, 'gate'), '');
  const file = new ShadowFile(join(home, 'gate', 'shadow.json'));
  expect(() => file.write({ rate: 0.01, spokes: [], budget: 0, seconds: 1 })).toThrow(
    expect.objectContaining({ code: 'file_refused', message: expect.stringContaining(home) }),
  );
  expect(file.settings).toBeUndefined();
});

it('refuses a wrong change and keeps what was set', async () => {
  const { farm } = await farmWith({});
  await farm.changeShadow({ rate: 0.02, spokes: ['near'] });
  await expect(farm.changeShadow({ spokes: ['far'] })).rejects.toThrow(/costs money/);
  await expect(farm.changeShadow({ spokes: ['none'] })).rejects.toThrow(/no spoke none/);
  expect(await farm.shadow()).toMatchObject({ rate: 0.02, spokes: ['near'], setBy: 'command' });
  await farm.changeShadow({ budget: 1, spokes: ['far'] });
  expect(await farm.shadow()).toMatchObject({ rate: 0.02, spokes: ['far'], budget: 1, notes: [] });
});
