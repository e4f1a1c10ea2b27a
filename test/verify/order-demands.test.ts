import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import { languageDemands } from '../../src/verify/answer-language.ts';
import { splitGiven } from '../../src/verify/given-text.ts';
import { checkDemands } from '../../src/verify/order-checks.ts';

const user = (text: string) => [{ role: 'user' as const, content: textPart(text) }];

function demands(prompt: string, answer: string) {
  return checkDemands(prompt, splitGiven(user(prompt)), answer);
}

describe('demands of an order', () => {
  it.each([
    [
      'Describe the sea in at most 5 words.',
      'Blue, wide, deep and old',
      'A very large body of salt water',
    ],
    [
      'Answer in one sentence: why is the sky blue?',
      'Air scatters blue light.',
      'Air scatters light. Blue most.',
    ],
    ['Give exactly three bullets about cats.', '- soft\n- quick\n- proud', '- soft\n- quick'],
    ['Explain it in 3 lines or less. What is a hub?', 'It\njoins', 'a\nb\nc\nd'],
    ['Answer with JSON only: name and age of Tom, 5', '{"name":"Tom","age":5}', 'Tom is 5'],
    ['Convert this to CSV:\n\n[{"a":1,"b":2}]', 'a,b\n1,2', '```json\n[{"a":1}]\n```'],
    ['Write this in capital letters.\n\nsea breeze', 'SEA BREEZE', 'Sea Breeze'],
    ['Is it open on Sunday? Answer yes or no.', 'No.', 'It depends on the season'],
    ['Choose the right letter.\nA. tea\nB. milk', 'B', 'water'],
    [
      'Translate. Answer with the translation only.\n\nGuten Tag, Anna',
      'Good day, Anna',
      'Sure! Good day, Anna',
    ],
    [
      'Write the date as YYYY-MM-DD and change nothing else.\n\nDue 3 May 2021.',
      'Due 2021-05-03.',
      'Due 3 May 2021.',
    ],
    [
      'Sort these lines alphabetically.\n\npear\nfig\napple',
      'apple\nfig\npear',
      'apple\npear\nfig',
    ],
    ['Sort these lines alphabetically.\n\npear\nfig\napple', 'apple\nfig\npear', 'apple\nfig'],
    ['Remove the repeated items.\n\na, b, a, c', 'a, b, c', 'a, b, a, c'],
    [
      'Replace the name Tom by Ann everywhere.\n\nTom met Jo. Tom left.',
      'Ann met Jo. Ann left.',
      'Ann met Jo. Tom left.',
    ],
    [
      'Rewrite the sentence in m instead of km.\n\nIt is 3 km long.',
      'It is 3000 m long.',
      'It is 3 km long.',
    ],
    [
      'Keep only the lines that end with "open".\n\nred open\nblue closed',
      'red open',
      'red open\nblue closed',
    ],
    ['Write these lines on one line, separated by a semicolon.\n\nx\ny', 'x; y', 'x\ny'],
  ])('%s', (prompt, right, wrong) => {
    expect(demands(prompt, right)?.passed).toBe(true);
    expect(demands(prompt, wrong)?.passed).toBe(false);
  });

  it.each([
    ['用最多五个词描述大海。', '蓝色的海'],
    ['What is the capital of France?', 'Paris'],
    [
      'def f(x):\n    # at most one line\n    return x\n\nExplain this code.',
      'It returns its argument.',
    ],
    ['Write a poem about lines and words.', 'Roses are red'],
    ['Turn this CSV into JSON:\n\na,b\n1,2', '[{"a":1,"b":2}]'],
    ['Who replaced Tom by vote?', 'Ann'],
  ])('raises no false alarm for %s', (prompt, answer) => {
    expect(demands(prompt, answer)?.passed ?? true).toBe(true);
  });

  it('is met by any list that was sorted, whatever its words', () => {
    const word = fc.stringMatching(/^[a-z]{2,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 2, maxLength: 9 }), (list) => {
        const prompt = `Sort these lines alphabetically. Answer with the lines only.\n\n${list.join('\n')}`;
        const sorted = list.toSorted();
        expect(demands(prompt, sorted.join('\n'))?.passed).toBe(true);
        const swapped = sorted.toReversed();
        expect(demands(prompt, swapped.join('\n'))?.passed).toBe(false);
      }),
    );
  });

  it('knows languages by their script and frequent words, and is silent where it cannot tell', () => {
    const holds = (order: string, answer: string) => languageDemands(order, answer)[0]?.holds;
    expect(holds('Answer in French.', 'Le chat est sur la table et les enfants jouent.')).toBe(
      true,
    );
    expect(holds('Answer in French.', 'The cat is on the table and the children play.')).toBe(
      false,
    );
    expect(holds('Translate into Chinese.', '猫在桌子上')).toBe(true);
    expect(holds('Translate into Chinese.', 'The cat')).toBe(false);
    expect(holds('Answer in German.', 'Ja')).toBeUndefined();
    expect(
      holds('Tell me about German history.', 'It is long and the rest of it is too.'),
    ).toBeUndefined();
  });
});
