import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SourceSpec } from '../core/config-source.ts';
import { isUrl, sourceSchema } from '../core/config-source.ts';
import { issueWords } from '../core/issue-words.ts';
import { type CommandInput, textFlag, UsageError } from './command.ts';

const KINDS = ['folder', 'git', 'web', 'feed', 'sql', 'mail'] as const;
type Kind = (typeof KINDS)[number];

export const SOURCE_FLAGS = {
  as: {
    type: 'string',
    value: 'KIND',
    description: `what PLACE is, where it does not show: ${KINDS.join(', ')}`,
  },
  ref: {
    type: 'string',
    value: 'REF',
    description: 'branch, tag or commit of a Git repository (default: HEAD)',
  },
  sql: {
    type: 'string',
    value: 'QUERY',
    description:
      'each row of this SELECT on the SQLite file PLACE (or Postgres: PLACE names the environment variable with its URL)',
  },
  id: { type: 'string', value: 'COLUMN', description: 'with --sql: column of ids (default: id)' },
  text: {
    type: 'string',
    value: 'A,B',
    description: 'with --sql: columns that are read (default: text)',
  },
  title: { type: 'string', value: 'COLUMN', description: 'with --sql: column of titles' },
  modified: {
    type: 'string',
    value: 'COLUMN',
    description: 'with --sql: column with the time of the last change',
  },
  metadata: { type: 'string', value: 'A,B', description: 'with --sql: columns kept as metadata' },
} as const;

/** The source that a place and the flags name; what does not fit together is wrong use. */
export function sourceOf(input: CommandInput, place: string): SourceSpec {
  const kind = kindOf(input, place);
  const parsed = sourceSchema.safeParse(fieldsOf(input, kind, place));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`${kind} ${place}: \`${issue?.path.join('.')}\` ${issueWords(issue)}`);
}

function fieldsOf(input: CommandInput, kind: Kind, place: string): Record<string, unknown> {
  const local = isUrl(place) ? place : resolve(place);
  switch (kind) {
    case 'folder':
      return { kind, folder: local };
    case 'git':
      return { kind, repository: local, ...given({ ref: textFlag(input, 'ref') }) };
    case 'web':
      return { kind, ...(isSitemap(place) ? { sitemap: place } : { pages: [place] }) };
    case 'feed':
      return { kind, url: place };
    case 'mail':
      return { kind, path: local };
    case 'sql':
      return {
        kind,
        ...(/^[A-Z_][A-Z0-9_]*$/.test(place) && !existsSync(place)
          ? { postgresEnv: place }
          : { file: local }),
        ...given({
          query: textFlag(input, 'sql'),
          id: textFlag(input, 'id'),
          title: textFlag(input, 'title'),
          modified: textFlag(input, 'modified'),
          text: listFlag(input, 'text'),
          metadata: listFlag(input, 'metadata'),
        }),
      };
  }
}

function kindOf(input: CommandInput, place: string): Kind {
  const named = textFlag(input, 'as');
  if (isSecureShell(place))
    throw new UsageError(
      `${place}: repositories are read from a folder or over https://, not over ssh; give its https address`,
    );
  const kind = KINDS.find((one) => one === named);
  if (named !== undefined && kind === undefined)
    throw new UsageError(`--as ${named}: the kinds are ${KINDS.join(', ')}`);
  if (kind !== undefined) return kind;
  if (textFlag(input, 'sql') !== undefined) return 'sql';
  if (textFlag(input, 'ref') !== undefined || /\.git\/?$/.test(place)) return 'git';
  if (isUrl(place)) return /\b(rss|atom|feed)\b/i.test(place) ? 'feed' : 'web';
  if (/\.(mbox|eml)$/i.test(place)) return 'mail';
  refusePlace(place);
  return isBareRepository(place) ? 'git' : 'folder';
}

/** What looks like a place and is none that is read as it stands, with what to say instead. */
function refusePlace(place: string): void {
  const isFile = statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  if (isFile && /\.(db|sqlite3?)$/i.test(place))
    throw new UsageError(
      `${place} is a database: name its rows with --sql "SELECT id, text FROM …"`,
    );
  if (isFile)
    throw new UsageError(
      `${place} is one file; name the folder it lies in (a mailbox: --as mail, a SQLite file: --sql QUERY)`,
    );
}

/** `git@host:path` and `ssh://…` */
function isSecureShell(place: string): boolean {
  return /^(?:ssh:\/\/|git:\/\/|[\w.-]+@[\w.-]+:)/.test(place) && !existsSync(place);
}

function isSitemap(place: string): boolean {
  return /\.(xml|xml\.gz|txt)$/i.test(new URL(place).pathname);
}

/** A repository without a working tree; one with it is a folder like any other. */
function isBareRepository(place: string): boolean {
  const is = (name: string) => statSync(join(place, name), { throwIfNoEntry: false });
  return is('HEAD')?.isFile() === true && is('objects')?.isDirectory() === true;
}

function listFlag(input: CommandInput, name: string): string[] | undefined {
  return textFlag(input, name)
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
