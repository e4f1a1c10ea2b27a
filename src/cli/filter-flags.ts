import type { JsonObject } from '../core/chat.ts';
import { type CommandInput, type FlagDefinition, textFlag, textFlags } from './command.ts';
import { metadataWords } from './metadata-words.ts';

/** Which documents are looked into. */
export const FILTER_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  path: {
    type: 'string',
    value: 'PATTERN',
    multiple: true,
    description: 'only documents at such a path: `guides/`, `*.pdf`, `**/2024/*`',
  },
  type: {
    type: 'string',
    value: 'SUFFIX',
    multiple: true,
    description: 'only documents of this type: pdf, docx, md …',
  },
  after: { type: 'string', value: 'DATE', description: 'changed on this day or later' },
  before: { type: 'string', value: 'DATE', description: 'changed before this day' },
  meta: {
    type: 'string',
    value: 'KEY=VALUE',
    multiple: true,
    description: 'only documents with this metadata',
  },
};

/** The filter that the flags say, as the interface takes it; undefined where they say none. */
export function filterOf(input: CommandInput): JsonObject | undefined {
  const path = textFlags(input, 'path');
  const type = textFlags(input, 'type');
  const after = textFlag(input, 'after');
  const before = textFlag(input, 'before');
  const equal = metadataWords('meta', textFlags(input, 'meta')).map(([key, value]) => ({
    type: 'eq',
    key,
    value,
  }));
  const filter = {
    ...(path.length === 0 ? {} : { path }),
    ...(type.length === 0 ? {} : { type }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(equal.length === 0 ? {} : { metadata: { type: 'and', filters: equal } }),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}
