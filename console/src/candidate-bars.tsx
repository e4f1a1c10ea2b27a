import type { Candidate, RouteDecision } from '../../src/core/decision.ts';
import { probabilityRange } from '../../src/core/probability-range.ts';
import { formatMs, formatPerThousand, formatProbability, formatShare } from './format.ts';

interface Props {
  readonly decision: RouteDecision;
  /** Who was asked at last, where an answer did not pass. */
  readonly answerer: string | undefined;
}

/** P(right) of every spoke that may serve, with its price and time. */
export function CandidateBars({ decision, answerer }: Props) {
  const { candidates, promise, certified } = decision;
  return (
    <div className="mt-3 space-y-2" data-testid="candidates">
      {candidates
        .toSorted((a, b) => b.probability - a.probability)
        .map((candidate) => (
          <Bar
            key={candidate.spoke}
            candidate={candidate}
            role={roleOf(candidate.spoke, decision, answerer)}
            promise={certified === undefined ? promise : undefined}
          />
        ))}
      <p className="text-xs text-muted-foreground">
        Probability of a right answer, price of 1,000 such requests, expected time
        {certified === undefined ? `; the line is the promise, ${formatShare(promise)}.` : '.'}
      </p>
    </div>
  );
}

type Role = 'chosen' | 'asked first' | 'asked next' | 'runner-up';

function roleOf(
  spoke: string,
  decision: RouteDecision,
  answerer: string | undefined,
): Role | undefined {
  if (spoke === answerer) return 'asked next';
  if (spoke === decision.spoke) return answerer === undefined ? 'chosen' : 'asked first';
  return spoke === decision.runnerUp?.spoke ? 'runner-up' : undefined;
}

function Bar({
  candidate,
  role,
  promise,
}: {
  readonly candidate: Candidate;
  readonly role: Role | undefined;
  /** Absent where a certificate decided, which measures the loss instead. */
  readonly promise: number | undefined;
}) {
  const { spoke, probability, cost, latencyMs, resident, joinedRows } = candidate;
  const range = probabilityRange(candidate);
  const isTaken = role === 'chosen' || role === 'asked next';
  return (
    <div data-testid={role === 'runner-up' ? 'runner-up' : undefined}>
      <div className="flex flex-wrap justify-between gap-x-2">
        <span className="wrap-anywhere">
          <span className={isTaken ? 'font-medium' : ''}>{spoke}</span>{' '}
          {role && <span className="text-muted-foreground">{role}</span>}{' '}
          {joinedRows !== undefined && (
            <span className="text-muted-foreground">known by {joinedRows} rows</span>
          )}
        </span>
        <span
          className="shrink-0 text-muted-foreground tabular-nums"
          title={resident ? 'the model is in memory' : 'with the time to load the model'}
        >
          {formatProbability(probability)}
          {range && ` (${formatProbability(range.low)}–${formatProbability(range.high)})`} ·{' '}
          {formatPerThousand(cost)} · {formatMs(latencyMs)}
        </span>
      </div>
      <div className="relative mt-1 h-1.5 rounded bg-muted">
        <div
          className={`h-full rounded ${isTaken ? 'bg-primary' : 'bg-muted-foreground/60'}`}
          style={{ width: `${probability * 100}%` }}
        />
        {promise !== undefined && (
          <div
            className="absolute -top-1 h-3.5 w-0.5 bg-foreground"
            style={{ left: `${Math.min(1, promise) * 100}%` }}
          />
        )}
      </div>
    </div>
  );
}
