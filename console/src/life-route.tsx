import type { Candidate, RouteDecision } from '../../src/core/decision.ts';
import { formatMs, formatPlural, formatProbability, formatShare } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { LifeStep } from './life-step.tsx';
import { eventOf, eventsOf, momentOf, type Turn } from './turn.ts';

export function LifePolicy({ turn }: { readonly turn: Turn }) {
  const judged = eventOf(turn, 'policy-judged');
  if (!judged) return null;
  const { label, labelReasons, destinations } = judged.verdict;
  return (
    <LifeStep
      title="Policy"
      hint="How sensitive the question is, and so where it may be answered."
      at={momentOf(turn, 'policy-judged')}
    >
      <p>
        <span className="rounded bg-muted px-1.5 py-0.5 font-medium">{label}</span>{' '}
        <span className="text-muted-foreground">{labelReasons.join('; ')}</span>
      </p>
      <ul className="mt-1.5 space-y-0.5">
        {destinations.map((one) => (
          <li key={one.destination}>
            <span className={one.allowed ? 'text-good' : 'text-bad'}>
              {one.allowed ? '✓' : '✗'}
              <span className="sr-only">{one.allowed ? 'allowed' : 'not allowed'}</span>
            </span>{' '}
            {one.destination} <span className="text-muted-foreground">{one.reason}</span>
          </li>
        ))}
      </ul>
    </LifeStep>
  );
}

export function LifeRoute({ turn }: { readonly turn: Turn }) {
  const decision = eventOf(turn, 'route-decided')?.decision;
  if (!decision) return null;
  const answerer = eventOf(turn, 'route-escalated')?.to;
  return (
    <LifeStep
      title="Route"
      hint={
        isNamed(turn)
          ? 'The question named who answers; the gate only says what it expects.'
          : 'The gate estimates how probable a right answer of each spoke is, and takes the cheapest one that reaches the promised quality.'
      }
      at={momentOf(turn, 'route-decided')}
    >
      <p className="text-lg font-semibold text-primary" data-testid="route">
        {decision.spoke}
        {answerer !== undefined && ` → ${answerer}`}
      </p>
      <ul className="mt-1 list-disc space-y-0.5 pl-4 text-muted-foreground">
        {decision.reasons.map((reason) => (
          <li key={reason}>
            <InlineCode text={reason} />
          </li>
        ))}
      </ul>
      <Candidates decision={decision} answerer={answerer} />
      {decision.counterfactual && (
        <p className="mt-2 text-muted-foreground">
          <InlineCode text={decision.counterfactual} />.
        </p>
      )}
      <Rejected decision={decision} />
    </LifeStep>
  );
}

/** True when the request left the gate no choice. */
function isNamed({ model }: Turn): boolean {
  return !model.startsWith('auto') && !model.startsWith('knowledge:');
}

function Candidates({
  decision,
  answerer,
}: {
  readonly decision: RouteDecision;
  /** Who was asked at last, where an answer did not pass. */
  readonly answerer: string | undefined;
}) {
  const { candidates, promise } = decision;
  return (
    <div className="mt-3 space-y-2">
      {candidates
        .toSorted((a, b) => b.probability - a.probability)
        .map((candidate) => (
          <Bar
            key={candidate.spoke}
            candidate={candidate}
            role={roleOf(candidate.spoke, decision, answerer)}
            promise={promise}
          />
        ))}
      <p className="text-xs text-muted-foreground">
        Probability of a right answer and expected time; the line is the promise,{' '}
        {formatShare(promise)}.
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
  readonly promise: number;
}) {
  const { spoke, probability, latencyMs, resident } = candidate;
  const isTaken = role === 'chosen' || role === 'asked next';
  return (
    <div data-testid={role === 'runner-up' ? 'runner-up' : undefined}>
      <div className="flex justify-between gap-2">
        <span>
          <span className={isTaken ? 'font-medium' : ''}>{spoke}</span>{' '}
          {role && <span className="text-muted-foreground">{role}</span>}
        </span>
        <span
          className="shrink-0 text-muted-foreground tabular-nums"
          title={resident ? 'the model is in memory' : 'with the time to load the model'}
        >
          {formatProbability(probability)} · {formatMs(latencyMs)}
        </span>
      </div>
      <div className="relative mt-1 h-1.5 rounded bg-muted">
        <div
          className={`h-full rounded ${isTaken ? 'bg-primary' : 'bg-muted-foreground/60'}`}
          style={{ width: `${probability * 100}%` }}
        />
        <div
          className="absolute -top-1 h-3.5 w-0.5 bg-foreground"
          style={{ left: `${Math.min(1, promise) * 100}%` }}
        />
      </div>
    </div>
  );
}

function Rejected({ decision }: { readonly decision: RouteDecision }) {
  const { rejected, tasks } = decision;
  if (rejected.length === 0) return null;
  return (
    <details className="mt-2">
      <summary className="text-muted-foreground hover:text-primary">
        {formatPlural(rejected.length, 'spoke')} could not serve this
      </summary>
      <ul className="mt-1.5 space-y-1 text-muted-foreground">
        {rejected.map(({ id, reason }) => (
          <li key={id}>
            <span className="font-medium text-foreground">{id}</span> <InlineCode text={reason} />
          </li>
        ))}
      </ul>
      {tasks.length > 0 && (
        <p className="mt-2 text-muted-foreground">
          What the question looks like:{' '}
          {tasks.map((one) => `${one.task} ${formatShare(one.probability)}`).join(', ')}.
        </p>
      )}
    </details>
  );
}

export function LifeEscalation({ turn }: { readonly turn: Turn }) {
  const escalations = eventsOf(turn, 'route-escalated');
  if (escalations.length === 0) return null;
  return (
    <LifeStep
      title="Escalation"
      hint="An answer did not pass, so the next spoke was asked. Nothing of the first one was shown."
      at={momentOf(turn, 'route-escalated')}
      tone="caution"
    >
      <ul className="space-y-1" data-testid="escalation">
        {escalations.map((event) => (
          <li key={`${event.from} ${event.to}`}>
            <span className="font-medium">
              {event.from} → {event.to}
            </span>{' '}
            <span className="text-muted-foreground">
              <InlineCode text={event.reason} />
            </span>
          </li>
        ))}
      </ul>
    </LifeStep>
  );
}
