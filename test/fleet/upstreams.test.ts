import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { Upstreams } from '../../src/fleet/upstreams.ts';
import { HandClock } from '../fixtures/hand-clock.ts';

function openUpstreams(before?: Upstreams, url = 'http://127.0.0.1:9/v1') {
  const clock = new HandClock();
  const lines: string[] = [];
  const { destinations } = parseConfig({
    destinations: [
      {
        id: 'vendor',
        kind: 'openai',
        url,
        breaker: { failures: 2, seconds: 1 },
        retry: { reserve: 1, share: 0 },
      },
    ],
  });
  const upstreams = new Upstreams({
    destinations,
    elapsed: () => clock.elapsed(),
    random: () => 0.5,
    wait: clock.wait,
    log: (line) => lines.push(line),
    before,
  });
  return { clock, upstreams, lines };
}

describe('what was seen of remote models', () => {
  it('outlives a change of the configuration where the destination stays as it was', () => {
    const { upstreams } = openUpstreams();
    for (let count = 0; count < 2; count += 1)
      upstreams.failed('vendor/a', 'overloaded', undefined);
    const wish = {
      fault: 'overloaded',
      repeats: 0,
      retryAfterMs: 1,
      leftMs: 1e5,
      hasFallback: false,
    } as const;
    expect(upstreams.again('vendor/b', wish)).toHaveProperty('waitMs');
    const after = openUpstreams(upstreams).upstreams;
    expect(after.problemOf('vendor/a')).toContain('failed 2 times');
    expect(after.again('vendor/b', wish)).toHaveProperty('refused');
    const moved = openUpstreams(upstreams, 'http://127.0.0.1:8/v1').upstreams;
    expect(moved.problemOf('vendor/a')).toBeUndefined();
    expect(moved.again('vendor/b', wish)).toHaveProperty('waitMs');
  });

  it('is shared with requests that are still under way from before the change', () => {
    const { upstreams: old } = openUpstreams();
    const { upstreams } = openUpstreams(old);
    for (let count = 0; count < 2; count += 1) old.failed('vendor/a', 'overloaded', undefined);
    expect(upstreams.isQuiet).toBe(false);
    expect(upstreams.problemOf('vendor/a')).toContain('failed 2 times');
    expect(upstreams.enter('vendor/a', false)).toMatchObject({ allowed: false });
    expect(old.answered('vendor/a', undefined)).toMatchObject([{ state: 'closed' }]);
    expect(upstreams.isQuiet).toBe(true);
    const moved = openUpstreams(old, 'http://127.0.0.1:8/v1').upstreams;
    for (let count = 0; count < 2; count += 1) old.failed('vendor', 'unreachable', undefined);
    expect(moved.isQuiet).toBe(true);
  });

  it('costs no repetition where the circuit has opened', () => {
    const { upstreams } = openUpstreams();
    for (let count = 0; count < 2; count += 1)
      upstreams.failed('vendor/a', 'overloaded', undefined);
    const wish = {
      fault: 'overloaded',
      repeats: 0,
      retryAfterMs: 1,
      leftMs: 1e5,
      hasFallback: false,
    } as const;
    expect(upstreams.again('vendor/a', wish)).toHaveProperty('refused');
    expect(upstreams.again('vendor/b', wish)).toHaveProperty('waitMs');
  });

  it('opens the circuit of one model for its own faults', () => {
    const { upstreams } = openUpstreams();
    expect(upstreams.failed('vendor/a', 'server-error', undefined)).toEqual([]);
    expect(upstreams.failed('vendor/a', 'overloaded', undefined)).toEqual([
      { type: 'circuit-changed', circuit: 'vendor/a', state: 'open', forMs: 1000 },
    ]);
    expect(upstreams.problemOf('vendor/a')).toBe(
      'vendor/a failed 2 times in a row, the last time: is overloaded or down; it is asked again in 1 s',
    );
    expect(upstreams.waitOf('vendor/a')).toBe(1);
    expect(upstreams.waitOf('vendor/b')).toBeUndefined();
    expect(upstreams.problemOf('vendor/b')).toBeUndefined();
    expect(upstreams.enter('vendor/a', false)).toMatchObject({ allowed: false, retryAfter: 1 });
    expect(upstreams.enter('vendor/b', false)).toMatchObject({ allowed: true, probe: false });
  });

  it('opens the circuit of the whole destination when nobody answers there', () => {
    const { upstreams } = openUpstreams();
    upstreams.failed('vendor/a', 'unreachable', undefined);
    upstreams.failed('vendor/b', 'silent', undefined);
    expect(upstreams.problemOf('vendor/c')).toContain('vendor failed 2 times');
  });

  it('lets one probe find out and tells what changed', () => {
    const { clock, upstreams, lines } = openUpstreams();
    for (let count = 0; count < 2; count += 1)
      upstreams.failed('vendor/a', 'unauthorized', undefined);
    clock.advance(1000);
    expect(upstreams.problemOf('vendor/a')).toBeUndefined();
    expect(upstreams.enter('vendor/a', false)).toEqual({
      allowed: true,
      probe: true,
      changes: [{ type: 'circuit-changed', circuit: 'vendor', state: 'half-open' }],
    });
    expect(upstreams.problemOf('vendor/a')).toContain('one request is finding out now');
    expect(upstreams.answered('vendor/a', 5)).toEqual([
      { type: 'circuit-changed', circuit: 'vendor', state: 'closed' },
    ]);
    expect(upstreams.problemOf('vendor/a')).toBeUndefined();
    expect(lines).toEqual([
      'vendor failed 2 times in a row, the last time: refused the key; it is asked again in 1 s',
      'vendor answers again',
    ]);
  });

  it('takes a refusal of the request as a sign of life', () => {
    const { upstreams } = openUpstreams();
    upstreams.failed('vendor/a', 'server-error', undefined);
    upstreams.failed('vendor/a', 'refused', undefined);
    upstreams.failed('vendor/a', 'server-error', undefined);
    expect(upstreams.problemOf('vendor/a')).toBeUndefined();
  });

  it('gives the probe back when its caller left', () => {
    const { clock, upstreams } = openUpstreams();
    for (let count = 0; count < 2; count += 1) upstreams.failed('vendor/a', 'silent', undefined);
    clock.advance(1000);
    upstreams.enter('vendor/a', false);
    upstreams.left('vendor/a', true);
    expect(upstreams.enter('vendor/a', false)).toMatchObject({ probe: true });
  });

  it('spends repetitions from one budget per destination', () => {
    const { upstreams } = openUpstreams();
    const wish = {
      fault: 'cut',
      repeats: 0,
      retryAfterMs: undefined,
      leftMs: 1e6,
      hasFallback: false,
    } as const;
    expect(upstreams.again('vendor/a', wish)).toEqual({ waitMs: 250, why: 'backoff' });
    expect(upstreams.again('vendor/b', wish)).toEqual({
      refused: 'the share of repetitions for vendor is used up',
    });
  });

  it('has no circuit for local models', () => {
    const { upstreams } = openUpstreams();
    for (let count = 0; count < 9; count += 1) upstreams.failed('small', 'cut', undefined);
    expect(upstreams.enter('small', false)).toMatchObject({ allowed: true });
    expect(upstreams.problemOf('small')).toBeUndefined();
  });
});
