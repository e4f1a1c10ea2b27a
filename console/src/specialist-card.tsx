import { useState } from 'react';
import type { SpecialistLineage, SpecialistVersion } from '../../src/core/specialist.ts';
import { messageOf } from './api.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { LineagePicture } from './lineage-picture.tsx';
import { PlaceLink } from './place-link.tsx';
import { SpecialistVersionRow } from './specialist-version-row.tsx';
import { type ActWish, moveSpecialist, type SpecialistAct } from './specialists-api.ts';

interface Props {
  readonly lineage: SpecialistLineage;
  readonly isOperator: boolean;
  readonly onChange: () => void;
}

/** One name: who serves under it, all its versions, and what an operator can do with them. */
export function SpecialistCard({ lineage, isOperator, onChange }: Props) {
  const { name, live, versions } = lineage;
  const [problem, setProblem] = useState<string>();
  const move = (act: SpecialistAct, wish: ActWish) => {
    setProblem(undefined);
    void moveSpecialist(name, act, { reason: 'by hand in the console', ...wish })
      .catch((error: unknown) => setProblem(messageOf(error)))
      .finally(onChange);
  };
  return (
    <section
      className="rounded-lg border border-border bg-card p-4"
      data-testid={`specialist-${name}`}
      aria-label={name}
    >
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="font-semibold wrap-anywhere">{name}</h2>
          <p className="text-xs text-muted-foreground" data-testid="serves">
            {live === null ? 'No version serves' : `Version ${live} serves`} ·{' '}
            {formatPlural(versions.length, 'version')}
          </p>
        </div>
        {isOperator && live !== null && (
          <div className="flex gap-2">
            {versions.some(sorts) && (
              <PlaceLink
                href={`/specialists?label=${encodeURIComponent(name)}`}
                className="shrink-0 rounded-md border border-input px-2.5 py-1 text-xs font-medium hover:border-primary"
              >
                Label
              </PlaceLink>
            )}
            {versions.some(wasLive) && (
              <ConfirmButton
                label="Roll back"
                title={`Roll back ${name}?`}
                words={`The version that served before takes the place of version ${live}, which stays and can be promoted again.`}
                onConfirm={() => move('rollback', {})}
              />
            )}
            <ConfirmButton
              label="Retire"
              title={`Take ${name} out of service?`}
              words={`Requests that name ${name} are refused from now on. Its versions stay and can be promoted again.`}
              onConfirm={() => move('retire', {})}
            />
          </div>
        )}
      </div>
      {problem && (
        <p role="alert" className="mt-2 text-sm wrap-anywhere text-bad">
          <InlineCode text={problem} />
        </p>
      )}
      <LineagePicture lineage={lineage} />
      <ul className="mt-3 divide-y divide-border" aria-label={`Versions of ${name}`}>
        {versions.map((version) => (
          <SpecialistVersionRow
            key={version.manifest.version}
            version={version}
            live={live}
            {...(isOperator ? { onMove: move } : {})}
          />
        ))}
      </ul>
    </section>
  );
}

function wasLive({ moves, stage, bytesGone }: SpecialistVersion): boolean {
  return stage !== 'live' && !bytesGone && moves.some((move) => move.to === 'live');
}

/** Only what sorts texts has labels that people give. */
function sorts({ stage, manifest }: SpecialistVersion): boolean {
  return stage === 'live' && manifest.kind === 'intents';
}
