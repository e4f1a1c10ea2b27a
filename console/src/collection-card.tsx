import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SourceSpec } from '../../src/core/config-source.ts';
import type { CollectionRun, CollectionStanding } from '../../src/core/document-text.ts';
import type { IndexProgress } from '../../src/core/index-progress.ts';
import { messageOf } from './api.ts';
import { documentHref } from './cited-place.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { formatAge, formatBytes, formatMoment, formatMs, formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { dropCollection, loadStanding, type ShownCollection } from './knowledge-api.ts';
import { goTo, PATHS } from './page.ts';
import { PlaceLink } from './place-link.tsx';

const REFRESH_MS = 5000;
const RUNNING_MS = 1000;

interface Props {
  readonly collection: ShownCollection;
  readonly isSelected: boolean;
  readonly isOperator: boolean;
  readonly onDropped: () => void;
}

export function CollectionCard({ collection, isSelected, isOperator, onDropped }: Props) {
  const { name, watched, principals, weight } = collection;
  const [problem, setProblem] = useState<string>();
  const { data: standing } = useQuery({
    queryKey: ['standing', name],
    queryFn: () => loadStanding(name),
    refetchInterval: (query) => (query.state.data?.running ? RUNNING_MS : REFRESH_MS),
  });
  const drop = () =>
    void dropCollection(name).then(
      () => {
        goTo(PATHS.documents);
        onDropped();
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
  return (
    <li
      className={`flex min-w-0 flex-col rounded-lg border bg-card p-4 ${isSelected ? 'border-primary' : 'border-border'}`}
      data-testid={`collection-${name}`}
    >
      <div className="flex items-start justify-between gap-3">
        <h2 className="min-w-0 font-semibold wrap-anywhere">
          <PlaceLink href={documentHref(name)} className="hover:underline">
            {name}
          </PlaceLink>
        </h2>
        {isOperator && (
          <ConfirmButton
            label="Drop"
            title={`Drop ${name}?`}
            words="The farm forgets its documents and answers from them no more. The files stay where they are."
            onConfirm={drop}
          />
        )}
      </div>
      <Sources sources={collection.sources} />
      {standing && <Counts standing={standing} />}
      {standing?.warnings.map(({ code, words, detail }) => (
        <p
          key={code}
          className={`mt-2 text-sm wrap-anywhere ${code === 'indexing' ? 'text-caution' : 'text-bad'}`}
          data-testid="warning"
        >
          {words}
          {detail !== undefined && `: ${detail}`}
        </p>
      ))}
      {standing?.running && <Running progress={standing.running} />}
      <p className="mt-2 text-xs text-muted-foreground">
        {watched ? 'Followed' : 'Not followed'} · readers: {principals.join(', ')}
        {weight !== undefined &&
          ` · weight of meaning ${weight.dense}, fitted ${formatAge(weight.at)}`}
        {standing?.nightlyAt && ` · compared byte by byte ${formatMoment(standing.nightlyAt)}`}
      </p>
      {standing?.last && <LastRun run={standing.last} />}
      {problem && (
        <p role="alert" className="mt-2 text-sm wrap-anywhere text-bad">
          <InlineCode text={problem} />
        </p>
      )}
    </li>
  );
}

/** The words for a source; src/core/source.ts has the name by which the farm tells them apart. */
function placeOf(spec: SourceSpec): string {
  switch (spec.kind) {
    case 'folder':
      return spec.folder;
    case 'git':
      return `${spec.repository} at ${spec.ref}`;
    case 'web':
      return spec.sitemap ?? spec.pages[0] ?? '';
    case 'feed':
      return spec.url;
    case 'sql':
      return spec.file ?? spec.postgresEnv ?? '';
    case 'mail':
      return spec.path;
    case 'files':
      return spec.store;
  }
}

function Sources({ sources }: { readonly sources: readonly SourceSpec[] | undefined }) {
  if (sources === undefined) return null;
  return (
    <ul className="mt-1 text-sm text-muted-foreground">
      {sources.map((spec) => (
        <li key={JSON.stringify(spec)} className="wrap-anywhere">
          {spec.kind} · {placeOf(spec)}
        </li>
      ))}
    </ul>
  );
}

function Counts({ standing }: { readonly standing: CollectionStanding }) {
  const { documents, problems, flagged, chunks, bytes, newestAt } = standing;
  return (
    <p className="mt-2 text-sm tabular-nums" data-testid="counts">
      <strong>{formatPlural(documents, 'document')}</strong>, {formatPlural(chunks, 'passage')},{' '}
      {formatBytes(bytes)}
      {newestAt !== undefined && `, newest ${formatAge(newestAt)}`}
      {problems > 0 && <span className="text-bad"> · {problems} not read</span>}
      {flagged > 0 && <span className="text-caution"> · {flagged} flagged</span>}
    </p>
  );
}

const STAGES: Readonly<Record<IndexProgress['stage'], string>> = {
  listing: 'Looking at the sources',
  reading: 'Reading',
  embedding: 'Learning meanings',
  ready: 'Done',
};

export function Running({ progress }: { readonly progress: IndexProgress }) {
  const { stage, done, total, path } = progress;
  const share = total > 0 ? (100 * done) / total : 0;
  return (
    <div className="mt-2 text-sm" role="status" data-testid="running">
      <p className="truncate">
        {STAGES[stage]}
        {total > 0 && ` ${done} of ${total}`}
        {path !== undefined && <span className="text-muted-foreground"> · {path}</span>}
      </p>
      <div className="mt-1 h-1 rounded bg-muted">
        <div className="h-full rounded bg-primary" style={{ width: `${share}%` }} />
      </div>
    </div>
  );
}

function LastRun({ run: { endedAt, ms, summary, problem } }: { readonly run: CollectionRun }) {
  const changes = (['added', 'changed', 'moved', 'removed'] as const).flatMap((word) =>
    summary !== undefined && summary[word] > 0 ? [`${summary[word]} ${word}`] : [],
  );
  return (
    <p className="mt-1 text-xs text-muted-foreground" title={formatMoment(endedAt)}>
      Last run {formatAge(endedAt)}, {formatMs(ms)}:{' '}
      {problem === undefined ? (
        changes.join(', ') || 'nothing new'
      ) : (
        <span className="text-bad">{problem}</span>
      )}
    </p>
  );
}
