import { z } from 'zod';
import { idSchema } from './config-words.ts';

/** The trainer that comes with the house. */
export const OWN_TRAINER = 'lora';

/** A program that makes adapters, by the contract of trainers/README.md. */
export const trainerSchema = z
  .strictObject({
    id: idSchema.describe('Name for `cadre train adapter --trainer`; `lora` changes the own one.'),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Program and arguments, of a container too; `{order}`, `{folder}` and `{base}` stand for paths, the order’s is the last argument where none is said. Runs with the rights of the farm. Only `lora` may leave it out.',
      ),
    minutes: z
      .number()
      .positive()
      .max(10_080)
      .default(240)
      .describe(
        'Minutes after which it should have ended; a quarter of an hour later it is stopped.',
      ),
    silenceMinutes: z
      .number()
      .positive()
      .max(1440)
      .default(10)
      .describe('Minutes without a line of the contract after which it counts as stuck.'),
    bytes: z
      .int()
      .positive()
      .max(1_000_000_000)
      .default(200_000_000)
      .describe('Bytes of an adapter at most.'),
    tokens: z
      .int()
      .min(16)
      .max(32_768)
      .default(1024)
      .describe('Tokens of one row at most; longer rows are left out.'),
    threads: z
      .int()
      .positive()
      .optional()
      .describe('Threads, at most those of the farm; default half of these, at least 1.'),
    settings: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe('What the trainer makes of them is its own; for `lora` see trainers/README.md.'),
  })
  .refine(({ id, command }) => id === OWN_TRAINER || command !== undefined, {
    path: ['command'],
    message: 'has no default; give it',
  });
export type TrainerConfig = z.infer<typeof trainerSchema>;
