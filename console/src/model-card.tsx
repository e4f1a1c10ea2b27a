import { useState } from 'react';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import type { FleetMove } from '../../src/core/fleet-tally.ts';
import { messageOf } from './api.ts';
import { loadModel, pinModel, unloadModel, unpinModel } from './farm-api.ts';
import { formatBytes, formatCount, formatMs, formatShare } from './format.ts';
import { standingOf } from './model-standing.ts';
import { cancelPull, isPulling, startPull } from './pulls.ts';

interface Props {
  readonly model: ModelStatus;
  /** Bytes that all models together may take. */
  readonly budget: number;
  readonly offline: boolean;
  /** Spokes that run on this model. */
  readonly spokes: readonly string[];
  /** What became of it last, where the farm remembers. */
  readonly lastMove: FleetMove | undefined;
}

export function ModelCard({ model, budget, offline, spokes, lastMove }: Props) {
  const [problem, setProblem] = useState<string>();
  const { name, colour, words, isTold } = standingOf(model, lastMove);
  const trouble = problem ?? model.problem;
  return (
    <li
      className="flex flex-col rounded-lg border border-border bg-card p-4"
      data-testid={`model-${model.id}`}
    >
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="font-semibold">{model.title}</h2>
          <p className="text-xs wrap-anywhere text-muted-foreground">{model.id}</p>
        </div>
        <span
          className={`shrink-0 rounded-full px-2 py-0.5 text-xs ${colour}`}
          data-testid="model-state"
        >
          {model.pinned ? `${name}, pinned` : name}
        </span>
      </div>
      <p className="mt-2 text-sm" data-testid="figures">
        {[...(isTold ? [words] : []), ...figures(model, budget)].join(' · ') || words}
      </p>
      {model.memoryBytes > 0 && (
        <Meter
          share={model.memoryBytes / budget}
          label={`${model.id}, share of the memory allowed`}
        />
      )}
      {model.state === 'pulling' && (
        <Meter share={model.pulledBytes / model.fileBytes} label={`fetching ${model.id}`} />
      )}
      {isPulling(model.id) && (
        <p className="mt-2 text-xs text-muted-foreground">
          Closing this tab stops the pull; the next one goes on where it stopped.
        </p>
      )}
      {trouble && (
        <p className="mt-2 text-sm wrap-anywhere text-bad" role="alert">
          {trouble}
        </p>
      )}
      <div className="mt-auto flex items-end justify-between gap-3 pt-3">
        <p className="text-xs text-muted-foreground">
          {spokes.length > 0 && (
            <>
              Spokes: {spokes.join(', ')}
              <br />
            </>
          )}
          {model.capabilities.join(', ')} · {formatCount(model.parameters)} parameters ·{' '}
          {formatCount(model.contextLength)} tokens of context · {formatBytes(model.fileBytes)} on
          disk · <span className="whitespace-nowrap">{model.licence}</span>
        </p>
        <Actions model={model} offline={offline} onProblem={setProblem} />
      </div>
    </li>
  );
}

function Meter({ share, label }: { readonly share: number; readonly label: string }) {
  return (
    <div
      className="mt-2 h-1.5 rounded bg-muted"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-label={label}
    >
      <div
        className="h-full rounded bg-primary"
        style={{ width: `${Math.min(1, share) * 100}%` }}
      />
    </div>
  );
}

const BUTTON =
  'shrink-0 rounded-md border border-input px-2.5 py-1 text-xs font-medium hover:border-primary disabled:opacity-50';

function Actions({
  model,
  offline,
  onProblem,
}: {
  readonly model: ModelStatus;
  readonly offline: boolean;
  readonly onProblem: (problem: string | undefined) => void;
}) {
  const { id, state } = model;
  if (isPulling(id))
    return (
      <button type="button" onClick={() => cancelPull(id)} className={BUTTON}>
        Cancel
      </button>
    );
  if (state === 'absent' || state === 'damaged')
    return (
      <button
        type="button"
        disabled={offline}
        title={offline ? 'The farm was started with --offline' : undefined}
        onClick={() => {
          onProblem(undefined);
          void startPull(id).then(onProblem);
        }}
        className={BUTTON}
      >
        Pull {formatBytes(model.fileBytes)}
      </button>
    );
  return <Residence model={model} onProblem={onProblem} />;
}

/** Loads, unloads, pins and unpins; a model that embeds is loaded by its first text. */
function Residence({
  model: { id, state, pinned, activeRequests, capabilities },
  onProblem,
}: {
  readonly model: ModelStatus;
  readonly onProblem: (problem: string | undefined) => void;
}) {
  if (state === 'pulling' || state === 'loading' || capabilities.includes('embed')) return null;
  const deeds = [
    ...(state === 'resident'
      ? [{ label: 'Unload', run: unloadModel, isBarred: activeRequests > 0 || pinned === true }]
      : [{ label: 'Load', run: loadModel, isBarred: false }]),
    pinned
      ? { label: 'Unpin', run: unpinModel, isBarred: false }
      : { label: 'Pin', run: pinModel, isBarred: false },
  ];
  return (
    <div className="flex gap-2">
      {deeds.map(({ label, run, isBarred }) => (
        <button
          key={label}
          type="button"
          disabled={isBarred}
          onClick={() => {
            onProblem(undefined);
            run(id).catch((error: unknown) => onProblem(messageOf(error)));
          }}
          className={BUTTON}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function figures(model: ModelStatus, budget: number): string[] {
  if (model.state === 'failed') return [];
  if (model.state === 'pulling') {
    const done = `${formatBytes(model.pulledBytes)} of ${formatBytes(model.fileBytes)}`;
    return [`${formatShare(model.pulledBytes / model.fileBytes)} fetched, ${done}`];
  }
  const parts: string[] = [];
  if (model.loadedShare !== undefined) parts.push(`${formatShare(model.loadedShare)} loaded`);
  if (model.memoryBytes > 0) {
    const share = formatShare(model.memoryBytes / budget);
    parts.push(
      `${formatBytes(model.memoryBytes)} ${model.loadedShare === undefined ? 'in memory' : 'reserved'}, ${share} of the budget`,
    );
  }
  if (model.activeRequests > 0) parts.push(`${model.activeRequests} running`);
  if (model.queuedRequests > 0) parts.push(`${model.queuedRequests} waiting`);
  if (model.adapters) parts.push(`${model.adapters} adapter${model.adapters === 1 ? '' : 's'}`);
  if (model.nextRequestSeconds) parts.push(`asked again in about ${model.nextRequestSeconds} s`);
  if (model.promptTokensPerSecond)
    parts.push(`reads ${model.promptTokensPerSecond.toFixed(0)} tokens/s`);
  if (model.generatedTokensPerSecond)
    parts.push(`writes ${model.generatedTokensPerSecond.toFixed(0)} tokens/s`);
  if (model.loadMs && model.state === 'resident') parts.push(`loaded in ${formatMs(model.loadMs)}`);
  return parts;
}
