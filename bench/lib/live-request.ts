import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, LOOPBACK } from '../../src/core/call.ts';
import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import type { Farm } from '../../src/core/farm.ts';
import type { LabelSet } from './live-labels.ts';
import type { LiveRow } from './live-row.ts';

/** Nothing is hurried: the machine is shared. */
export const DAY_MS = 86_400_000;

/** The row as a caller sends it. */
export function requestOf(row: LiveRow, model: string): ChatRequest {
  return {
    model,
    messages: [
      ...(row.system ? [{ role: 'system' as const, content: textPart(row.system) }] : []),
      { role: 'user' as const, content: textPart(row.prompt) },
    ],
    ...(row.schema
      ? {
          responseFormat: { type: 'json-schema' as const, name: 'answer', schema: row.schema },
        }
      : {}),
    sampling: { temperature: 0 },
    maxTokens: row.maxTokens,
    ...(row.stop ? { stop: row.stop } : {}),
  };
}

/** Milliseconds between two looks at whether the micro-models are read, and most looks. */
const LOOK = 200;
const MOST_LOOKS = 300;

/** A farm serves while its micro-models are still being read; the benchmark waits for them. */
export async function untilReady(
  farm: Pick<Farm, 'decide'>,
  sets: readonly LabelSet[],
): Promise<void> {
  for (const set of sets) {
    const row: LiveRow = {
      id: `${set.name}-ready`,
      slice: set.name,
      task: 'classify',
      metric: 'label',
      system: set.system,
      prompt: 'Is it ready?',
      schema: { enum: [...set.labels] },
      gold: '',
      maxTokens: 24,
      group: set.name,
    };
    let looks = 0;
    while ((await farm.decide(callOf(row))).spoke !== set.name) {
      looks += 1;
      if (looks > MOST_LOOKS) throw new Error(`the micro-model ${set.name} does not get ready`);
      await sleep(LOOK);
    }
  }
}

let count = 0;

/** The row as a call of the farm's owner, for `auto`; no answer is shared. */
export function callOf(row: LiveRow): Call {
  count += 1;
  return {
    id: `req_${String(count).padStart(24, '0')}`,
    request: requestOf(row, 'auto'),
    caller: LOOPBACK,
    deadline: Date.now() + DAY_MS,
    depth: 0,
    cache: 'off',
    whole: true,
  };
}
