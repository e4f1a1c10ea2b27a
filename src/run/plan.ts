import type { JsonObject } from '../core/chat.ts';
import type { PlanStep } from '../core/events.ts';

/** Most steps of a plan: each is a whole request of its own. */
export const MOST_STEPS = 4;
const LONGEST_INSTRUCTION = 4000;
const STEP_IDS = ['1', '2', '3', '4'] as const;

/** JSON Schema of a plan, for a planner that answers under a grammar. */
export function planSchema(models: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: {
      steps: {
        type: 'array',
        minItems: 1,
        maxItems: MOST_STEPS,
        items: {
          type: 'object',
          properties: {
            id: { type: 'string', enum: [...STEP_IDS] },
            instruction: { type: 'string', minLength: 1, maxLength: 400 },
            after: {
              type: 'array',
              items: { type: 'string', enum: [...STEP_IDS] },
              maxItems: MOST_STEPS - 1,
            },
            model: { type: 'string', enum: [...models] },
          },
          required: ['id', 'instruction', 'after', 'model'],
          additionalProperties: false,
        },
      },
    },
    required: ['steps'],
    additionalProperties: false,
  };
}

/** The plan of a request that needs none. */
export function singleStepPlan(instruction: string, model: string): readonly PlanStep[] {
  return [{ id: '1', instruction, after: [], model }];
}

/**
 * A plan from untrusted JSON text. Steps that are waited for but do not exist are dropped from
 * `after`, unknown models become the first of `models`. Undefined when it is no plan: not JSON, no
 * step, more than four, ids twice, an empty instruction, or steps that wait for each other.
 */
export function readPlan(text: string, models: readonly string[]): readonly PlanStep[] | undefined {
  const rows = stepRows(text);
  if (rows === undefined || rows.length === 0 || rows.length > MOST_STEPS) return undefined;
  const ids = new Set(rows.map((row) => row.id));
  if (ids.size !== rows.length || rows.some((row) => row.instruction === '')) return undefined;
  const steps = rows.map((row) => ({
    id: row.id,
    instruction: row.instruction,
    after: [...new Set(row.after)].filter((id) => ids.has(id)),
    model: models.includes(row.model) ? row.model : (models[0] ?? 'auto'),
  }));
  return stepLevels(steps) === undefined ? undefined : steps;
}

function stepRows(text: string): readonly PlanStep[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const steps = asRecord(value)?.['steps'];
  if (!Array.isArray(steps)) return undefined;
  const rows: PlanStep[] = [];
  for (const step of steps) {
    const row = asRecord(step);
    if (!row) return undefined;
    const after = Array.isArray(row['after']) ? row['after'].map(String) : [];
    rows.push({
      id: String(row['id'] ?? ''),
      instruction: String(row['instruction'] ?? '')
        .trim()
        .slice(0, LONGEST_INSTRUCTION),
      after,
      model: String(row['model'] ?? ''),
    });
  }
  return rows;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** The steps in levels that can run side by side; undefined when steps wait for each other. */
export function stepLevels(
  steps: readonly PlanStep[],
): readonly (readonly PlanStep[])[] | undefined {
  const levels: PlanStep[][] = [];
  const done = new Set<string>();
  let waiting = [...steps];
  while (waiting.length > 0) {
    const ready = waiting.filter((step) => step.after.every((id) => done.has(id)));
    if (ready.length === 0) return undefined;
    for (const step of ready) done.add(step.id);
    waiting = waiting.filter((step) => !done.has(step.id));
    levels.push(ready);
  }
  return levels;
}

/** The step whose result builds, directly or not, on all others: its text is the answer. */
export function finalStep(steps: readonly PlanStep[]): PlanStep | undefined {
  return steps.find((step) => {
    const seen = new Set<string>([step.id]);
    const open = [...step.after];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(...(steps.find((one) => one.id === id)?.after ?? []));
    }
    return seen.size === steps.length;
  });
}
