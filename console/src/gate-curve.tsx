import { useState } from 'react';
import type { GateStatus } from '../../src/core/gate-report.ts';
import { curvePath } from './farm-api.ts';

/** The cost–quality curve of the gate in force, or of the newest one. */
export function GateCurve({ gate: { version, versions } }: { readonly gate: GateStatus }) {
  const [picked, setPicked] = useState<number>();
  const [missing, setMissing] = useState<number>();
  const shown = picked ?? (version > 0 ? version : versions.at(-1)?.version);
  const report = versions.find((one) => one.version === shown)?.report;
  if (shown === undefined) return null;
  return (
    <figure className="rounded-lg border border-border bg-card p-4">
      <figcaption className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">Cost and quality of gate {shown}</h2>
        {versions.length > 1 && (
          <label className="flex items-center gap-2 text-sm text-muted-foreground">
            Show
            <select
              value={shown}
              onChange={(event) => setPicked(Number(event.target.value))}
              className="rounded-md border border-input bg-card px-2 py-1 text-foreground"
            >
              {versions.map((one) => (
                <option key={one.version} value={one.version}>
                  gate {one.version}
                </option>
              ))}
            </select>
          </label>
        )}
      </figcaption>
      {missing === shown ? (
        <p className="mt-2 text-sm text-caution">The picture of this gate is damaged or missing.</p>
      ) : (
        <img
          src={curvePath(shown)}
          onError={() => setMissing(shown)}
          alt={`Share of right answers over cost on held-out requests. ${report?.words ?? ''}`}
          className="mx-auto mt-3 aspect-[720/440] w-full max-w-2xl"
        />
      )}
      <p className="mt-2 text-xs text-muted-foreground">
        On requests that the gate had not seen: each point of the line is a threshold, each dot one
        model for everything. Up and to the left is better.
      </p>
    </figure>
  );
}
