import type { ReactNode } from 'react';
import type { Candidate, CheckResult } from '../../src/core/decision.ts';
import { formatDollars, formatMs, formatPlace } from './format.ts';
import { eventOf, eventsOf, receiptOf, type Turn } from './turn.ts';

/** The life of one request as it happens: label, route, sources, checks, escalation, cost. */
export function LifePanel({ turn }: { readonly turn: Turn }) {
  return (
    <div className="space-y-6 text-sm" data-testid="life">
      <Policy turn={turn} />
      <Route turn={turn} />
      <Plan turn={turn} />
      <Sources turn={turn} />
      <Checks turn={turn} />
      <Ending turn={turn} />
    </div>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 text-xs font-semibold tracking-wide text-stone-500 uppercase">{title}</h2>
      {children}
    </section>
  );
}

function Policy({ turn }: { readonly turn: Turn }) {
  const judged = eventOf(turn, 'policy-judged');
  if (!judged) return null;
  return (
    <Section title="Policy">
      <p>
        <span className="rounded bg-stone-200 px-1.5 py-0.5 font-medium dark:bg-stone-800">
          {judged.verdict.label}
        </span>{' '}
        {judged.verdict.labelReasons.join('; ')}
      </p>
    </Section>
  );
}

function Route({ turn }: { readonly turn: Turn }) {
  const decided = eventOf(turn, 'route-decided');
  if (!decided) return null;
  const { decision } = decided;
  const escalations = eventsOf(turn, 'route-escalated');
  return (
    <Section title="Route">
      <p className="text-base font-semibold text-teal-700 dark:text-teal-400" data-testid="route">
        {decision.spoke}
      </p>
      <ul className="list-disc pl-4 text-stone-600 dark:text-stone-400">
        {decision.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <div className="mt-3 space-y-1.5">
        {decision.candidates
          .toSorted((a, b) => b.probability - a.probability)
          .map((candidate) => (
            <CandidateBar
              key={candidate.spoke}
              candidate={candidate}
              chosen={candidate.spoke === decision.spoke}
              runnerUp={candidate.spoke === decision.runnerUp?.spoke}
              promise={decision.promise}
            />
          ))}
      </div>
      {decision.counterfactual && <p className="mt-2 text-stone-500">{decision.counterfactual}</p>}
      {escalations.map((event) => (
        <p
          key={`${event.from}-${event.to}`}
          className="mt-2 rounded border border-amber-300 bg-amber-50 px-2 py-1 dark:border-amber-800 dark:bg-amber-950"
        >
          {event.from} → {event.to}: {event.reason}
        </p>
      ))}
      {decision.rejected.length > 0 && (
        <details className="mt-2 text-stone-500">
          <summary className="cursor-pointer">{decision.rejected.length} rejected</summary>
          <ul className="mt-1 space-y-0.5">
            {decision.rejected.map((rejection) => (
              <li key={rejection.id}>
                <span className="font-medium">{rejection.id}</span> {rejection.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

function CandidateBar({
  candidate,
  chosen,
  runnerUp,
  promise,
}: {
  readonly candidate: Candidate;
  readonly chosen: boolean;
  readonly runnerUp: boolean;
  readonly promise: number;
}) {
  return (
    <div>
      <div className="flex justify-between">
        <span className={chosen ? 'font-medium' : 'text-stone-500'}>
          {candidate.spoke}
          {runnerUp ? ' (runner-up)' : ''}
        </span>
        <span className="text-stone-500 tabular-nums">
          {Math.round(candidate.probability * 100)} % · {formatMs(candidate.latencyMs)}
        </span>
      </div>
      <div className="relative h-1.5 rounded bg-stone-200 dark:bg-stone-800">
        <div
          className={`h-full rounded ${chosen ? 'bg-teal-600' : 'bg-stone-400 dark:bg-stone-600'}`}
          style={{ width: `${candidate.probability * 100}%` }}
        />
        <div
          className="absolute -top-0.5 h-2.5 w-px bg-stone-900 dark:bg-stone-100"
          style={{ left: `${Math.min(1, promise) * 100}%` }}
          title={`promise ${promise}`}
        />
      </div>
    </div>
  );
}

function Plan({ turn }: { readonly turn: Turn }) {
  const plan = eventOf(turn, 'plan-made');
  if (!plan) return null;
  const started = new Set(eventsOf(turn, 'step-started').map((event) => event.step));
  const ended = new Set(eventsOf(turn, 'step-ended').map((event) => event.step));
  return (
    <Section title="Plan">
      <ol className="space-y-1">
        {plan.steps.map((step) => (
          <li key={step.id}>
            {ended.has(step.id) ? '✓' : started.has(step.id) ? '…' : '○'}{' '}
            <span className="font-medium">{step.model}</span> {step.instruction}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Sources({ turn }: { readonly turn: Turn }) {
  const sources = eventsOf(turn, 'source-found');
  if (sources.length === 0) return null;
  const cited = new Set(turn.citations.map((citation) => citation.sentence.number));
  return (
    <Section title="Sources">
      <div className="space-y-3">
        {sources.map(({ passage }) => (
          <div key={passage.chunkId}>
            <p className="font-medium">
              {passage.sentences[0] && formatPlace(passage.sentences[0])}{' '}
              <span className="font-normal text-stone-500 tabular-nums">
                {passage.score.toFixed(2)}
              </span>
            </p>
            <p className="text-stone-600 dark:text-stone-400">
              {passage.sentences.map((sentence) =>
                cited.has(sentence.number) ? (
                  <mark
                    key={sentence.number}
                    className="rounded bg-teal-200 text-teal-950 dark:bg-teal-800 dark:text-teal-50"
                  >
                    [{sentence.number}] {sentence.text}{' '}
                  </mark>
                ) : (
                  <span key={sentence.number}>
                    [{sentence.number}] {sentence.text}{' '}
                  </span>
                ),
              )}
            </p>
          </div>
        ))}
      </div>
    </Section>
  );
}

function Checks({ turn }: { readonly turn: Turn }) {
  const checks: CheckResult[] = turn.events.flatMap((event) =>
    event.type === 'check-passed' || event.type === 'check-failed' ? [event.result] : [],
  );
  if (checks.length === 0) return null;
  return (
    <Section title="Checks">
      <ul className="space-y-1">
        {checks.map((check, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: checks are only ever appended
          <li key={index} className="flex gap-2">
            <span
              className={
                check.passed ? 'text-teal-700 dark:text-teal-400' : 'text-red-700 dark:text-red-400'
              }
            >
              {check.passed ? '✓' : '✗'}
            </span>
            <span>
              <span className="font-medium">{check.check}</span>{' '}
              <span className="text-stone-500">{check.detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Ending({ turn }: { readonly turn: Turn }) {
  const receipt = receiptOf(turn);
  if (!receipt) return null;
  const total = Math.max(1, ...receipt.stages.map((stage) => stage.ms));
  return (
    <Section title="Receipt">
      <div className="space-y-1">
        {receipt.stages.map((stage) => (
          <div key={stage.stage} className="grid grid-cols-[4rem_1fr_4rem] items-center gap-2">
            <span className="text-stone-500">{stage.stage}</span>
            <div
              className="h-1.5 rounded bg-stone-300 dark:bg-stone-700"
              style={{ width: `${(stage.ms / total) * 100}%` }}
            />
            <span className="text-right text-stone-500 tabular-nums">{formatMs(stage.ms)}</span>
          </div>
        ))}
      </div>
      <dl className="mt-3 grid grid-cols-2 gap-y-1">
        <dt className="text-stone-500">Cost</dt>
        <dd data-testid="cost">{formatDollars(receipt.cost.total)}</dd>
        <dt className="text-stone-500">{receipt.cost.referenceName}</dt>
        <dd>{formatDollars(receipt.cost.reference)}</dd>
        <dt className="text-stone-500">Energy</dt>
        <dd>
          {receipt.energy.joules.toFixed(1)} J ({receipt.energy.tier})
        </dd>
        <dt className="text-stone-500">First token</dt>
        <dd>{receipt.firstTokenMs === undefined ? '–' : formatMs(receipt.firstTokenMs)}</dd>
        {receipt.confidence !== undefined && (
          <>
            <dt className="text-stone-500">P(right)</dt>
            <dd>{Math.round(receipt.confidence * 100)} %</dd>
          </>
        )}
      </dl>
      <p className="mt-2 font-mono text-xs text-stone-500">{receipt.id}</p>
    </Section>
  );
}
