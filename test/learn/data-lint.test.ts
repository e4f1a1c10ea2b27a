import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DataRule } from '../../src/core/data-report.ts';
import { lintRows } from '../../src/learn/data-lint.ts';
import { LeakSearch } from '../../src/learn/leaks.ts';
import { nearOf, plainRows, tableOf } from './row-tables.ts';

function lint(rows: readonly (readonly [string, string])[], noise = false) {
  const table = tableOf(rows);
  const work = lintRows({
    table,
    near: nearOf(table),
    seed: 1,
    personal: (text) => (text.includes('@') ? ['an e-mail address'] : []),
    noise,
  });
  for (let step = work.next(); ; step = work.next()) {
    if (!step.done) continue;
    const { findings } = step.value;
    return {
      ...step.value,
      of: (rule: DataRule) => findings.find((finding) => finding.rule === rule),
    };
  }
}

describe('lintRows', () => {
  it('finds the labels that were changed, and suggests the right ones', () => {
    const rows = plainRows();
    const wrong = [7, 100, 200, 301];
    const flipped = rows.map(([text, label], at): [string, string] =>
      wrong.includes(at) ? [text, label === 'card' ? 'loan' : 'card'] : [text, label],
    );
    const samples = lint(flipped, true).of('label-noise')?.samples ?? [];
    const first = samples.slice(0, wrong.length);
    expect(first.map((one) => one.line).toSorted((a = 0, b = 0) => a - b)).toEqual(
      wrong.map((at) => at + 2),
    );
    for (const { line = 0, suggested } of first) expect(suggested).toBe(rows[line - 2]?.[1]);
  });

  it('calls no label wrong where the words alone do not tell the labels', () => {
    const lines = readFileSync('examples/help-desk.csv', 'utf8').trim().split('\n').slice(1);
    const rows = lines.map((line): [string, string] => {
      const comma = line.lastIndexOf(',');
      return [line.slice(0, comma), line.slice(comma + 1)];
    });
    expect(lint(rows, true).of('label-noise')).toMatchObject({ severity: 'note', samples: [] });
  });

  it('tells the same text under two labels from nearly the same one', () => {
    const report = lint([
      ['How do I block my card', 'block'],
      ['how do I block my card?', 'lost'],
      ['please tell me how do I block my card', 'lost'],
    ]);
    expect(report.of('contradictory-labels')).toMatchObject({
      severity: 'error',
      count: 1,
      samples: [{ line: 3, otherLine: 2, similarity: 1 }],
    });
    expect(report.of('nearly-contradictory-labels')).toMatchObject({ severity: 'warning' });
  });

  it.each<[DataRule, (readonly [string, string])[]]>([
    [
      'one-label',
      [
        ['a text', 'a'],
        ['another one', 'a'],
      ],
    ],
    [
      'same-text',
      [
        ['a text', 'a'],
        ['A text!', 'b'],
        ['a  text', 'a'],
      ],
    ],
    [
      'like-labels',
      [
        ['first of all', 'card'],
        ['second to none', 'Cards'],
      ],
    ],
    [
      'few-rows',
      [
        ['first of all', 'a'],
        ['second to none', 'b'],
      ],
    ],
    [
      'short-texts',
      [
        ['?!', 'a'],
        ['second to none', 'b'],
      ],
    ],
    [
      'long-texts',
      [
        ['word '.repeat(2000), 'a'],
        ['short', 'b'],
        ['more', 'b'],
      ],
    ],
    [
      'personal-data',
      [
        ['write to a@b.example', 'a'],
        ['no', 'b'],
      ],
    ],
  ])('finds %s', (rule, rows) => {
    const finding = lint(rows).of(rule);
    expect(finding?.count).toBeGreaterThan(0);
    expect(finding?.remedy).not.toBe('');
  });

  it('shows no text that holds personal data', () => {
    const finding = lint([
      ['write to a@b.example', 'a'],
      ['no', 'b'],
    ]).of('personal-data');
    expect(JSON.stringify(finding)).not.toContain('a@b');
  });

  it('finds rows of another language and an uneven set', () => {
    const rows: [string, string][] = [
      ...plainRows().filter(([, label]) => label === 'card'),
      ['Wie kann ich meine Karte sperren?', 'other'],
      ['Wo ist meine Karte für die Reise?', 'other'],
    ];
    const report = lint(rows);
    expect(report.of('mixed-languages')?.samples.map((one) => one.note)).toEqual(['de', 'de']);
    expect(report.of('imbalance')).toMatchObject({ count: 1 });
  });

  it('finds nothing wrong with a clean set', () => {
    const rows = plainRows().map(([, label], at): [string, string] => [
      `${at} ${(at * 7919).toString(36)} ${(at * 104_729).toString(36)} the ${label} of me`,
      label,
    ]);
    expect(lint(rows).findings).toEqual([]);
  });
});

describe('LeakSearch', () => {
  it('tells rows that another file holds, nearly holds, and shares 13 words with', () => {
    const long =
      'one of the many sentences that nobody would write twice by chance because it is so long';
    const table = tableOf([
      ['How do I block my card', 'a'],
      ['how do i block my card!', 'a'],
      ['Where is the nearest branch office', 'a'],
      [`before it ${long} and after it there is quite a lot of text that is not the same`, 'b'],
      ['nothing of the kind', 'b'],
    ]);
    const search = new LeakSearch('test.csv', table, nearOf(table));
    search.add([
      { line: 1, text: 'how do I block my card?' },
      { line: 2, text: 'where is the nearest branch' },
      {
        line: 3,
        text: `someone else said that ${long}, or so he was told by those who were there on that day`,
      },
    ]);
    const { findings } = search.end();
    expect(
      findings.map(({ rule, severity, samples }) => [
        rule,
        severity,
        samples.map((one) => one.line),
      ]),
    ).toEqual([
      ['leak', 'error', [2, 3]],
      ['leak', 'warning', [4]],
      ['contamination', 'error', [5]],
    ]);
  });
});
