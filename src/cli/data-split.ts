import type { SplitReport } from '../core/data-work.ts';
import { splitRowsFile } from '../main.ts';
import { type Command, type CommandInput, numberFlag, textFlag, UsageError } from './command.ts';
import { DATA_FLAGS, dataWish, SEED_FLAG, seedOf } from './data-flags.ts';
import { formatTable, print, printJson, safeLine } from './terminal.ts';

const WAYS = ['row', 'group', 'cluster', 'time'] as const;
/** Columns that are meant where none is named. */
const USUAL = { group: 'group', time: 'time' } as const;

/** `cadre data split`: train and test parts that share no near-duplicate. */
export const dataSplit: Command = {
  name: 'data split',
  summary: 'train and test parts that share no near-duplicate and no group',
  usage: 'FILE --out DIR',
  mostWords: 1,
  example: 'cadre data split rows.csv --out parts --test 0.2 --by group --column customer',
  flags: {
    ...DATA_FLAGS,
    out: {
      type: 'string',
      value: 'DIR',
      description: 'folder for train, test, left-out and split.json',
    },
    test: { type: 'string', value: 'SHARE', description: 'of the test part (default 0.2)' },
    by: {
      type: 'string',
      value: 'WAY',
      description: 'row (default), group, cluster (like texts together) or time (the latest rows)',
    },
    column: {
      type: 'string',
      value: 'NAME',
      description: 'column of the groups or times (default `group`, `time`)',
    },
    cut: { type: 'string', value: 'DATE', description: 'by time: test rows begin here' },
    seed: SEED_FLAG,
  },
  run: async (input) => {
    const { line, ...wish } = dataWish(input);
    const out = textFlag(input, 'out');
    if (out === undefined) throw new UsageError('name the folder of the parts with --out DIR');
    const report = await splitRowsFile({ ...wish, out, ...wayOf(input), seed: seedOf(input) });
    line.end();
    if (input.json) printJson(report);
    else for (const one of splitLines(report)) print(one);
    return 0;
  },
};

function wayOf(input: CommandInput) {
  const wanted = textFlag(input, 'by') ?? 'row';
  const by = WAYS.find((way) => way === wanted);
  if (by === undefined) throw new UsageError(`--by takes ${WAYS.join(', ')}, not “${wanted}”`);
  const share = numberFlag(input, 'test', { least: 0.001, most: 0.999 }) ?? 0.2;
  const column = textFlag(input, 'column');
  const cut = textFlag(input, 'cut');
  if (cut !== undefined && by !== 'time') throw new UsageError('--cut is for --by time');
  if (by === 'row' || by === 'cluster') {
    if (column !== undefined) throw new UsageError('--column is for --by group and --by time');
    return { by, share };
  }
  return { by, share, column: column ?? USUAL[by], ...(cut === undefined ? {} : { cut }) };
}

function splitLines(report: SplitReport): string[] {
  const { train, test, leftOut, withoutTest, detectableGap } = report;
  return [
    ...formatTable([
      ['part', 'rows', 'file'],
      ['train', String(train.rows), safeLine(train.file)],
      ['test', String(test.rows), safeLine(test.file)],
      ['in neither', String(leftOut.rows), safeLine(leftOut.file)],
    ]),
    ...(leftOut.rows === 0 ? [] : ['in neither: rows that are near rows of both parts']),
    ...(report.broken === 0 ? [] : [`${report.broken} rows without text or label are in no part`]),
    ...(report.cut === undefined ? [] : [`test rows begin at ${report.cut}; --cut keeps it`]),
    ...report.notes.map((note) => `note: ${safeLine(note)}`),
    ...(withoutTest.length === 0
      ? []
      : [
          `${withoutTest.length} labels have no test row, e.g. ${withoutTest.slice(0, 3).map(safeLine).join(', ')}`,
        ]),
    detectableGap === null
      ? `${test.rows} test rows: enough to tell small differences`
      : `underpowered: ${test.rows} test rows show a difference of ${(100 * detectableGap).toFixed(1)} points between two models with 80 % probability (at 90 % accuracy); 1,000 show less`,
  ];
}
