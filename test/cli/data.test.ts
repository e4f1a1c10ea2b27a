import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Command, findPart, parseCommand } from '../../src/cli/command.ts';
import { dataCommand } from '../../src/cli/data.ts';
import { plainRows } from '../learn/row-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-data-'));
const csv = (rows: readonly (readonly [string, string])[]) =>
  ['text,label', ...rows.map(([text, label]) => `"${text}",${label}`), ''].join('\n');

beforeEach(() => vi.stubEnv('CADRE_HOME', join(folder, 'home')));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** As on the command line, behind `cadre data`. */
async function run(...args: string[]) {
  const told: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { command, args: rest }: { command: Command; args: readonly string[] } = findPart(
    dataCommand,
    args,
  );
  const { words, flags } = parseCommand(command, rest);
  const { signal } = new AbortController();
  const connect = () => Promise.reject(new Error('no farm is needed'));
  const code = await command.run({ words, flags, json: flags['json'] === true, signal, connect });
  return { code, text: told.join('') };
}

const small: readonly (readonly [string, string])[] = [
  ['Où est ma carte bleue à moi', 'card'],
  ['où est ma carte bleue, à moi ?', 'card'],
  ['Combien coûte un virement', 'price'],
];

describe('cadre data lint', () => {
  const text = csv(small);
  it.each<[string, string | Uint8Array, string | undefined]>([
    ['utf8.csv', text, undefined],
    ['utf16.csv', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['utf16be.csv', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'utf-16be'],
    ['latin1.csv', Buffer.from(text, 'latin1'), 'windows-1252'],
    ['packed.csv.gz', gzipSync(text), undefined],
    ['rows.tsv', text.replace(/,(?=[^,]*$)/gm, '\t').replaceAll('"', ''), undefined],
    [
      'rows.jsonl',
      small.map(([one, label]) => JSON.stringify({ text: one, label })).join('\n'),
      undefined,
    ],
    ['list.json', JSON.stringify(small.map(([one, label]) => ({ text: one, label }))), undefined],
    [
      'chat.jsonl',
      small
        .map(([content, label]) =>
          JSON.stringify({
            messages: [
              { role: 'user', content },
              { role: 'assistant', content: label },
            ],
          }),
        )
        .join('\n'),
      undefined,
    ],
  ])('reads %s', async (name, content, encoding) => {
    const { text: told } = await run('lint', file(name, content), '--json');
    const report = JSON.parse(told);
    expect(report.figures).toMatchObject({ rows: 3, distinct: 2, kept: 2 });
    expect(report.findings.map((one: { rule: string }) => one.rule)).toContain('near-duplicates');
    if (encoding === undefined) expect(report.notes).toEqual([]);
    else expect(report.notes.join()).toContain(`read as ${encoding}`);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['empty.csv', '', /empty\.csv is empty/],
    ['binary.csv', Buffer.from([1, 0, 2, 0, 3]), /binary\.csv is no text: line 1 holds a zero/],
    [
      'zero.csv',
      Buffer.from('text,label\na,b\nc\0,d\n'),
      /zero\.csv is no text: line 3 holds a zero/,
    ],
    ['book.csv', Buffer.from('PK\x03\x04'), /book\.csv is no text but a workbook/],
    ['quotes.csv', 'text,label\nfine,a\n"open,b\n', /quotes\.csv, line 3: a quoted field/],
    ['columns.csv', 'a,b\n1,2\n', /columns\.csv has no column for text and label: it has “a”, “b”/],
    ['headed.csv', 'text,label\n', /headed\.csv has no row with a text and a label/],
    ['fields.jsonl', '{"a":1}\n', /fields\.jsonl has no row .* its fields are “a”/],
    ['damaged.csv.gz', Buffer.from([0x1f, 0x8b, 1, 2, 3]), /damaged gzip/],
  ])('says what is wrong with %s', async (name, content, words) => {
    await expect(run('lint', file(name, content))).rejects.toThrow(words);
  });

  it('says what is missing', async () => {
    await expect(run('lint', join(folder, 'nowhere.csv'))).rejects.toThrow(/does not exist/);
    await expect(run('lint')).rejects.toThrow(/name the file/);
    await expect(run('lnt', 'x.csv')).rejects.toThrow(/no “data lnt”/);
    await expect(run('lint', file('a.csv', text), '--against', 'nowhere')).rejects.toThrow(
      /--against nowhere/,
    );
  });

  it('ends with 1 on --strict where something is wrong', async () => {
    const path = file('strict.csv', text);
    expect((await run('lint', path)).code).toBe(0);
    expect((await run('lint', path, '--strict')).code).toBe(1);
  });

  it('tells rows without a text and rows with too many fields by their lines', async () => {
    const path = file('ragged.csv', `${text},card\none, two,card\n`);
    const { text: told } = await run('lint', path, '--json');
    const finding = JSON.parse(told).findings.find(
      (one: { rule: string }) => one.rule === 'unreadable-rows',
    );
    expect(finding.samples).toEqual([
      { line: 5, note: 'no text' },
      { line: 6, note: 'more fields than the header' },
    ]);
  });
});

describe('cadre data dedup', () => {
  it('keeps rows as they stand and lists the others with what stands for them', async () => {
    const out = join(folder, 'clean.csv');
    const { text } = await run('dedup', file('twice.csv', csv(small)), '--out', out, '--json');
    expect(JSON.parse(text)).toMatchObject({ read: 3, same: 1, kept: { rows: 2 } });
    expect(readFileSync(out, 'utf8')).toBe(csv(small.filter((_, at) => at !== 1)));
    const [dropped] = readFileSync(`${out}.dropped.jsonl`, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(dropped ?? '')).toMatchObject({ line: 3, keptLine: 2, similarity: 1 });
  });

  it('drops no text that stands under two labels', async () => {
    const out = join(folder, 'both.csv');
    const rows = [
      ['the same text', 'a'],
      ['the same text', 'b'],
    ] as const;
    const { text } = await run('dedup', file('labels.csv', csv(rows)), '--out', out);
    expect(text).toContain('2 of 2 rows kept');
    expect(text).toContain('under two labels');
  });
});

describe('cadre data split', () => {
  it('writes every row into one part, and says that few rows show little', async () => {
    const out = join(folder, 'parts');
    const path = file('whole.csv', csv(plainRows()));
    const { text } = await run('split', path, '--out', out, '--test', '0.3', '--by', 'cluster');
    expect(text).toMatch(/underpowered: \d+ test rows show a difference of \d/);
    expect(readdirSync(out).toSorted()).toEqual([
      'left-out.csv',
      'split.json',
      'test.csv',
      'train.csv',
    ]);
    const rows = ['train', 'test', 'left-out'].flatMap((part) =>
      readFileSync(join(out, `${part}.csv`), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1),
    );
    expect(rows.toSorted()).toEqual(csv(plainRows()).trimEnd().split('\n').slice(1).toSorted());
  });

  it('reads groups and times from columns', async () => {
    const lines = [
      'text,label,who,day',
      'one two three,a,x,2026-01-01',
      'four five six,b,x,2026-01-02',
      'seven eight,a,y,2026-01-03',
    ];
    const path = file('columns-of.csv', lines.join('\n'));
    const byTime = await run(
      'split',
      path,
      '--out',
      join(folder, 'days'),
      '--by',
      'time',
      '--column',
      'day',
      '--cut',
      '2026-01-03',
      '--json',
    );
    expect(JSON.parse(byTime.text)).toMatchObject({
      test: { rows: 1 },
      cut: '2026-01-03T00:00:00.000Z',
    });
    const flags = ['--out', join(folder, 'who'), '--by', 'group'];
    await expect(run('split', path, ...flags)).rejects.toThrow(/no column “group”/);
    await expect(
      run('split', path, '--out', join(folder, 'x'), '--by', 'time', '--column', 'who'),
    ).rejects.toThrow(/line 2: “x” is no time/);
  });
});

describe('cadre data card', () => {
  it('tells what the rows say and what a person says of them', async () => {
    const path = file('card.csv', csv(plainRows()));
    const out = join(folder, 'CARD.md');
    const parts = join(folder, 'card-parts');
    await run('split', path, '--out', parts);
    await run(
      'card',
      path,
      '--out',
      out,
      '--licence',
      'CC BY | 4.0',
      '--split',
      join(parts, 'split.json'),
      '--no-noise',
    );
    const card = readFileSync(out, 'utf8');
    expect(card).toContain('| licence | CC BY \\| 4.0 |');
    expect(card).toContain('| source | not said |');
    expect(card).toContain('| rows | 384 with text and label, of 384 read |');
    expect(card).toContain('Underpowered');
    expect(card).toMatch(/\*\*near-duplicates\*\*/);
  });
});
