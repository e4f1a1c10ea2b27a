import type { StageTiming } from '../../src/core/receipt.ts';
import { CopyButton } from './copy-button.tsx';
import { formatDollars, formatMs, formatShare } from './format.ts';
import { LifeStep } from './life-step.tsx';
import { useTotals } from './totals.ts';
import type { Turn } from './turn.ts';

const STAGES: Readonly<Record<StageTiming['stage'], string>> = {
  policy: 'Policy',
  ground: 'Search',
  gate: 'Route',
  queue: 'Queue',
  load: 'Load',
  run: 'Answer',
  verify: 'Checks',
  record: 'Receipt',
};

export function LifeReceipt({ turn }: { readonly turn: Turn }) {
  const { receipt } = turn;
  if (!receipt) return null;
  return (
    <LifeStep
      title="Receipt"
      hint="Where the time went and what it cost. The farm keeps this, without your text, under the id below."
      at={receipt.totalMs}
      tone={receipt.outcome === 'failed' ? 'bad' : 'good'}
    >
      <Figures turn={turn} />
      <Stages stages={receipt.stages} />
      <Command id={receipt.id} />
    </LifeStep>
  );
}

function Figures({ turn }: { readonly turn: Turn }) {
  const totals = useTotals(turn);
  const { receipt } = turn;
  if (!receipt || !totals) return null;
  const { cost, reference, promptTokens, cachedTokens, completionTokens, joules } = totals;
  const rows: [string, string, string?][] = [
    ['Outcome', receipt.outcome, 'outcome'],
    ...(receipt.error && receipt.error.code !== receipt.outcome
      ? [['Error', receipt.error.code] satisfies [string, string]]
      : []),
    ['Tokens', `${promptTokens} read (${cachedTokens} known), ${completionTokens} written`],
    ['Cost', formatDollars(cost), 'cost'],
    [receipt.cost.referenceName, formatDollars(reference)],
    ['Energy', `${joules.toFixed(1)} J, ${receipt.energy.tier}`],
  ];
  if (receipt.firstTokenMs !== undefined)
    rows.push(['First words', `after ${formatMs(receipt.firstTokenMs)}`]);
  if (receipt.confidence !== undefined)
    rows.push(['Probably right', formatShare(receipt.confidence)]);
  return (
    <dl className="grid grid-cols-[8.5rem_1fr] gap-y-1">
      {rows.map(([name, value, testId]) => (
        <div key={name} className="contents">
          <dt className="text-muted-foreground">{name}</dt>
          <dd data-testid={testId}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Stages({ stages }: { readonly stages: readonly StageTiming[] }) {
  const longest = Math.max(1, ...stages.map((stage) => stage.ms));
  const totals = new Map<StageTiming['stage'], number>();
  for (const { stage, ms } of stages) totals.set(stage, (totals.get(stage) ?? 0) + ms);
  return (
    <div className="mt-3 space-y-1 text-xs" data-testid="stages">
      {[...totals].map(([stage, ms]) => (
        <div key={stage} className="grid grid-cols-[4rem_1fr_4rem] items-center gap-2">
          <span className="text-muted-foreground">{STAGES[stage]}</span>
          <div
            className="h-1.5 min-w-px rounded bg-muted-foreground/50"
            style={{ width: `${Math.min(100, (ms / longest) * 100)}%` }}
          />
          <span className="text-right text-muted-foreground tabular-nums">{formatMs(ms)}</span>
        </div>
      ))}
    </div>
  );
}

function Command({ id }: { readonly id: string }) {
  const command = `npx cadre why ${id}`;
  return (
    <div className="mt-3 flex items-center gap-1 rounded-md bg-muted py-1 pr-1 pl-2">
      <code className="min-w-0 flex-1 text-xs break-all" data-testid="why">
        {command}
      </code>
      <CopyButton text={command} label="Copy" className="shrink-0" />
    </div>
  );
}
