import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasIdentifier, indexTerms, words } from '../../src/base/tokens.ts';

describe('words', () => {
  it.each<[string, string[]]>([
    ['The Cat, sat.', ['the', 'cat', 'sat']],
    ['Don’t pay 1,000.50 or 3.14!', ["don't", 'pay', '1,000.50', 'or', '3.14']],
    ['ﬁre_wall ÜBER', ['fire', 'wall', 'über']],
    ['用户 name日本', ['用户', 'name', '日本']],
    ['v1.2 x-ray', ['v1', '2', 'x', 'ray']],
    [' … — ', []],
    ['guides › “don’t” → ✅ done', ['guides', "don't", 'done']],
  ])('reads %j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

describe('indexTerms', () => {
  it.each<[string, string[]]>([
    ['the running of the users', ['run', 'user']],
    ['getUserName', ['getusernam', 'get', 'user', 'name']],
    ['parse_HTTP_request', ['parse_http_request', 'pars', 'http', 'request']],
    ['HTTPServer', ['httpserver', 'http', 'server']],
    ['Café NAÏVE', ['cafe', 'naiv']],
    ['全文検索', ['全文', '文検', '検索']],
    ['字', ['字']],
    ['IL6, p53 and 10mg', ['il6', 'il', '6', 'p53', 'p', '53', '10mg', '10', 'mg']],
    ['chapter2of3 x86_64', ['chapter2of3', 'x86_64', 'x86', '64']],
    ['must not', ['must', 'not']],
    ['nurses’ rota — naïve ✅', ['nurs', 'rota', 'naiv']],
  ])('indexes %j', (text, expected) => {
    expect(indexTerms(text)).toEqual(expected);
  });

  it('gives a query and a document the same terms whatever the case or accents', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const terms = indexTerms(text);
        expect(terms).toEqual(indexTerms(text.normalize('NFC')));
        expect(terms.every((term) => term.length > 0)).toBe(true);
      }),
    );
  });
});

describe('hasIdentifier', () => {
  it.each(['getUserName', 'what is max_tokens?', 'an HTTPServer'])('sees one in %j', (text) => {
    expect(hasIdentifier(text)).toBe(true);
  });
  it.each(['IL-6 in HIV', 'What Now', 'p53', '', 'ÜBER Straße'])('sees none in %j', (text) => {
    expect(hasIdentifier(text)).toBe(false);
  });
});
