import type { RouteDecision } from '../../src/core/decision.ts';
import { DecisionParts } from './decision-parts.tsx';
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
    <LifeStep title="Route" hint={hintOf(turn, decision)} at={momentOf(turn, 'route-decided')}>
      <p className="text-lg font-semibold text-primary" data-testid="route">
        {decision.spoke}
        {answerer !== undefined && ` → ${answerer}`}
      </p>
      <DecisionParts decision={decision} answerer={answerer} />
    </LifeStep>
  );
}

function hintOf(turn: Turn, { certified }: RouteDecision): string {
  if (isNamed(turn)) return 'The question named who answers; the gate only says what it expects.';
  return certified === undefined
    ? 'The gate estimates how probable a right answer of each spoke is, and takes the cheapest one that reaches the promised quality.'
    : 'The gate estimates what each cheaper spoke would lose, and takes the cheapest one by which it keeps its certified promise.';
}

/** True when the request left the gate no choice. */
function isNamed({ model }: Turn): boolean {
  return !model.startsWith('auto') && !model.startsWith('knowledge:');
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
