import { examineRows } from '../main.ts';
import { type Command, numberFlag } from './command.ts';
import { dataWish, EXAMINATION_FLAGS, examinationWish, SEED_FLAG } from './data-flags.ts';
import { reportLines } from './data-report-lines.ts';
import { print, printJson } from './terminal.ts';

/** `cadre data lint`: what is wrong with these rows? */
export const dataLint: Command = {
  name: 'data lint',
  summary: 'what is wrong with a set of labelled rows: wrong labels, repetitions, leaks …',
  usage: 'FILE',
  mostWords: 1,
  example: 'cadre data lint rows.csv --against test.csv --strict',
  flags: {
    ...EXAMINATION_FLAGS,
    show: { type: 'string', value: 'N', description: 'rows shown of each finding (default 3)' },
    strict: { type: 'boolean', description: 'exit code 1 where there is an error or a warning' },
    seed: SEED_FLAG,
  },
  run: async (input) => {
    const { line, ...wish } = dataWish(input);
    const shown = numberFlag(input, 'show', { least: 0, most: 1000, whole: true }) ?? 3;
    const report = await examineRows({ ...wish, ...examinationWish(input) });
    line.end();
    if (input.json) printJson(report);
    else for (const one of reportLines(report, shown)) print(one);
    const isClean = report.findings.every((one) => one.severity === 'note');
    return input.flags['strict'] === true && !isClean ? 1 : 0;
  },
};
