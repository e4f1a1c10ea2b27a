import { z } from 'zod';

const prefixSchema = z
  .string()
  .max(200)
  .regex(/^[^/].*\/$/, 'must end with / and not begin with it')
  .optional()
  .describe('Put before the paths of its documents, where two sources have the same paths.');

const folderSchema = z.strictObject({
  kind: z
    .literal('folder')
    .describe('Files of a folder and all below it; changes are seen at once.'),
  folder: z.string().min(1).describe('Folder to read, relative to the file that names it.'),
  prefix: prefixSchema,
});

/** Where the documents of a collection come from. */
export const sourceSchema = z.discriminatedUnion('kind', [folderSchema]);
export type ConfiguredSource = z.infer<typeof sourceSchema>;

/** The uploaded files of a vector store; made by the farm, never written in a configuration. */
export interface UploadedFiles {
  readonly kind: 'files';
  /** Id of the vector store. */
  readonly store: string;
  readonly prefix?: undefined;
}

export type SourceSpec = ConfiguredSource | UploadedFiles;
