import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openHouse } from '../fixtures/open-house.ts';
import { errorOf, send } from '../server/running-server.ts';

it('has passages described by spokes of one step alone, and says why others are refused', async () => {
  let root = '';
  const { farm, port } = await openHouse((home) => {
    root = home;
    return { fleet: { starter: false, offline: true } };
  });
  writeFileSync(join(root, 'a.md'), 'The pump runs.');
  const { secret } = await farm.addKey({
    ...{ name: 'boss', principals: ['operator'], keepsText: false },
  });
  const refusalOf = async (context: string) => {
    const answer = await send(port, {
      path: '/cadre/v1/collections/house/index',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({ folder: root, watch: false, context }),
    });
    const { code, param, message } = errorOf(answer);
    expect({ code, param }).toEqual({ code: 'invalid_request', param: 'context' });
    return message;
  };
  expect(await refusalOf('hub')).toMatch(/^hub plans several steps .*name one of these/);
  expect(await refusalOf('auto')).toMatch(/^there is no spoke auto that/);
  expect(await refusalOf('knowledge:hb')).toMatch(/^context must begin with .* underscore/);
});
