import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentenceSplitter, splitSentences } from '../../src/base/sentences.ts';

const texts = (text: string) => splitSentences(text).map((sentence) => sentence.text);

/** Text that is full of the places where rules meet. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '. ',
          '.',
          '! ',
          '?" ',
          '\n',
          '\n\n',
          ' ',
          'Dr. ',
          'e.g. ',
          'No. 5',
          'U.S. ',
          'J. ',
          '[1] ',
        ],
        ...[
          '[',
          '1. ',
          '- ',
          '# ',
          '| a |',
          '。',
          '」',
          '「',
          'と',
          '…',
          '...',
          ' . ',
          '```',
          '(',
          ')',
          '\r\n',
        ],
        ...['The ', 'word', 'Word', '3.14', '😀', 'é', 'etc. ', 'a', 'A'],
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('splitSentences', () => {
  it.each<[string, string[]]>([
    ['One. Two! Three? Four', ['One.', 'Two!', 'Three?', 'Four']],
    [
      'Dr. J. R. Smith met Mrs. Jones. They spoke.',
      ['Dr. J. R. Smith met Mrs. Jones.', 'They spoke.'],
    ],
    [
      'It cost 3.14 dollars. See No. 5 and Fig. 2.',
      ['It cost 3.14 dollars.', 'See No. 5 and Fig. 2.'],
    ],
    ['He said no. She left.', ['He said no.', 'She left.']],
    ['Use a tool, e.g. Make. Or i.e. None.', ['Use a tool, e.g. Make.', 'Or i.e. None.']],
    [
      'In the U.S. Senate. In the U.S. The end.',
      ['In the U.S. Senate.', 'In the U.S.', 'The end.'],
    ],
    [
      'Apple Inc. Chief spoke. At Apple Inc. The end.',
      ['Apple Inc. Chief spoke.', 'At Apple Inc.', 'The end.'],
    ],
    ['See https://a.b/c?d=e.f! Then go.', ['See https://a.b/c?d=e.f!', 'Then go.']],
    ['"Really?" he asked. "Yes." Then.', ['"Really?" he asked.', '"Yes."', 'Then.']],
    ['It is so. [1] Next.[2][3] Last [4].', ['It is so. [1]', 'Next.[2][3]', 'Last [4].']],
    [
      'Steps:\n1. Open it.\n2. Close it.\n- End',
      ['Steps:', '1. Open it.', '2. Close it.', '- End'],
    ],
    ['# Title\nText goes\non here.\n\nNext', ['# Title', 'Text goes\non here.', 'Next']],
    ['今天很好。明天呢？「好。」', ['今天很好。', '明天呢？', '「好。」']],
    ['「好。」と言った。次。', ['「好。」と言った。', '次。']],
    ['the flow . an experiment', ['the flow .', 'an experiment']],
    ['Wait... what? Well... Yes.', ['Wait... what?', 'Well...', 'Yes.']],
    ['  \n ', []],
  ])('cuts %j', (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it('gives exact offsets and loses no visible character', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        let end = 0;
        for (const sentence of splitSentences(text)) {
          expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
          expect(sentence.text.trim()).toBe(sentence.text);
          expect(sentence.text).not.toBe('');
          expect(text.slice(end, sentence.start).trim()).toBe('');
          end = sentence.end;
        }
        expect(text.slice(end).trim()).toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('bounds the length of a sentence without a full stop', () => {
    const all = splitSentences('word '.repeat(2000));
    expect(Math.max(...all.map((sentence) => sentence.text.length))).toBeLessThanOrEqual(1200);
    const pairs = splitSentences('😀'.repeat(2000));
    expect(pairs.every((sentence) => sentence.text.isWellFormed())).toBe(true);
  });
});

describe('SentenceSplitter', () => {
  it('releases a sentence as soon as the next one begins', () => {
    const splitter = new SentenceSplitter();
    expect(splitter.push('One is he')).toEqual([]);
    expect(splitter.push('re. ')).toEqual([]);
    expect(splitter.push('T')).toEqual(['One is here. ']);
    expect(splitter.push('wo. [')).toEqual([]);
    expect(splitter.push('1] Three')).toEqual(['Two. [1] ']);
    expect(splitter.flush()).toEqual(['Three']);
    expect(splitter.flush()).toEqual([]);
  });

  it('joins to its input and cuts where the whole text would be cut, however it arrives', () => {
    fc.assert(
      fc.property(tricky, fc.array(fc.nat(7), { minLength: 1, maxLength: 20 }), (text, sizes) => {
        const splitter = new SentenceSplitter();
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = 1 + (sizes[turn % sizes.length] ?? 0);
          pieces.push(...splitter.push(text.slice(at, at + size)));
          at += size;
        }
        pieces.push(...splitter.flush());
        expect(pieces.join('')).toBe(text);
        expect(pieces.map((piece) => piece.trim()).filter((piece) => piece !== '')).toEqual(
          texts(text),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
