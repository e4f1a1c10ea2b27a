import { dedupRows } from '../main.ts';
import { type Command, numberFlag, textFlag, UsageError } from './command.ts';
import { DATA_FLAGS, dataWish } from './data-flags.ts';
import { checkOutput } from './output-file.ts';
import { print, printJson, safeLine } from './terminal.ts';

/** `cadre data dedup`: one of each group of like rows. */
export const dataDedup: Command = {
  name: 'data dedup',
  summary:
    'keep one of each group of like rows of a label; the others are listed with their reason',
  usage: 'FILE --out FILE',
  mostWords: 1,
  example: 'cadre data dedup rows.csv --out clean.csv',
  flags: {
    ...DATA_FLAGS,
    out: { type: 'string', value: 'FILE', description: 'the rows that are kept, as they stand' },
    near: {
      type: 'string',
      value: 'SHARE',
      description: 'shared words and letters from which texts are alike (default 0.6)',
    },
  },
  run: async (input) => {
    const { line, ...wish } = dataWish(input);
    const out = textFlag(input, 'out');
    if (out === undefined) throw new UsageError('name the file of the kept rows with --out FILE');
    checkOutput('--out', out);
    const near = numberFlag(input, 'near', { least: 0.5, most: 1 }) ?? 0.6;
    const report = await dedupRows({ ...wish, out, near });
    line.end();
    if (input.json) {
      printJson(report);
      return 0;
    }
    const { kept, dropped, same, nearly, broken, contradictions } = report;
    for (const one of report.notes) print(`note: ${safeLine(one)}`);
    print(
      `${kept.rows} of ${report.read} rows kept in ${safeLine(kept.file)}: the first of each group of like texts under one label`,
    );
    print(
      `${dropped.rows} dropped: ${same} the same text, ${nearly} nearly the same${broken > 0 ? `, ${broken} without text or label` : ''}; each with the row that stands for it in ${safeLine(dropped.file)}`,
    );
    if (contradictions > 0)
      print(
        `${contradictions} like texts stand under two labels and were kept; \`cadre data lint\` shows them`,
      );
    return 0;
  },
};
