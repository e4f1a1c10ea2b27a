import { z } from 'zod';

const amount = z.number().nonnegative();
const count = z.int().nonnegative();

/** A watch over a success rate; see base/cusum. */
const watchSchema = z.strictObject({
  sum: amount,
  trials: amount,
  right: amount,
  expected: amount,
});

const alarmSchema = z.strictObject({
  /** `*` = all tasks of the model. */
  task: z.string(),
  model: z.string(),
  /** Which outcome it was, from 1. */
  outcome: count,
  /** Outcomes since the fall began, as far as can be told, and the rates expected and seen in them. */
  trials: amount,
  expected: amount,
  seen: amount,
});
export type Alarm = Readonly<z.infer<typeof alarmSchema>>;

/** What was graded before a gate was put in force: task → model → how much of it was right. */
export const gradedTableSchema = z.record(
  z.string(),
  z.record(z.string(), z.strictObject({ right: amount, trials: amount })),
);
export type GradedTable = Readonly<z.infer<typeof gradedTableSchema>>;

/** What a gate learned while it served: right answers per task × model, and a watch over each. */
export const onlineStateSchema = z
  .strictObject({
    version: z.literal(1),
    tasks: z.array(z.string()).readonly(),
    models: z.array(z.string()).readonly(),
    /** Right answers and answers in all, `task × models + model`; graded ones count in part. */
    right: z.array(amount).readonly(),
    trials: z.array(amount).readonly(),
    /** One per cell, then one per model over all tasks together. */
    watches: z.array(watchSchema).readonly(),
    /** The last one of each cell and of each model; a new fit begins without any. */
    alarms: z.array(alarmSchema).readonly(),
    outcomes: count,
    decided: count,
    explored: count,
  })
  .refine(
    ({ tasks, models, right, trials, watches }) =>
      right.length === tasks.length * models.length &&
      trials.length === right.length &&
      watches.length === right.length + models.length,
    'does not have one figure for each task and model',
  );
export type OnlineState = Readonly<z.infer<typeof onlineStateSchema>>;

/** What is kept of a gate over a restart. */
export const driftMemorySchema = z.strictObject({
  version: z.literal(1),
  /** Number of the gate; 0 = the starter's table. */
  gate: count,
  /** Milliseconds since the epoch: when it was put in force. */
  since: amount,
  state: onlineStateSchema,
});
