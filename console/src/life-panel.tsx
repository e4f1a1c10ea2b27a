import { useEffect, useRef } from 'react';
import { formatDollars, formatMs } from './format.ts';
import { LifeChecks, LifeDeclined } from './life-checks.tsx';
import { LifeModel } from './life-model.tsx';
import { LifePlan } from './life-plan.tsx';
import { LifeReceipt } from './life-receipt.tsx';
import { LifeEscalation, LifePolicy, LifeRoute } from './life-route.tsx';
import { LifeSources } from './life-sources.tsx';
import { useElapsed } from './now.ts';
import { type Totals, useTotals } from './totals.ts';
import { activityOf, type Turn } from './turn.ts';

interface Props {
  readonly turn: Turn | undefined;
  /** Number of the cited sentence to bring into view. */
  readonly sentence: number | undefined;
}

/** The life of one request as it happens: label, route, sources, checks, escalation, cost. */
export function LifePanel({ turn, sentence }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const turnId = turn?.id;
  useEffect(() => {
    if (sentence === undefined || turnId === undefined) return;
    panel.current
      ?.querySelector(`[data-sentence="${sentence}"]`)
      ?.scrollIntoView({ block: 'center' });
  }, [sentence, turnId]);
  if (turn === undefined) return <Overview />;
  return (
    <div ref={panel} className="text-sm" data-testid="life" key={turn.id}>
      <Headline turn={turn} />
      <LifePolicy turn={turn} />
      <LifeRoute turn={turn} />
      <LifePlan turn={turn} />
      <LifeSources turn={turn} />
      <LifeModel turn={turn} />
      <LifeChecks turn={turn} />
      <LifeEscalation turn={turn} />
      <LifeDeclined turn={turn} />
      <LifeReceipt turn={turn} />
    </div>
  );
}

/** The state in one line, where it stays in view while the parts below grow. */
function Headline({ turn }: { readonly turn: Turn }) {
  const elapsed = useElapsed(turn.startedAt, turn.state === 'running');
  const totals = useTotals(turn);
  const { receipt } = turn;
  const words = {
    running: activityOf(turn),
    done: receipt?.outcome === 'abstained' ? 'Declined' : 'Answered',
    failed: 'Failed',
    stopped: 'Stopped',
  };
  const ms = turn.state === 'running' ? elapsed : receipt?.totalMs;
  return (
    <div className="sticky top-0 z-10 -mx-2 bg-card px-2 pt-4 pb-5">
      <div className="rounded-lg bg-muted px-3 py-2">
        <div className="flex justify-between gap-2">
          <h2 className="font-medium" data-testid="headline">
            {words[turn.state]}
          </h2>
          {ms !== undefined && <p className="shrink-0 tabular-nums">{formatMs(ms)}</p>}
        </div>
        <p className="text-xs text-muted-foreground">
          {receipt && totals ? spent(totals, receipt.cost.referenceName) : `Asked as ${turn.model}`}
        </p>
      </div>
    </div>
  );
}

function spent({ cost, reference }: Totals, referenceName: string): string {
  if (reference === 0) return 'Nothing was spent';
  return `${formatDollars(cost)} instead of ${formatDollars(reference)} at the ${referenceName}`;
}

const PARTS = [
  ['Policy', 'how sensitive the question is, and where it may go'],
  ['Route', 'which spoke answers, why, and who came second'],
  ['Sources', 'the sentences of your documents that the answer stands on'],
  ['Checks', 'what was verified before you saw it'],
  ['Receipt', 'time, tokens, cost and energy'],
] as const;

/** Before the first question. */
function Overview() {
  return (
    <div className="pt-5 text-sm">
      <h2 className="font-semibold">The life of a request</h2>
      <p className="mt-1 text-muted-foreground">
        Each question goes through the same stations. They appear here while it is answered:
      </p>
      <dl className="mt-4 space-y-3 border-l border-border pl-4">
        {PARTS.map(([name, words]) => (
          <div key={name}>
            <dt className="font-medium">{name}</dt>
            <dd className="text-muted-foreground">{words}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
