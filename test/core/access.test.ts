import { describe, expect, it } from 'vitest';
import { documentReaders, documentWords, mayRead } from '../../src/core/access.ts';

const rules = [
  { path: 'hr', principals: ['hr'] },
  { path: 'hr/public/', principals: ['public'] },
];

describe('readers of a document', () => {
  it('are all readers of the collection where nobody says otherwise', () => {
    expect(documentReaders({}, { path: 'a.md' })).toEqual(['public']);
    expect(documentReaders({ owner: 'ann' }, { path: 'a.md' })).toEqual(['public']);
  });

  it('come from the last rule that fits the path or a folder above', () => {
    expect(documentReaders({ rules }, { path: 'hr/pay/2024.md' })).toEqual(['hr']);
    expect(documentReaders({ rules }, { path: 'hr/public/rules.md' })).toEqual(['public']);
    expect(documentReaders({ rules }, { path: 'team/hr/a.md' })).toEqual(['hr']);
    expect(documentReaders({ rules }, { path: 'hrx/a.md' })).toEqual(['public']);
  });

  it('said by hand win over rules, and rules over what the source says', () => {
    const given = { principals: ['sales'] };
    expect(documentReaders({ rules }, { path: 'a.md', given })).toEqual(['sales']);
    expect(documentReaders({ rules }, { path: 'hr/a.md', given })).toEqual(['hr']);
    const override = { principals: ['law'] };
    expect(documentReaders({ rules }, { path: 'hr/a.md', given, override })).toEqual(['law']);
  });

  it('include the owners, and only them where nobody is named', () => {
    const given = { principals: [], owner: 'bob' };
    expect(documentReaders({ owner: 'ann' }, { path: 'a.md', given })).toEqual(['ann', 'bob']);
    expect(documentReaders({}, { path: 'a.md', given: { principals: [] } })).toEqual([]);
  });

  it('are compared with the caller, whom an operator need not be', () => {
    expect(mayRead(['hr'], ['public', 'hr'])).toBe(true);
    expect(mayRead(['hr'], ['public'])).toBe(false);
    expect(mayRead([], ['public', 'hr'])).toBe(false);
    expect(mayRead([], undefined)).toBe(true);
  });

  it('leave metadata to be merged value by value', () => {
    const given = { owner: 'bob', metadata: { year: 2023, draft: true } };
    const override = { metadata: { year: 2024 } };
    expect(documentWords({ given, override })).toEqual({
      owner: 'bob',
      metadata: { year: 2024, draft: true },
    });
  });
});
