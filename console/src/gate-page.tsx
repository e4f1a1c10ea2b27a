import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { GateStatus } from '../../src/core/gate-report.ts';
import { messageOf } from './api.ts';
import { loadGate } from './farm-api.ts';
import { GateCurve } from './gate-curve.tsx';
import { GateList } from './gate-list.tsx';
import { GatePromise } from './gate-promise.tsx';
import { GateQuestion } from './gate-question.tsx';
import { GateShadow } from './gate-shadow.tsx';
import { InlineCode } from './inline-code.tsx';

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
    <div className="h-full overflow-y-auto px-4 py-6 sm:px-6">
      <div className="mx-auto max-w-5xl space-y-6">
        <div>
          <h1 className="text-xl font-semibold">Gate</h1>
          <p className="mt-1 max-w-2xl text-sm text-pretty text-muted-foreground">
            Who answers what is asked as auto. A fitted gate has learned from your own graded
            requests which model is right where, and its certificate says how little is lost by
            asking the cheaper ones.
          </p>
        </div>
        {error && (
          <p role="alert" className="rounded-lg bg-bad-soft px-4 py-2 text-sm text-bad">
            <InlineCode text={messageOf(error)} />
          </p>
        )}
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
      </div>
    </div>
  );
}
