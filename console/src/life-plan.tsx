import { useQuery } from '@tanstack/react-query';
import type { PlanStep } from '../../src/core/events.ts';
import { loadReceipt } from './farm-api.ts';
import { formatMs } from './format.ts';
import { LifeStep } from './life-step.tsx';
import { useElapsed } from './now.ts';
import { eventOf, eventsOf, momentOf, type Turn } from './turn.ts';

export function LifePlan({ turn }: { readonly turn: Turn }) {
  const plan = eventOf(turn, 'plan-made');
  if (!plan) return null;
  return (
    <LifeStep
      title="Plan"
      hint="The hub splits the question into steps. Each step is a request of its own, with its own route and receipt."
      at={momentOf(turn, 'plan-made')}
      active={turn.state === 'running'}
    >
      <ol className="space-y-3" data-testid="plan">
        {plan.steps.map((step) => (
          <Step key={step.id} step={step} turn={turn} />
        ))}
      </ol>
    </LifeStep>
  );
}

function Step({ step, turn }: { readonly step: PlanStep; readonly turn: Turn }) {
  const started = turn.events.find(
    ({ event }) => event.type === 'step-started' && event.step === step.id,
  );
  const ended = eventsOf(turn, 'step-ended').find((event) => event.step === step.id);
  const running = started !== undefined && ended === undefined && turn.state === 'running';
  return (
    <li className="grid grid-cols-[1.25rem_1fr] gap-x-1">
      <span className={ended ? 'text-good' : 'text-muted-foreground'}>
        {ended ? '✓' : running ? '…' : '○'}
        <span className="sr-only">{ended ? 'done' : running ? 'running' : 'waiting'}</span>
      </span>
      <div className="min-w-0">
        <p className="wrap-anywhere">{step.instruction || `Step ${step.id}`}</p>
        <p className="text-xs text-muted-foreground">
          {ended ? (
            <Outcome receipt={ended.receipt} />
          ) : running ? (
            <Running since={turn.startedAt + (started.ms ?? 0)} />
          ) : (
            `waits${step.after.length > 0 ? ` for step ${step.after.join(' and ')}` : ''}`
          )}
        </p>
        {ended && ended.text !== '' && (
          <details className="mt-1">
            <summary className="text-xs text-muted-foreground hover:text-primary">
              What it answered
            </summary>
            <p className="mt-1 max-h-48 overflow-y-auto rounded bg-muted p-2 text-xs wrap-anywhere whitespace-pre-wrap">
              {ended.text}
            </p>
          </details>
        )}
      </div>
    </li>
  );
}

function Running({ since }: { readonly since: number }) {
  return <>at work for {formatMs(useElapsed(since, true))}</>;
}

/** Who answered a step, from the step's own receipt. */
function Outcome({ receipt }: { readonly receipt: string }) {
  const found = useQuery({
    queryKey: ['receipt', receipt],
    queryFn: () => loadReceipt(receipt),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const step = found.data?.receipt;
  if (!step) return <>done</>;
  const spoke = step.attempts.at(-1)?.spoke ?? step.route?.spoke ?? '';
  const tokens = step.usage.promptTokens + step.usage.completionTokens;
  return (
    <>
      {step.outcome} by <span className="font-medium text-foreground">{spoke}</span> in{' '}
      {formatMs(step.totalMs)}, {tokens} tokens
    </>
  );
}
