import type { FleetTally } from '../../src/core/fleet-tally.ts';
import { formatAge, formatPlural } from './format.ts';

const SHOWN = 8;

/** What was loaded and what gave way, and how many loads that saved. */
export function FleetMoves({ tally }: { readonly tally: FleetTally }) {
  const { loads, evictions, loadsByCount, recent } = tally;
  if (loads === 0) return null;
  const saved = Math.max(0, loadsByCount - loads);
  return (
    <section className="rounded-lg border border-border bg-card p-4" data-testid="fleet-moves">
      <h2 className="font-semibold">Loads</h2>
      <p className="mt-1 text-sm text-pretty" data-testid="tally">
        {formatPlural(loads, 'load')} and {formatPlural(evictions, 'eviction')} since the farm
        started, <strong>{formatPlural(saved, 'load')} saved</strong> beside a rule that keeps a
        number of models and lets the least recently used one go (
        {formatPlural(loadsByCount, 'load')}
        ).
      </p>
      <ol className="mt-2 text-xs text-muted-foreground" aria-label="Last loads and evictions">
        {recent.slice(0, SHOWN).map((move) => (
          <li key={`${move.at} ${move.model} ${move.act}`} className="wrap-anywhere">
            {formatAge(move.at)}: {move.model} {move.act}
          </li>
        ))}
      </ol>
    </section>
  );
}
