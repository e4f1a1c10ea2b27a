import type { CheckResult } from '../../src/core/decision.ts';
import { InlineCode } from './inline-code.tsx';
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
  code: 'Code can be parsed',
  copied: 'Values copied from the text',
  'given-text': 'Said by the given text',
  demands: 'As ordered',
  kept: 'Names and numbers kept',
  agreement: 'A second opinion',
};

interface SpokeChecks {
  readonly spoke: string;
  readonly checks: readonly CheckResult[];
}

/** The checks of each spoke that tried, in order. */
function checksBySpoke(turn: Turn): readonly SpokeChecks[] {
  let spoke = eventOf(turn, 'route-decided')?.decision.spoke ?? '';
  const groups = new Map<string, CheckResult[]>();
  for (const { event } of turn.events) {
    if (event.type === 'route-escalated') spoke = event.to;
    if (event.type !== 'check-passed' && event.type !== 'check-failed') continue;
    const checks = groups.get(spoke) ?? [];
    checks.push(event.result);
    groups.set(spoke, checks);
  }
  if (groups.size > 0) return [...groups].map(([name, checks]) => ({ spoke: name, checks }));
  const kept = turn.receipt?.checks ?? [];
  return kept.length > 0 ? [{ spoke, checks: kept }] : [];
}

export function LifeChecks({ turn }: { readonly turn: Turn }) {
  const groups = checksBySpoke(turn);
  const last = groups.at(-1);
  if (last === undefined) return null;
  return (
    <LifeStep
      title="Checks"
      hint="What was verified about the answer. A checked answer is shown sentence by sentence, each after its own checks."
      at={momentOf(turn, 'check-passed', 'check-failed')}
      tone={last.checks.every((check) => check.passed) ? 'good' : 'caution'}
    >
      <div className="space-y-3" data-testid="checks">
        {groups.map((group) => (
          <div key={group.spoke}>
            {groups.length > 1 && <p className="mb-1 font-semibold">{group.spoke}</p>}
            <ul className="space-y-1.5">
              {group.checks.map((check, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: checks are only ever appended
                <Check key={index} check={check} />
              ))}
            </ul>
          </div>
        ))}
      </div>
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
        <span className="text-muted-foreground">
          <InlineCode text={check.detail} />
        </span>
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
