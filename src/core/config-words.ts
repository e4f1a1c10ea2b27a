import { z } from 'zod';
import { LABELS } from './label.ts';

export const labelSchema = z.enum(LABELS);
/** Users and groups; a document that names none is for its owners alone. */
export const principalSchema = z.string().min(1).max(200);
export const principalsSchema = z.array(principalSchema).min(1).max(100);
/** What names of vector stores, and of the collections behind them, begin with. */
export const VECTOR_STORE = 'vs_';
/** A name that people give. */
export const idSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]*$/,
    'must begin with a lower-case letter or a digit and hold only lower-case letters, digits, dot, dash and underscore',
  );
