import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { TrainingStanding } from '../../src/core/training-job.ts';
import { messageOf } from './api.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { formatAge } from './format.ts';
import { cancelTrainingJob, loadTrainingJobs } from './specialists-api.ts';

interface Props {
  readonly isOperator: boolean;
  /** A job that was seen running is over. */
  readonly onEnd: () => void;
}

const OPEN_MS = 1_000;
const IDLE_MS = 5_000;
/** Jobs that are over and still shown. */
const OVER_SHOWN = 5;

/** Training jobs that run or wait, with what each said last; and the last ones that are over. */
export function TrainingJobList({ isOperator, onEnd }: Props) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string>();
  const { data: jobs = [] } = useQuery({
    queryKey: ['training-jobs'],
    queryFn: loadTrainingJobs,
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? OPEN_MS : IDLE_MS),
  });
  const open = jobs.filter(isOpen);
  const openBefore = useRef(0);
  useEffect(() => {
    if (open.length < openBefore.current) onEnd();
    openBefore.current = open.length;
  }, [open.length, onEnd]);
  if (jobs.length === 0) return null;
  const cancel = (id: string) => {
    setProblem(undefined);
    void cancelTrainingJob(id)
      .catch((error: unknown) => setProblem(messageOf(error)))
      .finally(() => void client.invalidateQueries({ queryKey: ['training-jobs'] }));
  };
  const over = jobs.filter((job) => !isOpen(job)).slice(0, OVER_SHOWN);
  return (
    <section data-testid="training-jobs">
      <h2 className="font-semibold">Training</h2>
      {problem && (
        <p role="alert" className="mt-2 text-sm wrap-anywhere text-bad">
          {problem}
        </p>
      )}
      <ul className="mt-3 space-y-2" aria-label="Training jobs">
        {[...open, ...over].map((job) => (
          <Job key={job.id} job={job} {...(isOperator ? { onCancel: cancel } : {})} />
        ))}
      </ul>
    </section>
  );
}

function isOpen({ status }: TrainingStanding): boolean {
  return status === 'queued' || status === 'running' || status === 'paused';
}

function Job({
  job,
  onCancel,
}: {
  readonly job: TrainingStanding;
  readonly onCancel?: (id: string) => void;
}) {
  const { id, name, status, last, result, error, times, createdAt } = job;
  const at = times[status] ?? createdAt;
  return (
    <li
      className="flex items-start justify-between gap-3 rounded-lg border border-border bg-card px-4 py-3"
      data-testid={`job-${id}`}
      data-status={status}
    >
      <div className="min-w-0 text-sm">
        <p>
          <strong className="wrap-anywhere">{result ?? name}</strong>{' '}
          <span className="text-muted-foreground">
            {status}, {formatAge(at)}
          </span>
        </p>
        {isOpen(job) && last && <p className="mt-0.5 wrap-anywhere">{last.message}</p>}
        {error && <p className="mt-0.5 wrap-anywhere text-bad">{error.message}</p>}
        <Progress job={job} />
      </div>
      {isOpen(job) && onCancel && (
        <ConfirmButton
          label="Cancel job"
          title={`Cancel the training of ${name}?`}
          words="What it has done so far is lost. The version that serves now goes on serving."
          onConfirm={() => onCancel(id)}
        />
      )}
    </li>
  );
}

/** Only what is counted has a bar: a rung of the ladder does not know how long it takes. */
function Progress({ job: { last, name } }: { readonly job: TrainingStanding }) {
  const [done, total] = [last?.data['done'], last?.data['total']];
  if (typeof done !== 'number' || typeof total !== 'number' || total <= 0) return null;
  const percent = Math.round((100 * done) / total);
  return (
    <div
      className="mt-2 h-1.5 w-60 max-w-full rounded bg-muted"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-label={`training ${name}`}
    >
      <div className="h-full rounded bg-primary" style={{ width: `${percent}%` }} />
    </div>
  );
}
