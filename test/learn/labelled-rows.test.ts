import { describe, expect, it } from 'vitest';
import { readLabelledRows } from '../../src/learn/labelled-rows.ts';

const PAIR = { text: 'where is my card', label: 'card' };

describe('readLabelledRows', () => {
  it.each([
    ['a table', 'text,label\nwhere is my card,card\n'],
    ['quotes and other names', 'id,intent,utterance\r\n1,card,"where is my card"\r\n'],
    ['semicolons', 'Category;Query\ncard;where is my card'],
    ['tabs', 'label\ttext\ncard\twhere is my card'],
    ['names of labels beside their numbers', 'text,label,label_text\nwhere is my card,17,card'],
    ['lines of JSON', '{"text":"where is my card","label":"card"}\n\n'],
    ['a list of JSON', '[{"sentence":"where is my card","class":"card"}]'],
    [
      'chats',
      JSON.stringify({
        messages: [
          { role: 'user', content: 'hello' },
          { role: 'assistant', content: 'greeting' },
          { role: 'user', content: [{ type: 'text', text: 'where is my card' }] },
          { role: 'assistant', content: 'card' },
        ],
      }),
    ],
  ])('reads %s', (_name, text) => {
    expect(readLabelledRows('rows', text)).toEqual({ rows: [PAIR], broken: new Map() });
  });

  it('keeps separators, quotes and line breaks of a quoted field', () => {
    const { rows } = readLabelledRows('r.csv', 'text,label\n"a, ""b""\nc", d \n\ne,f\n');
    expect(rows).toEqual([
      { text: 'a, "b"\nc', label: 'd' },
      { text: 'e', label: 'f' },
    ]);
  });

  it('tells which rows say nothing', () => {
    const lines = ['{"text":"a","label":"x"}', 'no json', '{"text":"b"}', '{"label":"x"}'];
    expect([...readLabelledRows('r', lines.join('\n')).broken]).toEqual([
      ['not JSON', [2]],
      ['no label', [3]],
      ['no text', [4]],
    ]);
  });

  it('takes no piece of a text without quotes for its label', () => {
    const table = 'text,label\nwhere is it,please,card\n"two\nlines",card,,\nlost, again,card\n';
    const { rows, broken } = readLabelledRows('r.csv', table);
    expect(rows).toEqual([{ text: 'two\nlines', label: 'card' }]);
    expect([...broken]).toEqual([['more fields than the header', [2, 5]]]);
  });

  it.each([
    ['', 'is empty'],
    ['name,kind\na,b', 'no column for text and label: it has “name”, “kind”'],
    ['text,kind\na,b', 'no column for label'],
    ['{"q":1}', 'its fields are “q”'],
    ['{"messages":[{"role":"user","content":"x"}]}', 'its fields are “messages”'],
    ['[1', 'list of JSON, but is none'],
    ['text,label\n"a,b\n', 'is not closed'],
  ])('refuses %j by name', (text, problem) => {
    expect(() => readLabelledRows('rows.csv', text)).toThrow(problem);
    expect(() => readLabelledRows('rows.csv', text)).toThrow('rows.csv');
  });
});
