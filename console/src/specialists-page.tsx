import { useQuery, useQueryClient } from '@tanstack/react-query';
import { messageOf } from './api.ts';
import { InlineCode } from './inline-code.tsx';
import { LabelPage } from './label-page.tsx';
import type { Place } from './page.ts';
import { SpecialistCard } from './specialist-card.tsx';
import { loadSpecialists } from './specialists-api.ts';
import { TrainingJobList } from './training-job-list.tsx';

const REFRESH_MS = 5_000;

interface Props {
  readonly place: Place;
  readonly isOperator: boolean;
}

/** The specialists, or the rows that teach one of them most. */
export function SpecialistsPage({ place, isOperator }: Props) {
  const labelled = place.query.get('label');
  if (labelled !== null && isOperator) return <LabelPage key={labelled} name={labelled} />;
  return <SpecialistList isOperator={isOperator} />;
}

/** What the farm made from examples: which version serves, where it came from, what is being trained. */
function SpecialistList({ isOperator }: Pick<Props, 'isOperator'>) {
  const client = useQueryClient();
  const { data: specialists, error } = useQuery({
    queryKey: ['specialists'],
    queryFn: loadSpecialists,
    refetchInterval: REFRESH_MS,
  });
  const refresh = () => void client.invalidateQueries({ queryKey: ['specialists'] });
  return (
    <div className="h-full overflow-y-auto px-4 py-6 sm:px-6">
      <div className="mx-auto max-w-5xl space-y-6">
        <div>
          <h1 className="text-xl font-semibold">Specialists</h1>
          <p className="mt-1 max-w-2xl text-sm text-pretty text-muted-foreground">
            Small models that this farm made from examples. Each version keeps what it was made
            from, how right it was, and who put it in service or took it out, and why.
          </p>
        </div>
        {error && (
          <p role="alert" className="rounded-lg bg-bad-soft px-4 py-2 text-sm text-bad">
            <InlineCode text={messageOf(error)} />
          </p>
        )}
        <TrainingJobList isOperator={isOperator} onEnd={refresh} />
        {!specialists && !error && (
          <p className="text-muted-foreground">Looking for specialists …</p>
        )}
        {specialists?.length === 0 && (
          <p className="text-sm" data-testid="no-specialists">
            There is none yet.{' '}
            <InlineCode text="`npx cadre train intents --data rows.csv --name triage`" /> makes one
            from a table of texts and labels.
          </p>
        )}
        {specialists?.map((lineage) => (
          <SpecialistCard
            key={lineage.name}
            lineage={lineage}
            isOperator={isOperator}
            onChange={refresh}
          />
        ))}
      </div>
    </div>
  );
}
