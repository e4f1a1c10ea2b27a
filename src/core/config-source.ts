import { z } from 'zod';
import { idSchema } from './config-words.ts';

const variableSchema = z.string().regex(/^[A-Z_][A-Z0-9_]*$/);

const prefix = z
  .string()
  .max(200)
  .regex(/^[^/].*\/$/, 'must end with / and not begin with it')
  .optional()
  .describe('Put before the paths of its documents, where two sources have the same paths.');

const everyMinutes = z
  .number()
  .min(1)
  .max(10_080)
  .optional()
  .describe('How often it is looked at; default `ground.reconcileSeconds`.');

const destination = idSchema
  .optional()
  .describe(
    'A destination of the kind `documents`, whose URL lies above what is read; default whichever does.',
  );

const folderSchema = z.strictObject({
  kind: z
    .literal('folder')
    .describe('Files of a folder and all below it; changes are seen at once.'),
  folder: z.string().min(1).describe('Folder to read, relative to the file that names it.'),
  prefix,
});

const gitSchema = z.strictObject({
  kind: z.literal('git').describe('Files of one revision of a Git repository, without a checkout.'),
  repository: z
    .string()
    .min(1)
    .describe('Folder of the repository, relative to the file that names it, or an http(s) URL.'),
  destination,
  ref: z
    .string()
    .regex(/^[A-Za-z0-9_][\w./-]{0,200}$/)
    .default('HEAD')
    .describe('Branch, tag or commit.'),
  path: z
    .string()
    .regex(/^[^/].*$/)
    .optional()
    .describe('Only what lies below this folder of the repository.'),
  everyMinutes,
  prefix,
});

const webSchema = z.strictObject({
  kind: z.literal('web').describe('Web pages of one host, as its robots.txt allows.'),
  destination,
  sitemap: z.url().optional().describe('A sitemap or an index of sitemaps.'),
  pages: z.array(z.url()).max(10_000).default([]).describe('Pages besides those of the sitemap.'),
  mostPages: z.int().min(1).max(100_000).default(2000).describe('More pages are left out.'),
  pagesPerSecond: z
    .number()
    .positive()
    .max(100)
    .default(5)
    .describe('Requests are not sent faster.'),
  everyMinutes,
  prefix,
});

const feedSchema = z.strictObject({
  kind: z
    .literal('feed')
    .describe('Entries of an RSS or Atom feed; those that leave the feed stay in the collection.'),
  destination,
  url: z.url(),
  everyMinutes,
  prefix,
});

const sqlSchema = z.strictObject({
  kind: z.literal('sql').describe('Rows of one query, each a document; nothing is written.'),
  file: z
    .string()
    .min(1)
    .optional()
    .describe('SQLite file, relative to the file that names it; else `postgresEnv`.'),
  postgresEnv: variableSchema
    .optional()
    .describe('Name of the environment variable with a Postgres URL; else `file`.'),
  query: z.string().min(1).max(20_000).describe('One SELECT.'),
  id: z
    .string()
    .min(1)
    .default('id')
    .describe('Column that tells rows apart; the document’s path.'),
  text: z.array(z.string().min(1)).min(1).default(['text']).describe('Columns that are read.'),
  format: z.enum(['text', 'markdown', 'html']).default('text').describe('What the text is.'),
  title: z.string().min(1).optional().describe('Column with the title.'),
  modified: z.string().min(1).optional().describe('Column with the time of the last change.'),
  uri: z.string().min(1).optional().describe('Column with the address of the original.'),
  metadata: z.array(z.string().min(1)).default([]).describe('Columns kept as metadata.'),
  mostRows: z.int().min(1).max(200_000).default(100_000).describe('More rows are left out.'),
  everyMinutes,
  prefix,
});

const mailSchema = z.strictObject({
  kind: z
    .literal('mail')
    .describe('Messages of an mbox file, or of all .eml and mbox files of a folder.'),
  path: z.string().min(1).describe('File or folder, relative to the file that names it.'),
  everyMinutes,
  prefix,
});

/** Where the documents of a collection come from. */
export const sourceSchema = z
  .discriminatedUnion('kind', [
    folderSchema,
    gitSchema,
    webSchema,
    feedSchema,
    sqlSchema,
    mailSchema,
  ])
  .superRefine((spec, context) => {
    const missing = missingField(spec);
    if (missing !== undefined)
      context.addIssue({ code: 'custom', path: [missing.field], message: missing.message });
  });

export type ConfiguredSource = z.infer<typeof sourceSchema>;

/** The uploaded files of a vector store; made by the farm, never written in a configuration. */
export interface UploadedFiles {
  readonly kind: 'files';
  /** Id of the vector store. */
  readonly store: string;
  readonly prefix?: undefined;
}

export type SourceSpec = ConfiguredSource | UploadedFiles;
export type SourceOf<Kind extends SourceSpec['kind']> = Extract<SourceSpec, { kind: Kind }>;

function missingField(spec: ConfiguredSource) {
  if (spec.kind === 'web' && spec.sitemap === undefined && spec.pages.length === 0)
    return { field: 'sitemap', message: 'has no default; give it, or `pages`' };
  if (spec.kind === 'sql' && (spec.file === undefined) === (spec.postgresEnv === undefined))
    return { field: 'file', message: 'or `postgresEnv` must be given, not both' };
  return undefined;
}

export function isUrl(place: string): boolean {
  return /^https?:\/\//.test(place);
}
