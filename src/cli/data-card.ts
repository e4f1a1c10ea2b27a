import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { SplitReport } from '../core/data-work.ts';
import { cardText, examineRows } from '../main.ts';
import { type Command, type CommandInput, textFlag, UsageError } from './command.ts';
import { dataWish, EXAMINATION_FLAGS, examinationWish, SEED_FLAG } from './data-flags.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { print, printJson, safe, safeLine } from './terminal.ts';

/** `cadre data card`: what a set is, for those who use what it taught. */
export const dataCard: Command = {
  name: 'data card',
  summary: 'what a set is, where it is from, what was found in it and how it was split',
  usage: 'FILE',
  mostWords: 1,
  example: 'cadre data card rows.csv --out CARD.md --licence "CC BY 4.0" --split parts/split.json',
  flags: {
    ...EXAMINATION_FLAGS,
    out: { type: 'string', value: 'FILE', description: 'Markdown; without it on the terminal' },
    title: { type: 'string', description: 'name of the set (default the file’s)' },
    source: { type: 'string', description: 'where the rows are from' },
    licence: { type: 'string', description: 'under which they may be used' },
    purpose: { type: 'string', description: 'what they were collected for' },
    contact: { type: 'string', description: 'who answers questions about them' },
    split: { type: 'string', value: 'FILE', description: 'split.json of `cadre data split`' },
    seed: SEED_FLAG,
  },
  run: async (input) => {
    const { line, ...wish } = dataWish(input);
    const out = textFlag(input, 'out');
    if (out !== undefined) checkOutput('--out', out);
    const fields = fieldsOf(input, wish.file);
    const report = await examineRows({ ...wish, ...examinationWish(input) });
    line.end();
    const card = cardText(report, fields);
    if (out !== undefined) writeOutput(out, card);
    if (input.json) printJson({ ...fields, ...report, ...(out === undefined ? {} : { out }) });
    else print(out === undefined ? safe(card) : `the card is in ${safeLine(out)}`);
    return 0;
  },
};

function fieldsOf(input: CommandInput, file: string) {
  const said = ['source', 'licence', 'purpose', 'contact'].flatMap((name) => {
    const text = textFlag(input, name);
    return text === undefined ? [] : [[name, text] as const];
  });
  const split = textFlag(input, 'split');
  return {
    title: textFlag(input, 'title') ?? basename(file),
    ...Object.fromEntries(said),
    ...(split === undefined ? {} : { split: splitOf(split) }),
  };
}

function splitOf(path: string): SplitReport {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<SplitReport>;
    if (report.train && report.test && report.leftOut) return report as SplitReport;
  } catch {
    // Said below.
  }
  throw new UsageError(`--split ${path} is no split.json of \`cadre data split\``);
}
