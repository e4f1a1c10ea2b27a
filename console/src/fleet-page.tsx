import { useQuery } from '@tanstack/react-query';
import { type FleetSnapshot, loadSpokes } from './farm-api.ts';
import { FleetMoves } from './fleet-moves.tsx';
import { useFleet } from './fleet-watch.ts';
import { formatBytes, formatPlural } from './format.ts';
import { MemoryChart } from './memory-chart.tsx';
import { ModelCard } from './model-card.tsx';
import { PageFrame } from './page-frame.tsx';
import { ServerList } from './server-list.tsx';

/** Which models the farm has, which are in memory, and what they do right now. */
export function FleetPage() {
  const { snapshot, history, away } = useFleet();
  const spokes = useQuery({ queryKey: ['spokes'], queryFn: loadSpokes });
  return (
    <PageFrame
      title="Fleet"
      about="The models of this farm. A resident model is in memory and answers at once; an installed one is on disk and is loaded by the first request that needs it. When memory is short, the one that is needed least makes room."
    >
      {away && (
        <p role="status" className="text-sm text-muted-foreground">
          Nothing new comes from the farm. This page goes on by itself when it is back.
        </p>
      )}
      {snapshot && (
        <>
          <Overview snapshot={snapshot} />
          <MemoryChart history={history} budget={snapshot.status.memoryBudget} />
          <FleetMoves tally={snapshot.status.fleet} />
          <ul className="grid gap-3 lg:grid-cols-2" data-testid="models" aria-label="Models">
            {snapshot.models.map((model) => (
              <ModelCard
                key={model.id}
                model={model}
                budget={snapshot.status.memoryBudget}
                offline={snapshot.status.offline}
                lastMove={snapshot.status.fleet.recent.find((move) => move.model === model.id)}
                spokes={(spokes.data ?? [])
                  .filter((spoke) => spoke.model === model.id)
                  .map((spoke) => spoke.id)}
              />
            ))}
          </ul>
          <ServerList />
          <p className="text-xs text-muted-foreground">
            Cadre {snapshot.status.version} · home {snapshot.status.home}
          </p>
        </>
      )}
      {!snapshot && !away && <p className="text-muted-foreground">Looking at the fleet …</p>}
    </PageFrame>
  );
}

function Overview({ snapshot }: { readonly snapshot: FleetSnapshot }) {
  const { status, models } = snapshot;
  const resident = models.filter((model) => model.state === 'resident').length;
  const held = status.threadHolders.reduce((sum, one) => sum + one.threads, 0);
  const facts = [
    ['Memory', formatBytes(status.memoryUsed), `of ${formatBytes(status.memoryBudget)}`],
    ['Resident', String(resident), `of ${formatPlural(models.length, 'model')}`],
    [
      'Running',
      String(models.reduce((sum, model) => sum + model.activeRequests, 0)),
      `in models, of ${formatPlural(status.activeRequests, 'request')}`,
    ],
    [
      'Waiting',
      String(models.reduce((sum, model) => sum + model.queuedRequests, 0)),
      `${status.fleet.slots} at once for each model`,
    ],
    [
      'Threads',
      String(Math.min(status.threads, held)),
      held > status.threads
        ? `of ${status.threads}, shared by ${status.threadHolders.length}`
        : `in use of ${status.threads}`,
    ],
    ['Network', status.offline ? 'Off' : 'On', status.offline ? 'nothing is fetched' : 'to pull'],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      {facts.map(([name, value, unit]) => (
        <div key={name} className="rounded-lg border border-border bg-card px-3 py-2">
          <dt className="text-xs text-muted-foreground">{name}</dt>
          <dd className="text-lg font-semibold">
            {value}
            <span className="block text-xs font-normal text-muted-foreground">{unit}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
