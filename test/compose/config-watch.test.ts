import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { watchConfig } from '../../src/compose/config-watch.ts';

it('a file that is not there is no change, one that appears is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-watch-'));
  const ended = new AbortController();
  onTestFinished(() => {
    ended.abort();
    rmSync(folder, { recursive: true });
  });
  const changes = { early: 0, late: Promise.withResolvers<void>() };
  let exists = false;
  const onChange = () => {
    if (exists) changes.late.resolve();
    else changes.early += 1;
  };
  watchConfig([join(folder, 'a.yaml'), join(folder, 'b.yaml')], onChange, ended.signal, 20);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(changes.early).toBe(0);
  exists = true;
  writeFileSync(join(folder, 'a.yaml'), 'server: {}\n');
  await changes.late.promise;
});
