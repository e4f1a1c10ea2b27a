import { useEffect, useState } from 'react';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import { type FleetSnapshot, pullModel, unloadModel, watchFleet } from './api.ts';
import { formatBytes, formatMs } from './format.ts';
import { MemoryChart } from './memory-chart.tsx';

/** Seconds of memory history that the chart keeps. */
const HISTORY = 300;

export function FleetPage() {
  const [snapshot, setSnapshot] = useState<FleetSnapshot>();
  const [history, setHistory] = useState<readonly { at: number; bytes: number }[]>([]);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const controller = new AbortController();
    void follow(
      controller.signal,
      (next) => {
        setSnapshot(next);
        setProblem(undefined);
        setHistory((before) => [
          ...before.slice(-HISTORY),
          { at: Date.now() / 1000, bytes: next.status.memoryUsed },
        ]);
      },
      setProblem,
    );
    return () => controller.abort();
  }, []);

  return (
    <div className="h-full overflow-y-auto px-6 py-6">
      <div className="mx-auto max-w-5xl space-y-6">
        {problem && (
          <p className="rounded-lg border border-red-300 bg-red-50 p-3 text-sm text-red-800 dark:border-red-900 dark:bg-red-950 dark:text-red-200">
            {problem}
          </p>
        )}
        {snapshot && <Overview snapshot={snapshot} />}
        {snapshot && <MemoryChart history={history} budget={snapshot.status.memoryBudget} />}
        {snapshot && (
          <ul className="space-y-3" data-testid="models">
            {snapshot.models.map((model) => (
              <ModelCard key={model.id} model={model} onProblem={setProblem} />
            ))}
          </ul>
        )}
        {!snapshot && !problem && <p className="text-stone-500">Looking at the fleet …</p>}
      </div>
    </div>
  );
}

/** Follows the fleet and comes back after the farm was away. */
async function follow(
  signal: AbortSignal,
  onSnapshot: (snapshot: FleetSnapshot) => void,
  onProblem: (problem: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const snapshot of watchFleet(signal)) onSnapshot(snapshot);
    } catch (error) {
      if (!signal.aborted) onProblem(error instanceof Error ? error.message : String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function Overview({ snapshot }: { readonly snapshot: FleetSnapshot }) {
  const { status, models } = snapshot;
  const facts = [
    ['Memory', `${formatBytes(status.memoryUsed)} of ${formatBytes(status.memoryBudget)}`],
    [
      'Resident',
      `${models.filter((model) => model.state === 'resident').length} of ${models.length} models`,
    ],
    ['Running', `${status.activeRequests} requests`],
    ['Threads', String(status.threads)],
    ['Network', status.offline ? 'off' : 'for models only'],
    ['Version', status.version],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      {facts.map(([name, value]) => (
        <div
          key={name}
          className="rounded-lg border border-stone-200 bg-white px-3 py-2 dark:border-stone-800 dark:bg-stone-900"
        >
          <dt className="text-xs text-stone-500">{name}</dt>
          <dd className="font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const COLOURS: Record<ModelStatus['state'], string> = {
  resident: 'bg-teal-600 text-white',
  loading: 'bg-sky-600 text-white',
  pulling: 'bg-sky-600 text-white',
  installed: 'bg-stone-300 text-stone-900 dark:bg-stone-700 dark:text-stone-100',
  absent: 'border border-stone-300 text-stone-500 dark:border-stone-700',
  damaged: 'bg-red-700 text-white',
  failed: 'bg-red-700 text-white',
};

function ModelCard({
  model,
  onProblem,
}: {
  readonly model: ModelStatus;
  readonly onProblem: (problem: string) => void;
}) {
  const report = (error: unknown) =>
    onProblem(error instanceof Error ? error.message : String(error));
  const pull = async () => {
    try {
      for await (const progress of pullModel(model.id, new AbortController().signal))
        if (progress.stage === 'failed') onProblem(progress.problems.join('; '));
    } catch (error) {
      report(error);
    }
  };
  const share = model.fileBytes > 0 ? model.pulledBytes / model.fileBytes : 0;
  return (
    <li className="rounded-lg border border-stone-200 bg-white p-4 dark:border-stone-800 dark:bg-stone-900">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="font-medium">{model.title}</h2>
        <span className={`rounded-full px-2 py-0.5 text-xs ${COLOURS[model.state]}`}>
          {model.state}
        </span>
        <span className="ml-auto flex gap-2">
          {(model.state === 'absent' || model.state === 'damaged' || model.state === 'failed') && (
            <button
              type="button"
              onClick={() => void pull()}
              className="rounded-md border border-stone-300 px-2 py-1 text-xs hover:border-teal-600 dark:border-stone-700"
            >
              Pull {formatBytes(model.fileBytes)}
            </button>
          )}
          {model.state === 'resident' && (
            <button
              type="button"
              onClick={() => void unloadModel(model.id).catch(report)}
              className="rounded-md border border-stone-300 px-2 py-1 text-xs hover:border-teal-600 dark:border-stone-700"
            >
              Unload
            </button>
          )}
        </span>
      </div>
      <p className="mt-1 text-xs text-stone-500">
        {model.id} · {model.capabilities.join(', ')} · {model.licence} ·{' '}
        {formatBytes(model.fileBytes)}
      </p>
      {model.state === 'pulling' && (
        <div
          className="mt-2 h-1.5 rounded bg-stone-200 dark:bg-stone-800"
          role="progressbar"
          aria-valuenow={Math.round(share * 100)}
          aria-label={`pulling ${model.id}`}
        >
          <div className="h-full rounded bg-sky-600" style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <p className="mt-2 text-sm text-stone-600 dark:text-stone-400">
        {figures(model).join(' · ')}
      </p>
      {model.problem && (
        <p className="mt-1 text-sm text-red-700 dark:text-red-400">{model.problem}</p>
      )}
    </li>
  );
}

function figures(model: ModelStatus): string[] {
  const parts: string[] = [];
  if (model.memoryBytes > 0) parts.push(`${formatBytes(model.memoryBytes)} in memory`);
  if (model.activeRequests > 0) parts.push(`${model.activeRequests} running`);
  if (model.queuedRequests > 0) parts.push(`${model.queuedRequests} waiting`);
  if (model.promptTokensPerSecond)
    parts.push(`${model.promptTokensPerSecond.toFixed(0)} prompt tokens/s`);
  if (model.generatedTokensPerSecond)
    parts.push(`${model.generatedTokensPerSecond.toFixed(0)} tokens/s`);
  if (model.loadMs) parts.push(`loaded in ${formatMs(model.loadMs)}`);
  return parts.length > 0 ? parts : ['idle'];
}
