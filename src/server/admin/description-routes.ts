import { isAbsolute } from 'node:path';
import { Hono } from 'hono';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import { type AdminEnvironment, farmOf, readBody } from './admin-environment.ts';
import { streamValues } from './stream.ts';

const KNOWN_MOST = 20_000;
const labelSchema = z.string().trim().min(1).max(64);
export const descriptionSchema = z.strictObject({
  text: z.string().trim().min(10).max(2000).describe('What is told apart, in a sentence or two.'),
  labels: z
    .array(labelSchema)
    .min(2)
    .max(100)
    .refine(
      (labels) => new Set(labels.map((one) => one.replace(/[_-]+/g, ' '))).size === labels.length,
      'names a label twice',
    ),
  perLabel: z.int().min(4).max(500).default(40).describe('Rows of each label that are wanted.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  spoke: z.string().min(1).max(200).optional().describe('Who writes; absent = the generalist.'),
  test: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Absolute path of rows to measure on: none is written that is like one of them.'),
  known: z
    .array(z.strictObject({ text: z.string().min(1).max(4000), label: labelSchema }))
    .max(KNOWN_MOST)
    .default([])
    .describe('Rows that were written before.'),
});

/** Rows that a local spoke writes by a description. */
export const descriptionRoutes = new Hono<AdminEnvironment>().post(
  '/described-rows',
  async (context) => {
    const wish = await readBody(context, descriptionSchema);
    if (wish.test !== undefined && !isAbsolute(wish.test))
      throw new CadreError('invalid_request', 'test must be an absolute path', { param: 'test' });
    const { caller } = context.get('access');
    return streamValues(context, (signal) =>
      farmOf(context).descriptions.write(wish, caller, signal),
    );
  },
);
