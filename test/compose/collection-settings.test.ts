import { describe, expect, it, onTestFinished } from 'vitest';
import { applySettings } from '../../src/compose/following.ts';
import { parseConfig } from '../../src/core/config.ts';
import { collect, Library } from '../ground/fixtures/library.ts';

describe('what the configuration says of a collection that is there', () => {
  it('leaves its readers as they are where it names none', async () => {
    const library = await Library.open();
    onTestFinished(() => library.close());
    library.put('a.md', 'The pump runs.');
    await library.index({ principals: ['hr'] });
    const rules = [{ path: 'pay/', principals: ['board'] }];
    await library.knowledge.change('docs', { rules });
    const apply = (said: object) =>
      applySettings(
        library.knowledge,
        parseConfig({ collections: [{ name: 'docs', folder: library.folder, ...said }] })
          .collections,
      );
    await apply({ halfLifeDays: 9 });
    const closed = { principals: ['hr'], rules, halfLifeDays: 9 };
    expect(await library.store.doGetCollection('docs')).toMatchObject(closed);
    await apply({ principals: ['public'], rules: [] });
    const open = { principals: ['public'], rules: [] };
    expect(await library.store.doGetCollection('docs')).toMatchObject(open);
  });

  it('may not have a name of vector stores', async () => {
    const collection = { name: 'vs_manuals', folder: '/manuals' };
    expect(() => parseConfig({ collections: [collection] })).toThrow(/vs_.*vector stores/);
    const library = await Library.open();
    onTestFinished(() => library.close());
    const request = { name: 'vs_manuals', sources: library.sources, watch: false };
    const run = library.knowledge.index(request, { signal: AbortSignal.timeout(10_000) });
    await expect(collect(run)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('choose another'),
      param: 'name',
    });
  });
});
