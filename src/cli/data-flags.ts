import {
  type CommandInput,
  type FlagDefinition,
  numberFlag,
  textFlag,
  textFlags,
  UsageError,
} from './command.ts';
import { ProgressLine } from './terminal.ts';

/** What all commands on data take. */
export const DATA_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  text: { type: 'string', value: 'NAME', description: 'column or field of the text' },
  label: { type: 'string', value: 'NAME', description: 'column or field of the label' },
};

/** What the commands take that examine rows. */
export const EXAMINATION_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  ...DATA_FLAGS,
  against: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    description:
      'rows that it must not hold: a file, a public set by name, or `known`: all of them',
  },
  embeddings: {
    type: 'boolean',
    description: 'look for wrong labels with the embedder too: slower and surer',
  },
  'no-noise': { type: 'boolean', description: 'do not look for wrong labels' },
};

export const SEED_FLAG: FlagDefinition = {
  type: 'string',
  value: 'N',
  description: 'same data and seed give the same result (default 1)',
};

export function seedOf(input: CommandInput): number {
  return numberFlag(input, 'seed', { least: 0, most: 2 ** 31 - 1, whole: true }) ?? 1;
}

/** How the rows are examined. */
export function examinationWish(input: CommandInput) {
  return {
    seed: seedOf(input),
    against: textFlags(input, 'against'),
    noise: input.flags['no-noise'] !== true,
    embeddings: input.flags['embeddings'] === true,
  };
}

/** The file and what every wish on data says. */
export function dataWish(input: CommandInput) {
  const [file] = input.words;
  if (file === undefined) throw new UsageError('name the file of labelled rows');
  const line = new ProgressLine();
  return {
    file,
    names: { text: textFlag(input, 'text'), label: textFlag(input, 'label') },
    signal: input.signal,
    onProgress: (stage: string, done: number, total: number) => {
      // A stage without an end in sight moves nothing on the line.
      if (!input.json && total > 0) line.update(stage, done, total);
    },
    line,
  };
}
