import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import { checkAgreement } from '../../src/verify/agreement.ts';
import { checkCopied } from '../../src/verify/copied-values.ts';
import { deepChecks } from '../../src/verify/deep-checks.ts';
import { checkGivenSupport } from '../../src/verify/given-support.ts';
import { checkKept } from '../../src/verify/kept-facts.ts';
import { leastLogprob } from '../../src/verify/value-confidence.ts';

const user = (text: string) => [{ role: 'user' as const, content: textPart(text) }];

describe('values of an extraction', () => {
  const TEXT =
    'Northwind Ltd, invoice no. 2024/77 of 5 March 2024. Total 1,250.50 EUR (net 1,050.84). Contact: Ana Ruiz, ana@northwind.example';

  it.each([
    ['as written', { supplier: 'Northwind Ltd', number: '2024/77', total: 1250.5 }],
    ['a date in another notation', { date: '2024-03-05', contact: 'ana ruiz' }],
    ['nested, in a list', { items: [{ name: 'Northwind' }], total: '1250.50' }],
  ])('pass when they are in the text: %s', (_, answer) => {
    expect(checkCopied(JSON.stringify(answer), TEXT)?.check.passed).toBe(true);
  });

  it.each([
    ['an invented name', { contact: 'Anna Ruis' }],
    ['another number', { total: 1251.5 }],
    ['another day', { date: '2024-03-06' }],
    ['a part of a word', { supplier: 'North' }],
  ])('fail for %s', (_, answer) => {
    expect(checkCopied(JSON.stringify(answer), TEXT)?.check.passed).toBe(false);
  });

  it.each([
    ['in two fields', { a: 'Ana Ruiz', b: 'Ana Ruiz' }, 1],
    ['of another kind than the field', { due_date: '1050.84' }, 1],
    ['elsewhere than the field’s label', { total: 1050.84 }, 1],
    ['right', { total: 1250.5, date: '5 March 2024' }, 0],
  ])('are doubtful %s', (_, answer, doubtful) => {
    expect(checkCopied(JSON.stringify(answer), TEXT)?.doubtful).toBe(doubtful);
  });

  it('counts empty fields, and looks at nothing but JSON with values', () => {
    expect(checkCopied('{"a":null,"b":"","c":"Ana Ruiz","d":"EUR"}', TEXT)?.empty).toBe(0.5);
    expect(checkCopied('Ana Ruiz', TEXT)).toBeUndefined();
    expect(checkCopied('{}', TEXT)).toBeUndefined();
  });

  it('finds values in scripts without spaces', () => {
    const text = '发票号：2024-77，供应商：北京科技有限公司，金额1200元';
    expect(checkCopied('{"供应商":"北京科技有限公司","金额":1200}', text)?.check.passed).toBe(true);
    expect(checkCopied('{"供应商":"上海科技有限公司"}', text)?.check.passed).toBe(false);
  });

  it('never fails for values that were taken from the text', () => {
    const word = fc.stringMatching(/^[A-Za-z]{2,9}(-[0-9]{1,4})?$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.nat(), (all, at) => {
        const value = all[at % all.length];
        const text = `${all.join(', ')}.`;
        expect(checkCopied(JSON.stringify({ value }), text)?.check.passed).toBe(true);
      }),
    );
  });
});

describe('facts that a rewriting keeps', () => {
  const kept = (order: string, text: string, answer: string) => checkKept({ order, text }, answer);

  it.each([
    ['Rewrite politely', 'Call Ana Ruiz at 4417.', 'Please call Ana Ruiz at 4417.', true],
    ['Rewrite politely', 'Call Ana Ruiz at 4417.', 'Please call Anna Ruiz at 4417.', false],
    ['Rewrite politely', 'Call Ana Ruiz at 4417.', 'Please call Ana Ruiz at 4471.', false],
    ['Write this in capital letters', 'ripe tomatoes', 'RIPE TOMATO', false],
    ['Replace Ana by Eva and change nothing else', 'Ana met Jo', 'Eva met Jo', true],
    [
      'Rewrite in m instead of km, change nothing else',
      'It is 3 km long',
      'It is 3000 m long',
      true,
    ],
    ['Translate into German', 'Room 12 is free.', 'Raum 12 ist frei.', true],
  ])('%s: %s → %s', (order, text, answer, passed) => {
    expect(kept(order, text, answer)?.passed).toBe(passed);
  });

  it('says nothing of orders that leave things out', () => {
    expect(kept('Summarise this', 'Ana Ruiz paid 300 euros.', 'A payment.')).toBeUndefined();
    expect(kept('Keep only the first line', 'Ana Ruiz\nJo', 'Ana Ruiz')).toBeUndefined();
  });
});

describe('an answer to a question about a text', () => {
  const TEXT =
    'The Orre Observatory was founded in 1931. Since 1990 the building has been a museum.';

  it.each([
    ['a museum', true],
    ['It has been a museum since 1990.', true],
    ['a hotel for skiers', false],
    ['since 1991', false],
    ['The text does not say it.', false],
  ])('%s', (answer, passed) => {
    expect(checkGivenSupport(answer, TEXT, 'What is the building today?')?.passed).toBe(passed);
  });
});

describe('deepChecks', () => {
  it.each([
    ['extract', '{"a":"Tom"}', ['copied', 'demands']],
    ['reading', 'Tom', ['given-text']],
    ['rewrite', 'Tom came', ['demands', 'kept']],
    ['', 'Tom', []],
  ])('looks at what belongs to %s', (task, answer, names) => {
    const order =
      task === 'rewrite'
        ? 'Rewrite this politely'
        : task === 'extract'
          ? 'Extract the name as JSON'
          : 'Who came? Answer';
    const request = {
      model: 'auto',
      messages: user(
        task === 'reading' || task === ''
          ? `Then Tom came late.\n\n${order}.`
          : `${order}.\n\nThen Tom came late.`,
      ),
      sampling: {},
    };
    expect(deepChecks(request, task, answer).checks.map((one) => one.check)).toEqual(names);
  });

  it('survives any request and answer, in time that grows with their length only', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.constantFrom('extract', 'rewrite', 'reading', 'code'),
        (prompt, answer, task) => {
          const request = { model: 'auto', messages: user(prompt), sampling: {} };
          for (const { score } of deepChecks(request, task, answer).checks) {
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
    const long = `Replace the name ${'a'.repeat(5000)} by b.\n\n${'a, '.repeat(20_000)}`;
    const request = { model: 'auto', messages: user(long), sampling: {} };
    expect(() => deepChecks(request, 'rewrite', 'a, '.repeat(20_000))).not.toThrow();
  });

  it('quotes what it names, so that receipts can leave it out', () => {
    const { check } = checkCopied('{"a":"secret word"}', 'nothing of it') ?? {};
    expect(check?.detail).toContain('“secret word”');
  });
});

describe('agreement', () => {
  it.each([
    ['{"b":1,"a":"X"}', '{"a":"x","b":1}', true],
    ['{"a":1}', '{"a":2}', false],
    ['{"a":1}', 'a is 1', false],
    ['Paris', 'It is Paris.', true],
    ['Paris', 'Rome', false],
    ['fig', 'apple\nfig\npear', false],
    ['', '', false],
    [
      'So 3 + 4 = 7, and that makes 14 in all for the two of them together',
      'We get twice 7 and so the whole number of them is clearly equal to 14',
      true,
    ],
  ])('%s / %s', (first, second, same) => {
    expect(checkAgreement(first, second).passed).toBe(same);
    expect(checkAgreement(second, first).passed).toBe(same);
  });
});

describe('the least probable token', () => {
  const tokens = (...pairs: readonly [string, number][]) =>
    pairs.map(([token, logprob]) => ({ token, logprob }));

  it('is looked for in the values of JSON, not in its braces and keys', () => {
    const all = tokens(
      ['{"', -7],
      ['na', -3],
      ['me', 0],
      ['":', 0],
      [' "', -4],
      ['To', -0.5],
      ['m', -0.2],
      ['"}', -2],
    );
    expect(leastLogprob('{"name":"Tom"}', all)).toBe(-0.5);
    expect(leastLogprob('{"other":"Tom"}', all)).toBeUndefined();
  });

  it('is any token of other text, and unknown where only a mean is known', () => {
    expect(leastLogprob('To m', tokens(['To', -0.5], [' m', -2]))).toBe(-2);
    expect(leastLogprob('Tom', tokens(['Tom', -0.5]))).toBeUndefined();
  });
});
