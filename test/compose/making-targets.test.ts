import { describe, expect, it } from 'vitest';
import { targetOf } from '../../src/compose/making-targets.ts';
import type { SpokeConfig } from '../../src/core/config.ts';

const BASE = { model: 'small-q4_1', kind: 'chat' } as const;
const SPOKES = [
  { ...BASE, id: 'fields', adapter: '/home/adapters/1.gguf' },
  { ...BASE, id: 'fields@2', adapter: '/home/adapters/2.gguf' },
  { ...BASE, id: 'plain' },
] as unknown as readonly SpokeConfig[];
const names = {
  isModel: (id: string) => id === 'small-q4_1',
  spokeOf: (id: string) => SPOKES.find((spoke) => spoke.id === id),
  versionOf: (id: string) => (id === 'fields' ? 'fields@3' : undefined),
};

describe('what forms are made of', () => {
  it('is a model as it is', () => {
    expect(targetOf(names, { id: 'small-q4_1' })).toEqual({
      model: 'small-q4_1',
      label: 'small-q4_1',
      stem: 'small-q4_1',
    });
  });

  it('is the base of a specialist with the adapter of the version that serves', () => {
    expect(targetOf(names, { id: 'fields' })).toEqual({
      model: 'small-q4_1',
      adapter: { path: '/home/adapters/1.gguf', of: 'fields@3' },
      label: 'fields',
      stem: 'fields',
    });
    expect(targetOf(names, { id: 'fields@2', name: 'second' })).toMatchObject({
      adapter: { path: '/home/adapters/2.gguf', of: 'fields@2' },
      stem: 'second',
    });
    expect(targetOf(names, { id: 'fields@2' }).stem).toBe('fields-2');
  });

  it('is a model with an adapter of a file', () => {
    expect(targetOf(names, { id: 'small-q4_1', adapter: '/tmp/My Triage.gguf' })).toEqual({
      model: 'small-q4_1',
      adapter: { path: '/tmp/My Triage.gguf', of: 'My Triage.gguf' },
      label: 'small-q4_1 with My Triage.gguf',
      stem: 'my-triage',
    });
  });

  it('is refused where it is not plain which adapter is meant', () => {
    expect(() => targetOf(names, { id: 'fields', adapter: '/a.gguf' })).toThrow(
      'has an adapter already; name its base, small-q4_1',
    );
    expect(() => targetOf(names, { id: 'small-q4_1', adapter: 'a.gguf' })).toThrow('not absolute');
  });
});
