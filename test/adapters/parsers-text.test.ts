import { afterAll, describe, expect, it } from 'vitest';
import { toChunks } from '../../src/ground/chunks.ts';
import { cellsOf, ParseBench, shapeOf } from '../fixtures/parse-bench.ts';

const bench = new ParseBench();
afterAll(() => bench.close());

describe('tables in text files', () => {
  it('are shown as they stand and found with their headers', async () => {
    const document = await bench.parse(
      'doses.md',
      '# Doses\n\n| Drug | Dose |\n|---|---|\n| Codeine \\| syrup | 30 mg |\n| Morphine | |\n',
    );
    expect(cellsOf(document)).toEqual([
      ['Drug=Codeine \\| syrup', 'Dose=30 mg'],
      ['Drug=Morphine'],
    ]);
    const { chunks } = toChunks(document, {
      documentId: 'd',
      version: 1,
      path: 'doses.md',
      hash: (text) => text,
    });
    expect(chunks[0]?.sentences.map((sentence) => [sentence.text, sentence.withHeaders])).toEqual([
      ['Drug | Dose', undefined],
      ['Codeine \\| syrup | 30 mg', 'Drug: Codeine \\| syrup; Dose: 30 mg'],
      ['Morphine |', 'Drug: Morphine'],
    ]);
    expect(chunks[0]?.indexText).toContain('Dose: 30 mg');
  });

  it('cut a long row at its cells and say the header of each', async () => {
    const long = 'This sentence tells of the pump and its valve at length. '.repeat(30).trim();
    const document = await bench.parse('long.csv', `Part,Remark,Price\nPump,"${long}",7\n`);
    const { chunks } = toChunks(document, {
      documentId: 'd',
      version: 1,
      path: 'long.csv',
      hash: (text) => text,
    });
    const sentences = chunks.flatMap((chunk) => chunk.sentences);
    expect(sentences.at(-1)).toMatchObject({ text: '7', withHeaders: 'Price: 7' });
    for (const sentence of sentences)
      expect(document.text.slice(sentence.start, sentence.end)).toBe(sentence.text);
  });

  it('of HTML follow spans, captions and heads of two rows; tables that lay out a page are no tables', async () => {
    const document = await bench.parse(
      'page.html',
      '<html><body><table><caption>Beds</caption><thead><tr><th rowspan="2">Ward</th><th colspan="2">Beds</th></tr><tr><th>free</th><th>taken</th></tr></thead><tbody><tr><td>East</td><td>3</td><td>9</td></tr></tbody></table><table><tr><td><h2>Menu</h2></td><td><p>Soup is served at noon.</p></td></tr></table></body></html>',
    );
    expect(cellsOf(document)).toEqual([['Ward=East', 'Beds › free=3', 'Beds › taken=9']]);
    expect(shapeOf(document).slice(-2)).toEqual([
      'heading Menu: Menu',
      'paragraph Menu: Soup is served at noon.',
    ]);
  });

  it('of CSV know their delimiter, quotes and titles', async () => {
    const document = await bench.parse(
      'list.csv',
      'Stock in May\nname;price\n"seal; ""small""";3\nvalve;9\n',
    );
    expect(cellsOf(document)).toEqual([
      ['name=seal; ""small""', 'price=3'],
      ['name=valve', 'price=9'],
    ]);
    const numbers = await bench.parse('numbers.csv', '1,2\n3,4\n');
    expect(cellsOf(numbers)).toEqual([]);
  });
});

describe('records of JSON', () => {
  it('stand whole with their keys as headers, larger values are opened by their keys', async () => {
    const filler = 'x'.repeat(900);
    const document = await bench.parse(
      'parts.json',
      `{\n "owner": "Ada",\n "parts": [\n  {"name": "Seal", "size": {"mm": 4}, "note": "${filler}"},\n  {"name": "Valve", "tags": ["a", "b"], "note": "${filler}"}\n ]\n}\n`,
    );
    expect(document.blocks.map((block) => [block.line, block.headings])).toEqual([
      [2, []],
      [4, ['parts', '1 Seal']],
      [5, ['parts', '2 Valve']],
    ]);
    expect(cellsOf(document).map((cells) => cells.slice(0, 2))).toEqual([
      ['owner=Ada'],
      ['name=Seal', 'size.mm=4'],
      ['name=Valve', 'tags=a'],
    ]);
  });

  it('come one per line from JSON lines, a broken line as it is', async () => {
    const document = await bench.parse('a.jsonl', '{"a": 1}\n{"a": \n{"a": "é"}\n');
    expect(document.blocks.map((block) => block.line)).toEqual([1, 2, 3]);
    expect(cellsOf(document)).toEqual([['a=1'], ['a=é']]);
  });
});

describe('what text files hold beside paragraphs', () => {
  it('nested lists, footnotes and definitions of Markdown have their own lines', async () => {
    const document = await bench.parse(
      'lists.md',
      'Text[^1].\n\n- one\n  - two\n    goes on\n\n1. three\n\n[^1]: The note\n    tells more.\n\nTerm\n: Meaning.\n',
    );
    expect(document.blocks.map((block) => [block.kind, block.line, block.text])).toEqual([
      ['paragraph', 1, 'Text[^1].'],
      ['list-item', 3, 'one'],
      ['list-item', 4, 'two\n    goes on'],
      ['list-item', 7, 'three'],
      ['paragraph', 9, 'The note\n    tells more.'],
      ['paragraph', 12, 'Term\n: Meaning.'],
    ]);
  });

  it('text of HTML that nobody sees is left out', async () => {
    const document = await bench.parse(
      'hidden.html',
      '<html><body><p>Seen.</p><p style="color:#fff">White.</p><p style="font-size:0px">Tiny.</p><p style="color:transparent">Clear.</p><p style="position:absolute;left:-9999px">Away.</p><div style="background:#000"><p style="color:#fff">On black.</p></div></body></html>',
    );
    expect(document.blocks.map((block) => block.text)).toEqual(['Seen.', 'On black.']);
    expect(document.flags).toEqual(['hidden-text']);
  });

  it.each([
    ['.x { display: none }', undefined],
    ['p.x{visibility:hidden}', undefined],
    ['/* a { */ .a, .x { font-size: 0 }', 'hidden-text'],
    ['#i { color: white }', 'hidden-text'],
    ['body { background: #eee } .x { color: #eeeeee }', 'hidden-text'],
    ['.x { display: none !important } .x { display: block }', undefined],
    ['.x { color: #123456; background-color: rgb(18, 52, 86) }', 'hidden-text'],
  ])('nor is that which a style sheet in the page hides: %s', async (css, flag) => {
    const document = await bench.parse(
      'sheet.html',
      `<html><head><style>${css}</style></head><body><p class="y">Seen.</p><p id="i" class="x y">Unseen.</p><table><tr><th>Part</th><th>Price</th></tr><tr><td>Seal <b class="x" id="i">Unseen</b></td><td>3</td></tr></table></body></html>`,
    );
    expect(document.text).toContain('Seen.');
    expect(document.text).toContain('Seal');
    if (!css.startsWith('p.')) expect(document.text).not.toContain('Unseen');
    else expect(document.text).not.toContain('Unseen.');
    expect(document.flags?.[0]).toBe(flag);
  });

  it.each([
    '@media print { .x { display: none } }',
    '.x { display: none } .x { display: block }',
    '.x { display: none } .x.y { display: block }',
    '.menu .x { display: none }',
    '.x:hover { display: none }',
    '.x { color: #fff; background: #000 }',
    '.dark .x { background: #000 } .x { color: #fff }',
    '.z { display: none',
    '@import "more.css"; .x { color: #fff }',
    '.x { opacity: 0; margin-left: -100% }',
    '.x { font-size: 1.25rem }',
  ])('but what may be seen stays: %s', async (css) => {
    const document = await bench.parse(
      'sheet.html',
      `<html><head><style>${css}</style></head><body><p class="x y">Seen.</p></body></html>`,
    );
    expect(document.text).toBe('Seen.');
  });

  it('sheets of a million rules are read in part and in no time worth telling', async () => {
    const css = '.a{display:none}@media x{'.repeat(200_000);
    const document = await bench.parse(
      'sheet.html',
      `<html><head><style>${css}</style></head><body><p class="a b">Unseen.</p><p>Seen.</p></body></html>`,
    );
    expect(document.text).toBe('Seen.');
  });
});
