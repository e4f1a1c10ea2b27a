import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { GateStatus } from '../../src/core/gate-report.ts';
import { FailureNote } from './failure-note.tsx';
import { loadGate } from './farm-api.ts';
import { GateCurve } from './gate-curve.tsx';
import { GateList } from './gate-list.tsx';
import { GatePromise } from './gate-promise.tsx';
import { GateQuestion } from './gate-question.tsx';
import { GateShadow } from './gate-shadow.tsx';
import { PageFrame } from './page-frame.tsx';

const REFRESH_MS = 10_000;

/** Which gate decides, what it promises, the others, and what it would do with a request. */
export function GatePage() {
  const client = useQueryClient();
  const { data: gate, error } = useQuery({
    queryKey: ['gate'],
    queryFn: loadGate,
    refetchInterval: REFRESH_MS,
  });
  const onChange = (next: GateStatus) => client.setQueryData(['gate'], next);
  return (
    <PageFrame
      title="Gate"
      about="Who answers what is asked as auto. A fitted gate has learned from your own graded requests which model is right where, and its certificate says how little is lost by asking the cheaper ones."
    >
      <FailureNote error={error} />
      {!gate && !error && <p className="text-muted-foreground">Looking at the gate …</p>}
      {gate && <GatePromise gate={gate} />}
      <GateQuestion version={gate?.version} />
      {gate && <GateShadow />}
      {gate && gate.versions.length > 0 && (
        <>
          <GateList gate={gate} onChange={onChange} />
          <GateCurve gate={gate} />
        </>
      )}
    </PageFrame>
  );
}
