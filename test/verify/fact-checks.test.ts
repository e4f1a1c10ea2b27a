import { describe, expect, it } from 'vitest';
import { checkAnswerKind } from '../../src/verify/answer-kind.ts';
import { checkAnswerable, checkRelevance } from '../../src/verify/answerable.ts';
import { missingNameShare } from '../../src/verify/names.ts';
import { checkNumbers } from '../../src/verify/numbers.ts';
import { findNegationMismatch, findOpposite } from '../../src/verify/polarity.ts';

describe('checkNumbers', () => {
  it.each([
    ['It costs 1000 euros.', 'The price is 1,000 euros.'],
    ['There are five wheels.', 'It has 5 wheels.'],
    ['There are 25 rooms.', 'It has twenty-five rooms.'],
    ['Sales were 1.2 million.', 'Sales were 1,200,000.'],
    ['Sales were 1.2 million.', 'Sales were 1,203,450 last year.'],
    ['The walk is 1 km.', 'The walk is 1,000 metres.'],
    ['It lasts 90 minutes.', 'It lasts 1.5 hours.'],
    ['It was on March 5, 2024.', 'Date: 2024-03-05.'],
    ['It was in March 2024.', 'It was on 5 March 2024.'],
    ['It was in 2024.', 'It was on 5 March 2024.'],
    ['It closes at 2 pm.', 'It closes at 14:00.'],
    ['It opens at 9:00.', 'It opens at 9 a.m.'],
    ['About 1,200 people came.', 'In all, 1,187 people came.'],
    ['Two hundred and five ships.', '205 ships'],
    ['It grew by 8 %.', 'It grew by 8 percent.'],
    ['One of the reasons is rain.', 'Rain is a reason.'],
    ['The HV-SK-17 kit.', 'The kit.'],
  ])('finds the numbers of %j in %j', (answer, source) => {
    expect(checkNumbers(answer, [source]).passed).toBe(true);
  });

  it.each([
    ['It costs 1001 euros.', 'The price is 1,000 euros.'],
    ['It costs 5 dollars.', 'It costs 5 euros.'],
    ['There are six wheels.', 'It has 5 wheels.'],
    ['It was on March 6, 2024.', 'Date: 2024-03-05.'],
    ['It was on 5 March 2024.', 'It was in March 2024.'],
    ['It closes at 3 pm.', 'It closes at 14:00.'],
    ['It closes at 2 am.', 'It closes at 14:00.'],
    ['It grew by 8 percent.', 'It grew by 8 km.'],
    ['It weighs 84 g.', 'It weighs 84 kg.'],
    ['About 2,000 people came.', '1,187 people came.'],
    ['Since 1949.', 'Since 1947.'],
    ['In 2024 we sold 5.', ''],
  ])('misses the number of %j in %j', (answer, source) => {
    expect(checkNumbers(answer, [source]).passed).toBe(false);
  });
});

describe('missingNameShare', () => {
  it.each([
    ['It was founded by Marta Lindqvist.', 'Marta Lindqvist founded it.'],
    ["We used Lindqvist's telescope.", 'Lindqvist had a telescope.'],
    ['Ask HR about it.', 'Human Resources decides.'],
    ['Set TARN_TOKEN first.', 'Set the variable TARN_TOKEN before.'],
    ['Order HV-SK-17 now.', 'part number HV-SK-17'],
    ['However, the pump is old.', 'The pump is old.'],
    ['The shop opens on Monday in May.', 'opens monday'],
    ['everything is lower case', 'nothing in common'],
  ])('finds the names of %j', (answer, source) => {
    expect(missingNameShare(answer, [source])).toBe(0);
  });

  it.each([
    ['It was founded by Marta Berg.', 'Marta Lindqvist founded it.'],
    ['It is made by the FDA.', 'The usual dose is 50 mg.'],
    ['Order HV-SK-18 now.', 'part number HV-SK-17'],
    ['It was built in Berlin.', 'built in Jena'],
  ])('misses the name of %j', (answer, source) => {
    expect(missingNameShare(answer, [source])).toBeGreaterThan(0);
  });
});

describe('polarity', () => {
  it.each([
    ['Children may touch it', 'Children must not touch it', 'touch'],
    ['Sales did not increase', 'Sales increased', 'increas'],
    ["Children can't touch it", 'Children must not touch it', undefined],
    ['It weighs 84 kg', 'It weighs 84 kg without its base plate', undefined],
    ['The shop is open', 'The shop, not the café, is open', undefined],
  ])('%s / %s: only one negates %s', (claim, source, term) => {
    expect(findNegationMismatch(claim, source)).toBe(term);
  });

  it('sees opposites in any form of the words', () => {
    expect(findOpposite('Profits increased', 'Profits decreased')).toMatchObject({
      found: expect.stringContaining('decreas'),
    });
    expect(
      findOpposite('Profits increased', 'Profits increased while costs decreased'),
    ).toBeUndefined();
    expect(findOpposite('It opens before noon', 'It opens after noon')).toBeDefined();
  });
});

describe('the question', () => {
  const evidence = ['The pump weighs 84 kg.', 'The seal kit has the part number HV-SK-17.'];

  it('is answerable when the evidence has its terms', () => {
    expect(checkAnswerable('How much does the pump weigh?', evidence).passed).toBe(true);
    expect(checkAnswerable('Who won the football match in Rome?', evidence).passed).toBe(false);
    expect(checkAnswerable('How much does it cost?', []).passed).toBe(false);
  });

  it('is not answered by a sentence about something else', () => {
    expect(checkRelevance('Which oil filter fits?', 'The pump weighs 84 kg.', [])?.passed).toBe(
      false,
    );
    expect(checkRelevance('What does the pump weigh?', 'It is 84 kg.', evidence)).toBeUndefined();
  });

  it.each([
    ['How much does the pump cost?', 'The pump costs 84 kg.', false],
    ['How much does the pump cost?', 'The pump costs 84 euros.', true],
    ['What do students pay?', 'Students pay nothing.', true],
    ['How many people came?', 'People came by bus.', false],
    ['How many people came?', 'Twelve people came.', true],
    ['When did it open?', 'It opened in Ghent.', false],
    ['When did it open?', 'It opened in 1947.', true],
    ['How often is it cleaned?', 'It is cleaned every week.', true],
    ['Why is it closed?', 'It is being painted.', true],
  ])('%s — %s', (question, answer, fits) => {
    expect(checkAnswerKind(question, answer) === undefined).toBe(fits);
  });
});

describe('bad input', () => {
  const long = 'On 5 May 2024 Ada Byron paid 1,200 euros for 3 HV-9 pumps at 14:00. '
    .repeat(15_000)
    .slice(0, 1_000_000);

  it.each(['', '\ud800\udc00\ud800', '１２３ ٣٤٥', '9'.repeat(5000), '1,'.repeat(5000), long])(
    'gives a result for %#',
    (text) => {
      const result = checkNumbers(text, [text]);
      expect(result.passed).toBe(true);
      expect(result.score).toBeLessThanOrEqual(1);
      expect(missingNameShare(text, [text])).toBe(0);
    },
  );
});
