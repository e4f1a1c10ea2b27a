import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { CadreError } from '../../src/core/errors.ts';
import { type PassageReader, readAgain } from '../../src/ground/read-again.ts';
import { Library } from './fixtures/library.ts';

const { signal } = new AbortController();
const NAMES = ['first', 'second', 'third', 'fourth', 'fifth'];
const found = NAMES.map((text, at) => ({
  chunk: {
    headings: ['Part'],
    sentences: [{ text, start: 0, end: text.length }],
    documentId: `d-${text}`,
    documentVersion: 3,
  },
  ranked: {
    chunkId: text,
    score: 1 - at * 0.1,
    legs: [{ leg: 'lexical' as const, rank: at + 1, score: 5 - at }],
    lexicalScore: 5 - at,
    coverage: 1,
  },
}));

type Said = number | undefined | Error | 'wait';

/** Says one after the other; what is not said any more is waited for. */
function reader(said: readonly Said[], seen: unknown[] = []): PassageReader {
  return {
    spoke: 'small',
    async doRead(query, passage, { signal: until }) {
      const next = said[seen.length] ?? (seen.length < said.length ? undefined : 'wait');
      seen.push([query, passage]);
      if (next instanceof Error) throw next;
      if (next !== 'wait') return next;
      return new Promise((_, reject) =>
        until.addEventListener('abort', () => reject(until.reason), { once: true }),
      );
    },
  };
}
const namesAfter = async (said: readonly Said[], budgetMs = 60_000) => {
  const again = await readAgain(found, 'q', reader(said), { signal, budgetMs });
  return again.found.map((one) => one.ranked.chunkId);
};

describe('passages that a spoke reads again', () => {
  it('rise by its yes and fall by its no; scores keep their places', async () => {
    const seen: unknown[] = [];
    const spoke = reader([0.1, 0.1, 0.95, 0.1, 0.1], seen);
    const again = await readAgain(found, 'the query', spoke, { signal, budgetMs: 60_000 });
    expect(again.found.map((one) => one.ranked.chunkId)).toEqual([
      'third',
      'first',
      'second',
      'fourth',
      'fifth',
    ]);
    expect(again.found.map((one) => one.ranked.score)).toEqual(
      found.map((one) => one.ranked.score),
    );
    expect(again).toMatchObject({ read: 5, of: 5, isOut: false });
    expect(again.found[0]?.ranked.legs.at(-1)).toEqual({ leg: 'reader', rank: 1, score: 0.95 });
    expect(seen[0]).toEqual([
      'the query',
      { sentences: ['Part', 'first'], documentId: 'd-first', documentVersion: 3 },
    ]);
  });

  it('stay as they were where all are refused alike or only one was read', async () => {
    expect(await namesAfter([0, 0, 0, 0, 0])).toEqual(NAMES);
    expect(await namesAfter([0.1], 20)).toEqual(NAMES);
  });

  it('count as the mean where they were not reached: they pass a refused one and yield to none', async () => {
    expect(await namesAfter([0.9, 0.9, 0], 20)).toEqual([
      'first',
      'second',
      'fourth',
      'third',
      'fifth',
    ]);
    for (const said of [
      [1, 0],
      [0, 1],
      [0, 0, 1],
      [1, 0, 1, 0],
    ]) {
      const after = await namesAfter(said, 20);
      for (const [at, unread] of NAMES.entries())
        if (at >= said.length)
          expect(after.indexOf(unread), `${said} ${unread}`).toBeLessThanOrEqual(at);
    }
  });

  it('are read no further where the first answer has no probabilities; a later one counts as unread', async () => {
    const seen: unknown[] = [];
    const again = await readAgain(found, 'q', reader([undefined, 1], seen), {
      signal,
      budgetMs: 60_000,
    });
    expect(again).toMatchObject({ read: 0, of: 5, isOut: false });
    expect(again.found.map((one) => one.ranked.chunkId)).toEqual(NAMES);
    expect(seen).toHaveLength(1);
    const later = reader([0.5, undefined, 0.5, 0.5, 0.5]);
    expect(await readAgain(found, 'q', later, { signal, budgetMs: 60_000 })).toMatchObject({
      read: 4,
    });
  });

  it('end with the search and with the failure of the spoke', async () => {
    const stop = new AbortController();
    const reading = readAgain(found, 'q', reader([0.5]), { signal: stop.signal, budgetMs: 60_000 });
    stop.abort(new CadreError('cancelled', 'the caller left'));
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    const failing = reader([0.5, new CadreError('label_refused', 'it may not leave')]);
    await expect(
      readAgain(found, 'q', failing, { signal, budgetMs: 60_000 }),
    ).rejects.toMatchObject({ code: 'label_refused' });
  });
});

describe('a search with a spoke for a second look', () => {
  it('says how far it came, or why the order stands', async () => {
    const library = await Library.open({
      config: parseConfig({ ground: { rerankMs: 300, rerankBy: 'small' } }).ground,
    });
    for (const name of ['steel', 'brass', 'zinc'])
      library.put(`${name}.md`, `The ${name} pump is blue.`);
    await library.index();
    const search = (one: PassageReader | undefined) =>
      library.knowledge.search(
        { collection: 'docs', query: 'pump', limit: 1, reader: one },
        { signal },
      );
    const zinc: PassageReader = {
      spoke: 'small',
      doRead: async (_query, { sentences }) => (sentences.join().includes('zinc') ? 0.9 : 0.1),
    };
    const read = await search(zinc);
    expect(read.passages.map((one) => one.sentences[0]?.path)).toEqual(['zinc.md']);
    expect(read.legs.at(-1)).toBe('reader');
    expect(read.rerank).toMatchObject({ spoke: 'small', read: 3, of: 3 });
    const late = await search(reader([]));
    expect(late.rerank).toMatchObject({ read: 0, of: 3 });
    expect(late.missingLegs?.at(-1)).toEqual({
      leg: 'reader',
      reason: 'small had no time for the first passage',
    });
    const silent = await search(reader([undefined]));
    expect(silent.legs).not.toContain('reader');
    expect(silent.missingLegs?.at(-1)?.reason).toBe(
      'small gave no probabilities of yes and no for the first passage',
    );
    const failed = await search(reader([new CadreError('label_refused', 'it may not leave')]));
    expect(failed.missingLegs?.at(-1)?.reason).toBe('small failed: it may not leave');
    expect(failed.passages).toEqual(silent.passages);
    const unasked = await search(undefined);
    expect(unasked.passages).toEqual(silent.passages);
    expect(unasked.legs).toEqual(silent.legs);
    await library.close();
  });
});
