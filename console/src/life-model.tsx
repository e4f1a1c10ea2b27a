import { formatMs, formatShare } from './format.ts';
import { LifeStep } from './life-step.tsx';
import { eventsOf, momentOf, type Turn } from './turn.ts';

/** Loading and reading: what happens between the choice and the first word. */
export function LifeModel({ turn }: { readonly turn: Turn }) {
  const loads = new Map(eventsOf(turn, 'model-loading').map((event) => [event.model, event]));
  const reads = eventsOf(turn, 'prompt-read');
  if (loads.size === 0 && reads.length === 0) return null;
  return (
    <LifeStep
      title="Model"
      hint="A model is loaded into memory when it is not there yet, then it reads the question. What it has just read for another question is not read again."
      at={momentOf(turn, 'model-loading', 'prompt-read')}
      active={turn.state === 'running' && reads.length === 0}
    >
      <ul className="space-y-2" data-testid="model">
        {[...loads.values()].map((load) => (
          <li key={load.model}>
            <div className="flex justify-between gap-2">
              <span className="min-w-0 wrap-anywhere">{load.model}</span>
              <span className="shrink-0 text-muted-foreground tabular-nums">
                {load.progress < 1 ? `loading ${formatShare(load.progress)}` : 'loaded'}
              </span>
            </div>
            {load.progress < 1 && (
              <div className="mt-1 h-1.5 rounded bg-muted">
                <div
                  className="h-full rounded bg-primary"
                  style={{ width: `${load.progress * 100}%` }}
                />
              </div>
            )}
          </li>
        ))}
        {reads.map((read) => (
          <li key={`${read.spoke} ${read.ms}`}>
            {read.spoke} read {read.promptTokens} tokens in {formatMs(read.ms)}
            {read.cachedTokens > 0 && (
              <span className="text-muted-foreground">, {read.cachedTokens} of them known</span>
            )}
          </li>
        ))}
      </ul>
    </LifeStep>
  );
}
