import { describe, expect, it } from 'vitest';
import { Router, type Serve } from '../../src/server/router.ts';

const serve: Serve = async () => {};
const router = new Router([
  { method: 'GET', path: '/v1/things', serve },
  { method: 'POST', path: '/v1/things', serve },
  { method: 'GET', path: '/v1/things/:id', serve },
  { method: 'DELETE', path: '/v1/things/:id', serve },
  { method: 'GET', path: '/v1/things/:id/parts/:part', serve },
  { method: 'GET', path: '/v1/models/*id', serve },
]);

describe('the router', () => {
  it('knows every method of a path', () => {
    expect([...(router.find('/v1/things')?.methods.keys() ?? [])]).toEqual(['GET', 'POST']);
    expect([...(router.find('/v1/things/a')?.methods.keys() ?? [])]).toEqual(['GET', 'DELETE']);
  });

  it('hands over decoded segments in order', () => {
    expect(router.find('/v1/things/a%20b/parts/2')?.parameters).toEqual(['a b', '2']);
    expect(router.find('/v1/models/vendor/name')?.parameters).toEqual(['vendor/name']);
  });

  it('finds nothing for missing, empty or surplus segments', () => {
    for (const path of [
      '/v1',
      '/v1/things/',
      '/v1/things/a/parts',
      '/v1/models/',
      '/v1/things/a/b',
    ])
      expect(router.find(path)).toBeUndefined();
  });

  it('refuses a parameter that is not percent-encoding', () => {
    expect(() => router.find('/v1/things/%zz')).toThrow('percent-encoding');
  });
});
