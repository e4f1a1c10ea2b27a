import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import { EXCERPT_END } from '../../src/gate/excerpt.ts';
import { readSurface } from '../../src/gate/features.ts';
import { ask } from './farm.ts';

const featuresOf = (text: string) => readSurface(ask(text)).features;

describe('surface features', () => {
  it('count what stands there', () => {
    const features = featuresOf('What is 12 × 34?\nAnswer in 1 line; use $x^2$.');
    expect(features).toMatchObject({
      lines: 2,
      numbers: 4,
      questionMarks: 1,
      questionForm: 1,
      mathMarks: 3,
    });
    expect(featuresOf('Tell me, is it?').questionForm).toBe(0);
  });

  it.each([
    ['Which?\nA) a\nB) b\nC) c\nD) d', 4],
    ['Which? (A) one (B) two (C) three', 3],
    ['Which?\na. one\nb. two', 2],
    ['Plan B. It is better than plan A.', 1],
    ['No options here', 0],
  ])('see answer options in %j', (text, options) => {
    expect(featuresOf(text).options).toBe(options);
  });

  it.each([
    ['Summarise the report, translate it and write a mail.', 3],
    ['1. Summarise it\n2. Calculate the sum\n3. Draft a letter', 3],
    ['Please write a function to find and list all primes', 2],
    ['Could you then also compare both?', 1],
    ['Write a poem, write a song', 1],
    ['How tall is the tower?', 0],
  ])('count different jobs in %j', (text, jobs) => {
    expect(featuresOf(text).jobs).toBe(jobs);
  });

  it('see lists, foreign letters, tools, schema, images and turns', () => {
    expect(featuresOf('- one\n- two\n* three\n1. four').steps).toBe(4);
    expect(featuresOf('Привет').foreignLetters).toBe(1);
    const request = ask('', {
      tools: [{ name: 'a' }],
      responseFormat: { type: 'json' },
      messages: [
        { role: 'user', content: [...textPart('look'), { type: 'image', url: 'data:,' }] },
        { role: 'assistant', content: textPart('yes') },
        { role: 'user', content: textPart('and now?') },
      ],
    });
    expect(readSurface(request).features).toMatchObject({
      tools: 1,
      schema: 1,
      images: 1,
      turns: 3,
    });
  });

  it('read only the ends of a long text', () => {
    const long = `Summarise this. ${'7 '.repeat(3_000_000)} Thank you?`;
    const { features, excerpt } = readSurface(ask(long));
    expect(features.characters).toBe(long.length);
    expect(excerpt.text.length).toBe(2 * EXCERPT_END + 1);
    expect(features.numbers).toBeLessThanOrEqual(EXCERPT_END);
    expect(features).toMatchObject({ jobs: 1, questionMarks: 1 });
  });

  it('join the parts of a message at both ends', () => {
    const parts = ['head '.repeat(4000), 'middle '.repeat(4000), 'tail '.repeat(4000)];
    const request = ask('', {
      messages: [{ role: 'user', content: parts.flatMap((text) => textPart(text)) }],
    });
    const { text } = readSurface(request).excerpt;
    expect(text.startsWith('head ')).toBe(true);
    expect(text.endsWith('tail ')).toBe(true);
    expect(text).not.toContain('middle');
  });

  it('counts the ends of sentences, not the points in numbers and names', () => {
    const sentences = (text: string) => readSurface(ask(text)).features.sentences;
    expect(sentences('It costs 3.50 at example.org. Is that much? Yes!')).toBe(3);
    expect(sentences('He said “Stop.” and went on')).toBe(1);
    expect(sentences('no end at all')).toBe(0);
  });
});
