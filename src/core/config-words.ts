import { z } from 'zod';
import { LABELS } from './label.ts';

export const labelSchema = z.enum(LABELS);
/** A name that people give. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dot, dash and underscore');
