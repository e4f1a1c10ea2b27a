import { useState } from 'react';
import type { GateStatus, GateVersion } from '../../src/core/gate-report.ts';
import { messageOf } from './api.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { chooseGate, rollbackGate } from './farm-api.ts';
import { formatDay, formatPercent } from './format.ts';
import { InlineCode } from './inline-code.tsx';

interface Props {
  readonly gate: GateStatus;
  readonly onChange: (gate: GateStatus) => void;
}

/** All gates of the home, newest first, with the buttons that put another one in force. */
export function GateList({ gate, onChange }: Props) {
  const [problem, setProblem] = useState<string>();
  const change = (work: () => Promise<GateStatus>) => {
    setProblem(undefined);
    void work().then(onChange, (error: unknown) => setProblem(messageOf(error)));
  };
  const { version, versions } = gate;
  const before = versions.findLast((one) => one.version < version)?.version ?? 0;
  return (
    <section data-testid="gates">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">Fitted gates</h2>
        {version > 0 && (
          <ConfirmButton
            label="Roll back"
            title={`Go back to ${nameOf(before)}?`}
            words={`Gate ${version} stays here and can be put in force again. ${meaningOf(before)}`}
            onConfirm={() => change(rollbackGate)}
          />
        )}
      </div>
      {problem && (
        <p role="alert" className="mt-2 text-sm wrap-anywhere text-bad">
          <InlineCode text={problem} />
        </p>
      )}
      <ul className="mt-3 grid gap-3 lg:grid-cols-2" aria-label="Fitted gates">
        {versions.toReversed().map((one) => (
          <Gate
            key={one.version}
            one={one}
            onChoose={() => change(() => chooseGate(one.version))}
          />
        ))}
      </ul>
    </section>
  );
}

function nameOf(version: number): string {
  return version === 0 ? 'the starter’s table' : `gate ${version}`;
}

function meaningOf(version: number): string {
  return version === 0
    ? 'The starter’s table promises nothing about your requests.'
    : `Requests that come from now on are decided by gate ${version}.`;
}

function Gate({ one, onChoose }: { readonly one: GateVersion; readonly onChoose: () => void }) {
  const { version, inForce, report } = one;
  return (
    <li
      className={`flex flex-col rounded-lg border bg-card p-4 ${inForce ? 'border-primary' : 'border-border'}`}
      data-testid={`gate-${version}`}
    >
      <div className="flex items-start justify-between gap-3">
        <div>
          <h3 className="font-semibold">Gate {version}</h3>
          {report && (
            <p className="text-xs text-muted-foreground">
              {formatDay(report.madeAt)} · {report.rows.fitted} requests fitted,{' '}
              {report.rows.heldOut} held out
            </p>
          )}
        </div>
        {inForce ? (
          <span className="shrink-0 rounded-full bg-primary px-2 py-0.5 text-xs text-primary-foreground">
            in force
          </span>
        ) : (
          <ConfirmButton
            label="Put in force"
            title={`Put gate ${version} in force?`}
            words={meaningOf(version)}
            onConfirm={onChoose}
          />
        )}
      </div>
      {report ? (
        <>
          <p className="mt-2 text-sm">{report.words.replace(/^\w/, (one) => one.toUpperCase())}.</p>
          <Figures report={report} />
        </>
      ) : (
        <p className="mt-2 text-sm text-caution">Its report is damaged or missing.</p>
      )}
    </li>
  );
}

function Figures({ report }: { readonly report: NonNullable<GateVersion['report']> }) {
  const { quality, saved, keptCheap, reference } = report;
  const figures = [
    ['Saved', formatPercent(saved)],
    ['Kept cheap', formatPercent(keptCheap.sliced)],
    ['Right', formatPercent(quality.gate)],
    [`${reference} alone`, formatPercent(quality.reference)],
    ['Best single', formatPercent(quality.bestSingle)],
    ['Perfect gate', formatPercent(quality.oracle)],
  ];
  return (
    <dl className="mt-3 grid grid-cols-3 gap-x-3 gap-y-2 text-sm">
      {figures.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="truncate text-xs text-muted-foreground" title={name}>
            {name}
          </dt>
          <dd className="font-medium tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
