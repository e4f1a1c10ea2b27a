import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { SpecialistLineage } from '../../src/core/specialist.ts';
import { type DeviceState, serveOnDevice } from './device-spoke.ts';
import { FailureNote } from './failure-note.tsx';
import { formatBytes } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { PageFrame } from './page-frame.tsx';
import { loadSpecialists } from './specialists-api.ts';

/** Lets this tab run a specialist for requests of whoever has it open. */
export function DevicePage() {
  const { data, error } = useQuery({ queryKey: ['specialists'], queryFn: loadSpecialists });
  const [state, setState] = useState<DeviceState>({ phase: 'off' });
  const [chosen, setChosen] = useState<string>();
  const leave = useRef<() => void>(() => undefined);
  useEffect(() => () => leave.current(), []);
  const names = (data ?? []).filter(isRunnable).map((one) => one.name);
  const name = chosen ?? names[0];
  const isOff = state.phase === 'off';
  return (
    <PageFrame
      title="This device"
      about="This tab can run a specialist of the farm. Its model comes over once; texts that you send to such a spoke are then sorted by this machine. The farm gives them to nobody’s tab but yours, and goes on without it when you close it."
      isNarrow
    >
      <FailureNote error={error} />
      {data && names.length === 0 && (
        <p className="text-sm">
          There is no specialist yet that sorts texts.{' '}
          <InlineCode text="`npx cadre train intents --data rows.csv --name triage`" /> makes one.
        </p>
      )}
      {name !== undefined && (
        <form
          className="flex flex-wrap items-center gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (isOff) leave.current = serveOnDevice(name, setState);
            else leave.current();
          }}
        >
          <label className="flex items-center gap-2 text-sm">
            Specialist
            <select
              value={name}
              disabled={!isOff}
              onChange={(event) => setChosen(event.target.value)}
              className="rounded-md border border-input bg-background px-2 py-1"
            >
              {names.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <button
            type="submit"
            className="rounded-md border border-input px-3 py-1 text-sm hover:border-primary"
          >
            {isOff ? 'Serve from this tab' : 'Leave'}
          </button>
        </form>
      )}
      <Standing state={state} />
      {name !== undefined && <Hint name={name} />}
    </PageFrame>
  );
}

function isRunnable({ live, versions }: SpecialistLineage): boolean {
  return versions.some(({ manifest }) => manifest.version === live && manifest.kind === 'intents');
}

function Standing({ state }: { readonly state: DeviceState }) {
  if (state.phase === 'joining') return <p className="text-sm">Getting the model …</p>;
  if (state.phase === 'off') return <FailureNote error={state.reason} />;
  const { labels, accuracy, bytes, answers, lastMs } = state;
  return (
    <p className="text-sm" data-testid="device-standing">
      Serving: {labels.length} labels, {formatBytes(bytes)}, {(accuracy * 100).toFixed(1)} % right
      on rows that it had not seen (without sentence vectors, which a tab does not have). {answers}{' '}
      answered{lastMs === undefined ? '' : `, the last in ${lastMs.toFixed(1)} ms`}.
    </p>
  );
}

function Hint({ name }: { readonly name: string }) {
  return (
    <p className="text-sm text-muted-foreground">
      In <InlineCode text="`cadre.yaml`" />, a spoke that tabs serve:{' '}
      <InlineCode text={`\`{ id: ${name}-here, kind: classifier, model: device/${name} }\``} />
    </p>
  );
}
