import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { errorOf, send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

async function start() {
  const root = await mkdtemp(join(tmpdir(), 'cadre-console-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const dist = join(root, 'dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(dist, 'index.html'), '<!doctype html>');
  await writeFile(join(dist, 'empty.txt'), '');
  await writeFile(join(dist, 'assets', 'main-a1B2c3D4.js'), 'export {};');
  await symlink(join(root, 'secret.txt'), join(dist, 'link.txt'));
  const farm = createScriptedFarm();
  // The files of the console need no sign-in.
  farm.keys.set('sk', { key: 'a', principals: ['public'], keepsText: false });
  return startServer(farm, dist);
}

it('serves the console and its routes', async () => {
  const { port } = await start();
  for (const path of [
    '/',
    '/index.html',
    '/fleet',
    '/fleet?a',
    '/gate',
    '/documents/law/a1?start=3',
    '/search?q=x',
    '/?token=abc',
  ]) {
    const page = await send(port, { path, headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([page.status, page.text]).toEqual([200, '<!doctype html>']);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['referrer-policy']).toBe('no-referrer');
  }
  const script = await send(port, { path: '/assets/main-a1B2c3D4.js' });
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(script.headers['cache-control']).toContain('immutable');
  const headers = { 'if-none-match': String(script.headers.etag) };
  const again = await send(port, { path: '/assets/main-a1B2c3D4.js', headers });
  expect([again.status, again.text]).toEqual([304, '']);
  const head = await send(port, { path: '/', method: 'HEAD' });
  expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '15']);
  expect((await send(port, { path: '/empty.txt' })).text).toBe('');
});

it.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/..%5csecret.txt',
  '/%00.txt',
  '/%zz.txt',
  '/link.txt',
  '//etc/passwd.txt',
  '/assets/missing.js',
])('finds nothing at %s', async (path) => {
  const { port } = await start();
  const answered = await send(port, { path });
  expect(answered.status).toBe(404);
  expect(answered.text).not.toContain('secret\n');
});

it('is no answer to a program that looks for something else', async () => {
  const { port } = await start();
  const headers = { accept: 'text/html' };
  for (const path of [
    '/nonsense',
    '/receipts/req_1',
    '/documents/a/b/c',
    '/health',
    '/healthz',
    '/health/',
  ])
    expect((await send(port, { path, headers })).status).toBe(404);
  expect((await send(port, { path: '/fleet', headers: { accept: '*/*' } })).status).toBe(404);
  const health = await send(port, { path: '/healthz' });
  expect(health.headers['content-type']).toBe('application/json');
  expect(errorOf(health).message).toContain('/health/live');
});

it('keeps the API its own', async () => {
  const { port } = await start();
  expect((await send(port, { path: '/v1/unknown' })).status).toBe(404);
  expect((await send(port, { path: '/cadre/v1/status' })).status).toBe(401);
  expect((await send(port, { path: '/', method: 'POST', body: '{}' })).status).toBe(405);
});
