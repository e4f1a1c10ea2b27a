import type { CheckResult } from '../../src/core/decision.ts';
import { LifeStep } from './life-step.tsx';
import { eventOf, momentOf, type Turn } from './turn.ts';

const NAMES: Readonly<Record<CheckResult['check'], string>> = {
  truncation: 'Complete',
  refusal: 'No refusal',
  repetition: 'No repetition',
  schema: 'Fits the schema',
  arithmetic: 'Arithmetic',
  'tool-call': 'Tool call',
  numbers: 'Numbers',
  names: 'Names',
  support: 'Supported by a source',
  confidence: 'Confidence of the model',
  answerable: 'Answerable',
};

export function LifeChecks({ turn }: { readonly turn: Turn }) {
  const seen: readonly CheckResult[] = turn.events.flatMap(({ event }) =>
    event.type === 'check-passed' || event.type === 'check-failed' ? [event.result] : [],
  );
  const checks = seen.length > 0 ? seen : (turn.receipt?.checks ?? []);
  if (checks.length === 0) return null;
  return (
    <LifeStep
      title="Checks"
      hint="What was verified about the answer. A checked answer is shown sentence by sentence, each after its own checks."
      at={momentOf(turn, 'check-passed', 'check-failed')}
      tone={checks.every((check) => check.passed) ? 'good' : 'caution'}
    >
      <ul className="space-y-1.5" data-testid="checks">
        {checks.map((check, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: checks are only ever appended
          <Check key={index} check={check} />
        ))}
      </ul>
    </LifeStep>
  );
}

function Check({ check }: { readonly check: CheckResult }) {
  return (
    <li className="grid grid-cols-[1.25rem_1fr] gap-x-1">
      <span className={check.passed ? 'text-good' : 'text-bad'}>
        {check.passed ? '✓' : '✗'}
        <span className="sr-only">{check.passed ? 'passed' : 'failed'}</span>
      </span>
      <span className="wrap-anywhere">
        <span className="font-medium">{NAMES[check.check]}</span>{' '}
        <span className="text-muted-foreground">{check.detail}</span>
      </span>
    </li>
  );
}

export function LifeDeclined({ turn }: { readonly turn: Turn }) {
  const abstention = eventOf(turn, 'answer-abstained')?.abstention;
  if (!abstention) return null;
  return (
    <LifeStep
      title="Declined"
      hint="No spoke had an answer that passed. Saying so is better than a guess."
      at={momentOf(turn, 'answer-abstained')}
      tone="caution"
    >
      <p className="text-muted-foreground">{abstention.reason}</p>
    </LifeStep>
  );
}
