import { describe, expect, it } from 'vitest';
import { readExamples } from '../../src/learn/examples.ts';

const file = (path: string, text: string) => ({ path, text });
const pair = [file('yes.txt', 'sure\nof course\n'), file('no.txt', 'never\nnot at all\n')];

describe('readExamples', () => {
  it('takes the label from the file name, one example per line', () => {
    const { rows, labels, problems } = readExamples([
      file('yes.txt', '# agreement\n sure \n\nof course\n'),
      file('no.txt', 'never\nnot at all'),
    ]);
    expect(labels).toEqual(['no', 'yes']);
    expect(rows).toEqual([
      { text: 'sure', label: 'yes' },
      { text: 'of course', label: 'yes' },
      { text: 'never', label: 'no' },
      { text: 'not at all', label: 'no' },
    ]);
    expect(problems).toEqual([]);
  });

  it('reads tables with quoted fields and JSON lines beside them', () => {
    const { rows } = readExamples([
      file('more.csv', 'label,text\nyes,"well, ""yes"""\r\nno,"two\nlines"\n'),
      file('lines.jsonl', '{"text":"nope","label":"no"}\n\n{"text":"yep","label":"yes"}\n'),
    ]);
    expect(rows).toEqual([
      { text: 'well, "yes"', label: 'yes' },
      { text: 'two\nlines', label: 'no' },
      { text: 'nope', label: 'no' },
      { text: 'yep', label: 'yes' },
    ]);
  });

  it('keeps a repeated text once and leaves a contradictory one out, naming both', () => {
    const { rows, problems } = readExamples([
      file('yes.txt', 'Sure\nsure\nof course\nmaybe\nyep'),
      file('no.txt', 'never\nMAYBE\nnope'),
    ]);
    expect(rows.map((row) => row.text)).toEqual(['Sure', 'of course', 'yep', 'never', 'nope']);
    expect(problems).toEqual([
      'left out, under no and yes: "maybe"',
      '1 repeated examples were left out',
    ]);
  });

  it.each([
    ['no files', [], /0 labels/],
    ['one label', [file('yes.txt', 'sure\nof course')], /1 labels, at least two/],
    ['one row', [file('yes.txt', 'sure')], /at least two/],
    ['an empty file', [...pair, file('maybe.txt', '\n# nothing\n')], /maybe\.txt holds no example/],
    [
      'a label with one text',
      [...pair, file('maybe.txt', 'perhaps')],
      /fewer than two texts for maybe/,
    ],
    [
      'labels that only contradict each other',
      [file('a.txt', 'x\ny'), file('b.txt', 'x\ny')],
      /0 labels/,
    ],
    ['another ending', [file('yes.pdf', 'x')], /yes\.pdf is not a \.txt/],
    ['a table without header', [file('t.csv', 'sure,yes\n')], /t\.csv, row 1: the header/],
    ['a short record', [file('t.csv', 'text,label\nsure\n')], /t\.csv, row 2: has 1 fields/],
    ['an open quote', [file('t.csv', 'text,label\n"sure,yes\n')], /is not closed/],
    [
      'broken JSON',
      [file('t.jsonl', '{"text":"a","label":"b"}\n{')],
      /t\.jsonl, row 2: is not JSON/,
    ],
    ['JSON of another shape', [file('t.jsonl', '{"text":1,"label":"b"}')], /string fields/],
    ['JSON null', [file('t.jsonl', 'null')], /string fields/],
  ])('refuses %s', (_name, files, message) => {
    expect(() => readExamples(files)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) }),
    );
  });

  it('cuts an example that is a document', () => {
    const { rows } = readExamples([...pair, file('long.txt', `${'a'.repeat(9000)}\nshort`)]);
    expect(rows.find((row) => row.label === 'long')?.text).toHaveLength(4000);
  });
});
