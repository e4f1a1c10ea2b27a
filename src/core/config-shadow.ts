import { z } from 'zod';
import { idSchema } from './config-words.ts';

/** Most of the answered requests that may be asked again: beyond it a farm works for itself. */
export const SHADOW_RATE_MOST = 0.2;

export const shadowSchema = z.strictObject({
  rate: z
    .number()
    .min(0)
    .max(SHADOW_RATE_MOST)
    .default(0)
    .describe(
      'Share of the answered `auto` requests that are asked again of another spoke while the farm is idle (a remote one after a minute at the latest), to learn how good both are; nobody is shown those answers. Until then a request and its answer stay in memory, for 15 minutes at most. 0 = none.',
    ),
  spokes: z
    .array(idSchema)
    .default([])
    .describe('Spokes that may be asked so; empty = all that may serve the request.'),
  budget: z
    .number()
    .nonnegative()
    .default(0)
    .describe('US dollars per day (UTC) for remote spokes; 0 = none is asked. No key pays for it.'),
  seconds: z
    .number()
    .nonnegative()
    .default(600)
    .describe('CPU seconds per day (UTC) for spokes of this machine.'),
});
export type ShadowSettings = Readonly<z.infer<typeof shadowSchema>>;
