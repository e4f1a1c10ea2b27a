import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockHome } from '../../src/adapters/stores/home-lock.ts';

const newHome = () => mkdtempSync(join(tmpdir(), 'cadre-lock-'));

it('keeps a second process out until the first lets go', () => {
  const home = newHome();
  const lock = lockHome(home);
  expect(() => lockHome(home)).toThrow(expect.objectContaining({ code: 'home_locked' }));
  lock.release();
  lockHome(home).release();
});

it('says what is wrong with a home that cannot be locked, and not that somebody holds it', () => {
  const blocked = newHome();
  mkdirSync(join(blocked, 'lock.db'));
  const damaged = newHome();
  writeFileSync(join(damaged, 'lock.db'), 'no database '.repeat(200));
  for (const home of [blocked, damaged, '/proc/nope', join(damaged, 'lock.db', 'home')])
    expect(() => lockHome(home)).toThrow(
      expect.objectContaining({ code: 'file_refused', message: expect.stringContaining(home) }),
    );
});
