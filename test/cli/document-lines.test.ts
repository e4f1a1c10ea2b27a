import { describe, expect, it } from 'vitest';
import { documentLines, ruleLines } from '../../src/cli/document-lines.ts';

const document = {
  id: 'd1',
  collection: 'house',
  path: 'hr/pay.md',
  type: 'markdown',
  version: 2,
  bytes: 1200,
  modifiedAt: 0,
  hash: 'a',
  chunkCount: 3,
  flags: [],
  metadata: { year: 2026 },
};

it('tells readers and metadata of one document', () => {
  const lines = documentLines({ ...document, principals: ['hr'], owner: 'anna' });
  expect(lines).toEqual([
    'hr/pay.md',
    '  markdown, 1 kB, 3 passages, version 2: indexed',
    '  readers: hr',
    '  owner: anna',
    '  year: 2026',
  ]);
});

it('says nothing of readers to who is not told of them', () => {
  expect(documentLines(document).join()).not.toContain('readers');
  expect(documentLines({ ...document, principals: [] })).toContain('  readers: operators alone');
});

describe('rules', () => {
  it('are told as they are, with what has no effect', () => {
    const rules = [
      { path: 'hr/', principals: ['hr'] },
      { path: 'hq/', principals: ['staff'] },
    ];
    const told = ruleLines({ rules, principals: ['staff'] }, ['hr/pay.md']);
    expect(told.rules).toEqual(['hr/ → hr', 'hq/ → staff']);
    expect(told.warnings).toEqual([
      'the rule for hr/ names hr, who may not read the collection',
      'the rule for hq/ fits no document',
    ]);
  });

  it('may name anybody where everybody reads the collection', () => {
    const rules = [{ path: 'hr/', principals: ['hr'] }];
    expect(ruleLines({ rules, principals: ['public'] }, ['hr/pay.md']).warnings).toEqual([]);
  });
});
