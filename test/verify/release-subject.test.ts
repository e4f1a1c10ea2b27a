import { describe, expect, it } from 'vitest';
import { CheckedRelease } from '../../src/verify/release.ts';
import { passagesOf, run } from './released.ts';

const SENTENCES = [
  'Adults take 20 mg of ibuprofen once a day.',
  'Children take 5 mg of it once a day.',
].map((text, index) => ({
  number: index + 1,
  text,
  collection: 'docs',
  documentId: 'd1',
  documentVersion: 1,
  path: 'doses.md',
  headings: [],
  start: index * 100,
  end: index * 100 + text.length,
}));

async function ask(answer: string, who: string, threshold = 0.5) {
  const release = new CheckedRelease({
    passages: [{ chunkId: 'c1', score: 1, lexicalScore: 1, sentences: SENTENCES }],
    question: `How much ibuprofen do ${who} take?`,
    threshold,
    ...(threshold > 0.5 ? { promise: 'at most 1 % are wrong' } : {}),
    elapsed: () => 0,
  });
  const texts: string[] = [];
  const rejects: string[] = [];
  for (const stream of [release.push(answer), release.flush()])
    for await (const piece of stream)
      if ('release' in piece) texts.push(piece.release.text);
      else if ('reject' in piece) rejects.push(piece.reject.check);
  return { text: texts.join(''), rejects };
}

describe('a fragment', () => {
  it.each([
    ['20 mg', 'adults'],
    ['5 mg', 'children'],
  ])('%s is shown to the question about %s', async (answer, who) =>
    expect(await ask(answer, who)).toEqual({ text: answer, rejects: [] }),
  );

  it.each([
    ['20 mg', 'children'],
    ['5 mg', 'adults'],
  ])('%s is not shown to the question about %s', async (answer, who) => {
    const { text, rejects } = await ask(answer, who);
    expect(text).toBe('');
    expect(rejects).toContain('support');
  });

  it('is held to a threshold that promises something', async () =>
    expect((await ask('20 mg', 'adults', 0.9999)).text).toBe(''));
});

describe('an answer of nothing but numbers', () => {
  it('quotes what reaches the threshold and nothing else', async () => {
    expect((await ask('[1]', 'adults')).text).toBe(SENTENCES[0]?.text);
    expect(await ask('[1]', 'adults', 0.9999)).toEqual({ text: '', rejects: ['support'] });
  });
});

describe('a short sentence', () => {
  const asked = 'Is pipelining on by default in the client?';
  const passages = passagesOf(
    'Pipelining is disabled by default.',
    'The timeout is disabled for a pool.',
  );
  const answered = (text: string, question = asked) => run(text, { passages, question });

  it('is shown where a source says it word for word', async () => {
    const { text, citations } = await answered('Pipelining is disabled by default. [1]');
    expect(text.trim()).toBe('Pipelining is disabled by default.');
    expect(citations.map((one) => one.sentence.number)).toEqual([1]);
  });

  it('is not shown where the source says the opposite', async () => {
    expect((await answered('Pipelining is enabled by default. [1]')).text).toBe('');
  });

  it('that is a value is held to the question, as an item of a list says nothing by itself', async () => {
    const items = passagesOf(
      'Adults take:',
      '20 mg once a day',
      'Children take:',
      '5 mg once a day',
    );
    const { text } = await run('20 mg once a day', {
      passages: items,
      question: 'How much of it do children take?',
    });
    expect(text).toBe('');
  });
});

it('a name that stands only in the heading above is known', async () => {
  const under = (headings: readonly string[]) =>
    passagesOf('The timeout of a connection is 30 seconds.').map((passage) => ({
      ...passage,
      sentences: passage.sentences.map((one) => ({ ...one, headings })),
    }));
  const said = 'The timeout of a connection of Tarn is 30 seconds. [1]';
  expect((await run(said, { passages: under(['Tarn']) })).text).toContain('Tarn');
  expect((await run(said, { passages: under(['Manual']) })).text).toBe('');
});
