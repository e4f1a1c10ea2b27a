import { mkdtempSync, readFileSync, rmSync, unwatchFile, watchFile, writeFileSync } from 'node:fs';
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

it('a file that an editor empties and then writes is taken over when it is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-watch-'));
  const file = join(folder, 'a.yaml');
  const ended = new AbortController();
  onTestFinished(() => {
    ended.abort();
    unwatchFile(file);
    rmSync(folder, { recursive: true });
  });
  writeFileSync(file, 'server: {}\n');
  let seen = Promise.withResolvers<string>();
  watchConfig([file], () => seen.resolve(readFileSync(file, 'utf8')), ended.signal, 20);
  // Listeners of one file are told of one look in their order: this one writes right after it.
  let isWritten = false;
  watchFile(file, { interval: 20 }, () => {
    if (!isWritten) writeFileSync(file, 'limits: {}\n');
    isWritten = true;
  });
  // The first look is at the file as it is now.
  await new Promise((resolve) => setTimeout(resolve, 100));
  writeFileSync(file, '');
  expect(await seen.promise).toBe('limits: {}\n');

  seen = Promise.withResolvers<string>();
  writeFileSync(file, '');
  expect(await seen.promise).toBe('');
});
