import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { IndexProgress } from '../../src/core/index-progress.ts';
import { messageOf } from './api.ts';
import { documentHref } from './cited-place.ts';
import { Running } from './collection-card.tsx';
import { formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { indexFolder } from './knowledge-api.ts';
import { goTo } from './page.ts';

const FIELD =
  'mt-1 w-full rounded-md border border-input bg-background px-2.5 py-1.5 text-sm text-foreground';

/** Makes a folder of the farm's machine answerable. */
export function IndexForm({ onIndexed }: { readonly onIndexed: () => void }) {
  const [name, setName] = useState('');
  const [folder, setFolder] = useState('');
  const [watch, setWatch] = useState(true);
  const [progress, setProgress] = useState<IndexProgress>();
  const [problem, setProblem] = useState<string>();
  // The run goes on while another page is looked at; its collection tells how far it is.
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const isRunning = progress !== undefined && progress.stage !== 'ready';

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setProblem(undefined);
    setProgress({ collection: name, stage: 'listing', done: 0, total: 0 });
    try {
      for await (const step of indexFolder({ name, folder, watch })) setProgress(step);
      onIndexed();
      if (isShown.current) goTo(documentHref(name));
    } catch (error) {
      setProgress(undefined);
      setProblem(messageOf(error));
    }
  };
  return (
    <details className="rounded-lg border border-border bg-card p-4" data-testid="index-form">
      <summary className="font-semibold">Index a folder</summary>
      <form onSubmit={(event) => void submit(event)} className="mt-3 grid gap-3 sm:grid-cols-2">
        <label className="text-sm text-muted-foreground">
          Name
          <input
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
            pattern="[a-z0-9][a-z0-9._\-]*"
            title="lower-case letters, digits, dot, dash and underscore"
            placeholder="handbook"
            className={FIELD}
          />
        </label>
        <label className="text-sm text-muted-foreground">
          Folder on the farm’s machine
          <input
            required
            value={folder}
            onChange={(event) => setFolder(event.target.value)}
            placeholder="/srv/handbook"
            className={FIELD}
          />
        </label>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={watch}
            onChange={(event) => setWatch(event.target.checked)}
          />
          Follow its changes
        </label>
        <button
          type="submit"
          disabled={isRunning}
          className="justify-self-end rounded-md bg-primary px-4 py-1.5 text-sm font-medium text-primary-foreground disabled:opacity-60"
        >
          Index
        </button>
      </form>
      {progress && isRunning && <Running progress={progress} />}
      {progress?.summary && (
        <p className="mt-2 text-sm" role="status">
          {formatPlural(progress.summary.documents, 'document')} can be asked;{' '}
          {progress.summary.problems.length} could not be read.
        </p>
      )}
      {problem && (
        <p role="alert" className="mt-2 text-sm wrap-anywhere text-bad">
          <InlineCode text={problem} />
        </p>
      )}
    </details>
  );
}
