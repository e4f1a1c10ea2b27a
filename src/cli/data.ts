import { type Command, UsageError } from './command.ts';
import { dataCard } from './data-card.ts';
import { dataDedup } from './data-dedup.ts';
import { dataLint } from './data-lint.ts';
import { dataSplit } from './data-split.ts';

/** What makes a set of labelled rows fit to learn from. */
export const dataCommand: Command = {
  name: 'data',
  summary: 'examine, clean, split and describe labelled rows before training',
  usage: 'lint|dedup|split|card FILE',
  mostWords: 2,
  example: 'cadre data lint rows.csv',
  flags: {},
  parts: [dataLint, dataDedup, dataSplit, dataCard],
  async run({ words: [name] }) {
    throw new UsageError(
      name === undefined
        ? 'say what to do: lint, dedup, split or card'
        : `there is no “data ${name}”; there are: lint, dedup, split, card`,
    );
  },
};
