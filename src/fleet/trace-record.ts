import { adapterDigits, baseModelId } from '../core/adapter.ts';
import type { ModelStatus } from '../core/catalogue.ts';
import type { Receipt } from '../core/receipt.ts';
import type { Trace, TraceModel, TraceRequest } from './trace.ts';

/** A file takes this much more in memory, where it was never measured. */
const MEMORY_FACTOR = 1.5;
/** Milliseconds of loading per parameter, where it was never measured (0.5B: 1.5 s). */
const LOAD_MS = 3e-6;

/** What the farm's own models were asked, by its receipts, oldest first. Without a word of it. */
export function recordTrace(receipts: readonly Receipt[], models: readonly ModelStatus[]): Trace {
  const known = new Map(models.map((model) => [model.id, figuresOf(model)]));
  const used = new Map<string, TraceModel>();
  const requests: TraceRequest[] = [];
  for (const { at, key, parent, stages, attempts } of receipts) {
    const waitedMs = stages.find(({ stage }) => stage === 'policy')?.ms ?? 0;
    for (const { model: id, destination, promptMs, generationMs } of attempts) {
      const model = known.get(baseModelId(id));
      const serviceMs = Math.round(promptMs + generationMs);
      if (destination !== 'local' || model === undefined || serviceMs === 0) continue;
      used.set(model.id, model);
      const priority = parent?.startsWith('batch') ? 'batch' : 'interactive';
      const group = adapterDigits(id) ?? '';
      requests.push({ at: at + waitedMs, model: model.id, serviceMs, key, priority, group });
    }
  }
  requests.sort((a, b) => a.at - b.at);
  const start = requests[0]?.at ?? 0;
  return {
    models: [...used.values()],
    requests: requests.map((one) => ({ ...one, at: Math.round(one.at - start) })),
  };
}

function figuresOf({ id, memoryBytes, fileBytes, loadMs, parameters }: ModelStatus): TraceModel {
  const bytes = Math.round(memoryBytes || fileBytes * MEMORY_FACTOR);
  return { id, bytes, loadMs: Math.round(loadMs ?? parameters * LOAD_MS) };
}
