import { z } from 'zod';
import { idSchema, principalSchema, principalsSchema } from './config-words.ts';

/** Readers by path, as people write them. */
export const rulesSchema = z
  .array(
    z.strictObject({
      path: z
        .string()
        .min(1)
        .max(1000)
        .describe('Folder or pattern: `hr/`, `**/salary*`, `*.xlsx`; all that lies below counts.'),
      principals: z
        .array(principalSchema)
        .max(100)
        .describe('Who of the collection’s readers may read it; empty = its owners alone.'),
    }),
  )
  .max(1000);
export const halfLifeSchema = z.number().positive().max(36_500);

/** Who answers for a collection, who reads what of it, what age does and who describes its passages; in force at once. */
export interface CollectionSettings {
  /** Who may read it; `public` = everyone. A document may allow fewer of them, never others. */
  readonly principals: readonly string[];
  /** The principal who answers for it; may read it and all its documents. */
  readonly owner?: string | undefined;
  readonly rules?: z.infer<typeof rulesSchema> | undefined;
  /** Days after which a document counts half when passages are ranked; absent = age does not count. */
  readonly halfLifeDays?: number | undefined;
  /** The spoke that writes a sentence about each passage for the index; absent = none. */
  readonly context?: string | undefined;
}

/** A change of them; null takes a value back. */
export const collectionChangeSchema = z.strictObject({
  principals: principalsSchema.optional(),
  owner: principalSchema.nullable().optional(),
  rules: rulesSchema.optional(),
  halfLifeDays: halfLifeSchema.nullable().optional(),
  context: idSchema.nullable().optional(),
});
export type CollectionChange = z.infer<typeof collectionChangeSchema>;

const metadataSchema = z
  .record(
    z.string().min(1).max(200),
    z.union([z.string().max(1000), z.number(), z.boolean()]).nullable(),
  )
  .refine((metadata) => Object.keys(metadata).length <= 100, 'has more than 100 values');

/** What may be said of a document by hand; null takes a value back. */
export const documentChangeSchema = z.strictObject({
  principals: z
    .array(principalSchema)
    .max(100)
    .nullable()
    .optional()
    .describe('Who of the collection’s readers may read it; empty = its owners alone.'),
  owner: principalSchema.nullable().optional(),
  metadata: metadataSchema.optional().describe('Values that are named; the others stay.'),
});
export type DocumentSaying = z.infer<typeof documentChangeSchema>;
