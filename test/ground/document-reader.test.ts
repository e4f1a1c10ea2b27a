import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceSchema } from '../../src/core/config-source.ts';
import type { DocumentText } from '../../src/core/document-text.ts';
import { at, pdfOf } from '../fixtures/pdf-pages.ts';
import { collect, Library } from './fixtures/library.ts';

let library: Library;
const options = { signal: new AbortController().signal };

beforeEach(async () => {
  library = await Library.open();
});
afterEach(() => library.close());

async function idOf(path: string): Promise<string> {
  const rows = await library.store.doListDocuments('docs');
  return rows.find((row) => row.path === path)?.id ?? '';
}

async function read(
  path: string,
  request: { principals?: readonly string[] | undefined; around?: number } = {},
): Promise<DocumentText | undefined> {
  const id = await idOf(path);
  return library.knowledge.read(
    { collection: 'docs', id, principals: undefined, ...request },
    options,
  );
}

/** The words at the place of the found sentence that holds these words. */
async function shownAt(words: string): Promise<string | undefined> {
  const { passages } = await library.knowledge.search(
    { collection: 'docs', query: words, limit: 3 },
    options,
  );
  const sentence = passages
    .flatMap((passage) => passage.sentences)
    .find((one) => one.text.includes(words));
  if (sentence === undefined) return undefined;
  const text = await read(sentence.path, { around: sentence.start });
  return text?.text.slice(sentence.start - text.start, sentence.end - text.start);
}

describe('reading a document', () => {
  it('shows the original, in which found sentences stand at their offsets', async () => {
    library.put(
      'pump.md',
      '# Pump\n\n| part | bar |\n|---|---|\n| inlet | 40 |\n\nIt is *blue*.\n',
    );
    await library.index();
    const text = await read('pump.md');
    expect(text).toMatchObject({ origin: 'original', start: 0 });
    expect(text?.blocks.map((block) => block.kind)).toEqual([
      'heading',
      'table-row',
      'table-row',
      'paragraph',
    ]);
    expect(await shownAt('blue')).toBe('It is *blue*.');
  });

  it('gives the lines of a page their places', async () => {
    const pages = [{ content: at(72, 700, 'The first page is empty of facts.') }];
    pages.push({ content: at(72, 700, 'The door code is 4711.') + at(72, 680, 'Ring twice.') });
    library.put('plan.pdf', pdfOf({ pages }));
    await library.index();
    const text = await read('plan.pdf');
    expect(text?.pages?.map((page) => page.number)).toEqual([1, 2]);
    const line = text?.pages?.[1]?.lines[0];
    expect(text?.text.slice(line?.start, line?.end)).toMatch(/^The door code is 4711\. ?$/);
    expect(line?.x).toBeCloseTo(72 / 612, 2);
  });

  it('falls back to what is stored where the original changed or is gone, and says why', async () => {
    library.put('pump.md', '# Pump\n\nThe pump runs at 40 bar. It is blue.');
    await library.index();
    library.put('pump.md', '# Pump\n\nThe pump runs at 50 bar. It is green.');
    const changed = await read('pump.md');
    expect(changed).toMatchObject({ origin: 'index', reason: expect.stringContaining('changed') });
    expect(changed?.text).toContain('40 bar');
    expect(changed?.text).not.toContain('50 bar');
    expect(await shownAt('blue')).toBe('It is blue.');
    rmSync(join(library.folder, 'pump.md'));
    expect(await read('pump.md')).toMatchObject({
      origin: 'index',
      reason: expect.stringContaining('gone'),
    });
  });

  it('says that rows of a database are not read again', async () => {
    const file = join(library.folder, 'rows.db');
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE t (id TEXT, text TEXT); INSERT INTO t VALUES ('one', 'The seal.')");
    database.close();
    const sql = sourceSchema.parse({ kind: 'sql', file, query: 'SELECT * FROM t', text: ['text'] });
    const request = { name: 'docs', sources: [sql], watch: false };
    await collect(library.knowledge.index(request, { signal: new AbortController().signal }));
    expect(await read('one')).toMatchObject({
      origin: 'index',
      text: expect.stringContaining('The seal.'),
      reason: 'rows of a database are read only when it is indexed',
    });
  });

  it('shows nothing of what is deleted, or closed to the reader', async () => {
    library.put('pump.md', 'The pump runs at 40 bar.');
    await library.index({ principals: ['ward'] });
    const id = await idOf('pump.md');
    const of = (principals: readonly string[] | undefined) =>
      library.knowledge.read({ collection: 'docs', id, principals }, options);
    expect(await of(['public'])).toBeUndefined();
    expect((await of(['public', 'ward']))?.text).toContain('40 bar');
    await library.store.doChangeDocument('docs', id, { override: () => ({ principals: ['hr'] }) });
    // The text is still in memory from the last look.
    expect(await of(['public', 'ward'])).toBeUndefined();
    rmSync(join(library.folder, 'pump.md'));
    library.put('other.md', 'Another.');
    await library.index({ principals: ['ward'] });
    expect(await of(undefined)).toBeUndefined();
  });

  it('shows the part of a long document that holds the place', async () => {
    const lines = Array.from({ length: 20_000 }, (_, row) => `Line ${row + 1} of the log is here.`);
    library.put('long.txt', lines.join('\n\n'));
    await library.index();
    const whole = await read('long.txt');
    expect(whole?.text.length).toBeLessThan(400_000);
    const around = (whole?.length ?? 0) - 10;
    const part = await read('long.txt', { around });
    expect(part?.text).toContain('Line 20000 of');
    expect(part?.start).toBeGreaterThan(100_000);
    expect(part?.blocks.every((block) => block.start >= (part?.start ?? 0))).toBe(true);
    expect(await shownAt('17321')).toContain('17321');
  });
});

describe('how a collection stands', () => {
  it('tells counts, the last run, and what a caller may know', async () => {
    library.put('pump.md', 'The pump runs at 40 bar.');
    library.put('bad.pdf', 'no pdf');
    await library.index({ principals: ['ward'], watch: true });
    const standing = await library.knowledge.standing('docs');
    expect(standing).toMatchObject({ documents: 1, problems: 1, chunks: 1 });
    expect(standing?.last?.summary).toMatchObject({ added: 1 });
    expect(standing?.running).toBeUndefined();
    expect(standing?.nightlyAt).toBeGreaterThan(Date.now());
    expect(standing?.retryAt).toBeGreaterThan(Date.now());
    const others = await library.knowledge.standing('docs', ['ward']);
    expect(others).toMatchObject({ documents: 1 });
    expect(others).not.toHaveProperty('last');
    expect(await library.knowledge.standing('none')).toBeUndefined();
  });

  it('tells what runs while it runs, and no more when its caller left', async () => {
    for (let row = 0; row < 5; row += 1) library.put(`${row}.md`, `Document ${row} is here.`);
    const request = { name: 'docs', sources: library.sources, watch: false, principals: [] };
    for await (const progress of library.knowledge.index(request, options)) {
      expect((await library.knowledge.standing('docs'))?.running).toEqual(progress);
      if (progress.stage === 'reading') break;
    }
    expect(await library.knowledge.standing('docs')).not.toHaveProperty('running');
  });
});
