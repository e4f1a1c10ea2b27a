import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockfileSchema } from '../../src/core/catalogue.ts';
import { spokeSchema } from '../../src/core/config-parts.ts';
import { mergeSpokes, STARTER_SPOKES } from '../../src/run/starter-spokes.ts';

const lock = lockfileSchema.parse(
  JSON.parse(
    readFileSync(join(resolve(import.meta.dirname, '..', '..'), 'models.lock.json'), 'utf8'),
  ),
);

describe('the starter spokes', () => {
  it('stand on models that the lockfile pins', () => {
    const pinned = lock.models.map((model) => model.id);
    for (const spoke of STARTER_SPOKES) expect(pinned, spoke.id).toContain(spoke.model);
  });

  it('fall back only to spokes that exist, never to themselves', () => {
    const ids = STARTER_SPOKES.map((spoke) => spoke.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const spoke of STARTER_SPOKES)
      for (const id of spoke.fallback) {
        expect(ids).toContain(id);
        expect(id).not.toBe(spoke.id);
      }
  });

  it('give tools only to models that can call them', () => {
    for (const spoke of STARTER_SPOKES.filter((one) => one.tools))
      expect(lock.models.find((model) => model.id === spoke.model)?.capabilities).toContain(
        'tools',
      );
  });
});

describe('mergeSpokes', () => {
  it('replaces by id and appends what is new', () => {
    const mine = spokeSchema.parse({ id: 'quick', model: 'other' });
    const extra = spokeSchema.parse({ id: 'extra', model: 'other' });
    const merged = mergeSpokes(STARTER_SPOKES, [mine, extra]);
    expect(merged).toHaveLength(STARTER_SPOKES.length + 1);
    expect(merged[0]).toBe(mine);
    expect(merged.at(-1)).toBe(extra);
  });
});
