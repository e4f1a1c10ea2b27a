import { describe, expect, it } from 'vitest';
import { composeNames } from '../../src/compose/names.ts';
import { readSpokes } from '../../src/compose/spokes.ts';
import { parseConfig } from '../../src/core/config.ts';
import { callOf } from '../pipeline/scripted-parts.ts';

const SPOKES = [
  { id: 'fast', model: 'vendor/small-8b', tools: true },
  { id: 'seeing', model: 'vendor/big-70b', vision: true },
];

/** The names of a farm with two remote spokes and one collection that only Ann may read. */
function namesWith(aliases: Record<string, string>) {
  const config = parseConfig({
    destinations: [{ id: 'vendor', kind: 'openai', url: 'http://127.0.0.1:9/v1' }],
    spokes: SPOKES,
    aliases,
  });
  return composeNames({
    settings: { config },
    models: { embedders: () => [], embedderStates: () => [] },
    knowledge: {
      names: (principals) => (principals?.includes('ann') === false ? [] : ['law']),
    },
    spokes: () =>
      readSpokes({
        config,
        spokes: config.spokes,
        entryOf: () => undefined,
        statusOf: () => undefined,
        classifierOf: () => undefined,
        problemOf: () => undefined,
        memoryBudget: 1,
        threads: 1,
      }),
    rankers: [{ id: 'order', description: 'orders', readers: ['ann'] }],
    startedAt: 5000,
  });
}

describe('names', () => {
  it('say what can be done under them', () => {
    const list = namesWith({}).list();
    expect(list.map((name) => name.id)).toEqual([
      'auto',
      'auto:cheap',
      'auto:best',
      'fast',
      'seeing',
      'hub',
      'knowledge:law',
      'order',
    ]);
    expect(list[0]).toMatchObject({ ready: true, contextLength: 128_000, vision: true });
    expect(list[3]).toMatchObject({ model: 'vendor/small-8b', vision: false, created: 5 });
    expect(list.at(-1)).toMatchObject({ kind: 'reranker', ready: false, contextLength: 0 });
    expect(list.at(-2)).toMatchObject({ ready: false, contextLength: 0 });
    expect(
      namesWith({})
        .list(['ben'])
        .map((name) => name.id),
    ).not.toContain('order');
  });

  it('may be aliases, which are listed where their target is', () => {
    const names = namesWith({ 'gpt-4o': 'auto', ours: 'knowledge:law' });
    const aliasesOf = (principals?: readonly string[]) =>
      names.list(principals).flatMap((name) => (name.alias === undefined ? [] : [name.id]));
    expect(aliasesOf()).toEqual(['gpt-4o', 'ours']);
    expect(aliasesOf(['bob'])).toEqual(['gpt-4o']);
    expect(names.list().find((name) => name.id === 'gpt-4o')).toMatchObject({
      kind: 'virtual',
      alias: 'auto',
    });
  });

  it('are resolved: exactly, else by the longest beginning, own names always first', () => {
    const names = namesWith({
      'gpt-4o': 'fast',
      'claude-*': 'auto',
      'claude-opus-*': 'auto:best',
      'f*': 'seeing',
    });
    expect(
      ['gpt-4o', 'claude-haiku', 'claude-opus-4', 'fast', 'foo', 'x'].map(names.targetOf),
    ).toEqual(['fast', 'auto', 'auto:best', 'fast', 'seeing', 'x']);
    expect(names.targetOf('constructor')).toBe('constructor');
  });

  it('take the collection along that an alias stands for', () => {
    const { resolve } = namesWith({ ours: 'knowledge:law' });
    const call = callOf('ours', 'hi');
    expect(resolve(call)).toMatchObject({
      request: { model: 'knowledge:law' },
      collection: 'law',
    });
    const own = callOf('auto', 'hi');
    expect(resolve(own)).toBe(own);
  });

  it.each([
    [{ auto: 'fast' }, 'aliases.auto'],
    [{ mine: 'nobody' }, 'aliases.mine'],
    [{ one: 'two', two: 'auto' }, 'aliases.one'],
  ])('refuse the aliases %j', (aliases, param) => {
    expect(() => namesWith(aliases)).toThrow(expect.objectContaining({ param }));
  });
});
