import { useQuery, useQueryClient } from '@tanstack/react-query';
import { FailureNote } from './failure-note.tsx';
import { InlineCode } from './inline-code.tsx';
import { LabelPage } from './label-page.tsx';
import type { Place } from './page.ts';
import { PageFrame } from './page-frame.tsx';
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
    <PageFrame
      title="Specialists"
      about="Small models that this farm made from examples. Each version keeps what it was made from, how right it was, and who put it in service or took it out, and why."
    >
      <FailureNote error={error} />
      <TrainingJobList isOperator={isOperator} onEnd={refresh} />
      {!specialists && !error && <p className="text-muted-foreground">Looking for specialists …</p>}
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
    </PageFrame>
  );
}
