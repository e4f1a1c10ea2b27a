import type { Model, ModelRequest } from '../../src/core/ports.ts';
import { childrenCpu } from './answer-cache.ts';
import type { TaskRow } from './lora-tasks.ts';

/** A model that is in memory, and how it is asked. */
export interface Contender {
  readonly name: string;
  readonly model: Model;
  readonly requestOf: (row: TaskRow) => ModelRequest;
}

const NEVER = new AbortController().signal;

/**
 * CPU seconds of one row, by name: every row is asked of all in turn, so that whatever else the machine
 * does weighs on all alike. The first row is not counted: with it each reads what it keeps.
 */
export async function cpuSecondsOfEach(
  contenders: readonly Contender[],
  rows: readonly TaskRow[],
): Promise<Readonly<Record<string, number>>> {
  const sums = new Map(contenders.map(({ name }) => [name, 0]));
  for (const [index, row] of rows.entries())
    for (const { name, model, requestOf } of contenders) {
      const before = childrenCpu();
      for await (const _event of model.doChat(requestOf(row), { signal: NEVER }));
      if (index > 0) sums.set(name, (sums.get(name) ?? 0) + childrenCpu() - before);
    }
  return Object.fromEntries(
    [...sums].map(([name, sum]) => [name, Math.round((1000 * sum) / (rows.length - 1)) / 1000]),
  );
}
