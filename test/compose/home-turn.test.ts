import { expect, it } from 'vitest';
import { inHomeTurn } from '../../src/compose/home-turn.ts';
import { CadreError } from '../../src/core/errors.ts';

const { signal } = new AbortController();

it('tries again while another process holds the home, and no other trouble', async () => {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts < 3) throw new CadreError('home_locked', 'the home is held');
    return 'client';
  };
  expect(await inHomeTurn(attempt, signal)).toBe('client');
  expect(attempts).toBe(3);

  let others = 0;
  const broken = async () => {
    others += 1;
    throw new CadreError('config_invalid', 'no such key');
  };
  await expect(inHomeTurn(broken, signal)).rejects.toMatchObject({ code: 'config_invalid' });
  expect(others).toBe(1);
});

it('waits no longer for the home than its caller', async () => {
  const stop = new AbortController();
  const attempt = async () => {
    stop.abort();
    throw new CadreError('home_locked', 'the home is held');
  };
  await expect(inHomeTurn(attempt, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
