import type { CertifiedPromise, RouteDecision } from '../../src/core/decision.ts';
import { featureWords } from '../../src/core/feature-words.ts';
import { CandidateBars } from './candidate-bars.tsx';
import { formatPercent, formatPlural, formatShare } from './format.ts';
import { InlineCode } from './inline-code.tsx';

interface Props {
  readonly decision: RouteDecision;
  /** Who was asked at last, where an answer did not pass. */
  readonly answerer?: string | undefined;
}

/** Why a spoke was chosen, what else could have been, and what it would have taken. */
export function DecisionParts({ decision, answerer }: Props) {
  const { reasons, certified, counterfactual, cascade } = decision;
  return (
    <>
      <ul className="mt-1 list-disc space-y-0.5 pl-4 text-muted-foreground">
        {reasons.map((reason) => (
          <li key={reason}>
            <InlineCode text={reason} />
          </li>
        ))}
      </ul>
      {certified && <Bound certified={certified} />}
      <CandidateBars decision={decision} answerer={answerer} />
      {counterfactual && (
        <p className="mt-2 text-muted-foreground" data-testid="counterfactual">
          <InlineCode text={counterfactual} />.
        </p>
      )}
      {cascade.length > 0 && (
        <p className="mt-2 text-muted-foreground">
          If its answer does not pass the checks: {cascade.join(', then ')}.
        </p>
      )}
      <Tasks decision={decision} />
      <Rejected decision={decision} />
    </>
  );
}

function Bound({ certified }: { readonly certified: CertifiedPromise }) {
  const { reference, alpha, delta, expectedLoss, threshold } = certified;
  return (
    <dl className="mt-3 grid grid-cols-3 gap-2" data-testid="bound">
      {[
        [
          'Promised loss',
          `≤ ${formatPercent(alpha)}`,
          `of ${reference}, ${formatPercent(1 - delta)} sure`,
        ],
        ['Expected here', formatPercent(expectedLoss), 'by the chosen spoke'],
        [
          'Limit here',
          threshold === undefined ? 'none' : formatPercent(Math.max(0, threshold)),
          threshold === undefined ? `${reference} alone` : 'for a cheaper spoke',
        ],
      ].map(([name, value, unit]) => (
        <div key={name} className="min-w-0 rounded-md bg-muted px-2 py-1.5">
          <dt className="text-xs text-muted-foreground">{name}</dt>
          <dd className="font-medium tabular-nums">
            {value}
            <span className="block text-xs font-normal wrap-anywhere text-muted-foreground">
              {unit}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Tasks({ decision: { tasks, telling = [], features } }: Props) {
  if (tasks.length === 0) return null;
  const seen = featureWords(features);
  return (
    <p className="mt-2 text-muted-foreground" data-testid="tasks">
      What the question looks like:{' '}
      {tasks
        .slice(0, 5)
        .map((one) => `${one.task} ${formatShare(one.probability)}`)
        .join(', ')}
      .{telling.length > 0 && ` Told by ${telling.map((one) => `“${one.word}”`).join(', ')}.`}
      {seen.length > 0 && ` Seen: ${seen.join(', ')}.`}
    </p>
  );
}

function Rejected({ decision: { rejected } }: Props) {
  if (rejected.length === 0) return null;
  return (
    <details className="mt-2" data-testid="rejected">
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
    </details>
  );
}
