import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SourceSpec } from '../../src/core/config-source.ts';
import type { Source } from '../../src/core/source.ts';
import { untilTime, Watches } from '../../src/ground/watches.ts';

const MINUTE = 60_000;
const BEGAN = new Date(2026, 2, 5, 1, 0).getTime();
const listing = { items: [], skipped: [] };
const polled: Source = { doList: async () => listing, doOpen: () => Promise.reject(new Error()) };

let runs: { readonly at: number; readonly readsAll: boolean }[] = [];
let retryAt: (run: number) => number | undefined = () => undefined;
let controller: AbortController;

beforeEach(() => {
  vi.useFakeTimers({
    now: BEGAN,
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  });
  runs = [];
  retryAt = () => undefined;
  controller = new AbortController();
});
afterEach(() => {
  controller.abort();
  vi.useRealTimers();
});

function watch(specs: readonly SourceSpec[], source = polled, nightlyAt = '03:00'): Watches {
  const watches = new Watches({
    openSource: () => source,
    clock: { now: () => Date.now(), elapsed: () => Date.now() },
    pollSeconds: 3600,
    nightlyAt,
    follow: async (_name, { readsAll }) => {
      // The clock of a busy machine is some milliseconds on when the test begins.
      runs.push({ at: Math.round((Date.now() - BEGAN) / MINUTE), readsAll });
      return retryAt(runs.length);
    },
  });
  void watches.start(new Map([['docs', specs]]), controller.signal);
  return watches;
}

const folder: SourceSpec = { kind: 'folder', folder: '/docs' };
const feed: SourceSpec = { kind: 'feed', url: 'https://example.com/feed.xml', everyMinutes: 10 };

describe('following a collection', () => {
  it('looks at sources that send no events as often as they say', async () => {
    watch([feed]);
    await vi.advanceTimersByTimeAsync(25 * MINUTE);
    expect(runs.map((run) => run.at)).toEqual([0, 10, 20]);
  });

  it('does not list at once again what was read just now', async () => {
    const watches = watch([]);
    watches.set('site', [feed], { isRead: true });
    watches.set('docs', [feed], { isRead: false });
    await vi.advanceTimersByTimeAsync(15 * MINUTE);
    expect(runs.map((run) => run.at)).toEqual([0, 10, 10]);
  });

  it('reads everything at night', async () => {
    watch([folder]);
    await vi.advanceTimersByTimeAsync(47 * 60 * MINUTE + 30 * MINUTE);
    expect(runs.filter((run) => run.readsAll).map((run) => run.at)).toEqual([120, 120 + 24 * 60]);
    const others = runs.filter((run) => !run.readsAll).map((run) => run.at);
    expect(others).toEqual(Array.from({ length: 48 }, (_, hour) => hour * 60));
  });

  it('reads nothing at night where that is not wanted', async () => {
    watch([folder], polled, 'never');
    await vi.advanceTimersByTimeAsync(48 * 60 * MINUTE);
    expect(runs.some((run) => run.readsAll)).toBe(false);
  });

  it('tries again what failed when the run says so, and not after it was stopped', async () => {
    retryAt = (run) => (run < 3 ? Date.now() + run * MINUTE : undefined);
    const watches = watch([folder]);
    await vi.advanceTimersByTimeAsync(30 * MINUTE);
    expect(runs.map((run) => run.at)).toEqual([0, 1, 3]);
    retryAt = () => Date.now() + MINUTE;
    await vi.advanceTimersByTimeAsync(31 * MINUTE);
    const count = runs.length;
    expect(count).toBeGreaterThan(3);
    watches.set('docs', undefined);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(runs).toHaveLength(count);
  });

  it('runs once more for changes during a run, and once for many', async () => {
    let change = () => undefined as undefined;
    let release = () => undefined as undefined;
    const watched: Source = {
      ...polled,
      doWatch: async (onChange) => {
        change = () => {
          onChange();
          return undefined;
        };
      },
    };
    const watches = new Watches({
      openSource: () => watched,
      clock: { now: () => Date.now(), elapsed: () => Date.now() },
      pollSeconds: 3600,
      nightlyAt: 'never',
      follow: () => {
        runs.push({ at: 0, readsAll: false });
        return new Promise((resolve) => {
          release = () => {
            resolve(undefined);
            return undefined;
          };
        });
      },
    });
    void watches.start(new Map([['docs', [folder]]]), controller.signal);
    for (let index = 0; index < 5; index += 1) change();
    expect(runs).toHaveLength(1);
    release();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
    release();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
  });
});

it('knows the time until an hour of the day', () => {
  const now = new Date(2026, 2, 5, 3, 0).getTime();
  expect(untilTime('03:00', now)).toBe(24 * 60 * MINUTE);
  expect(untilTime('03:01', now)).toBe(MINUTE);
  expect(untilTime('02:59', now)).toBe(24 * 60 * MINUTE - MINUTE);
});
