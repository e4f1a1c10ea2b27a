import { useCallback, useEffect, useState } from 'react';
import type { LabelQueue } from '../../src/core/labelling.ts';
import { messageOf } from './api.ts';
import { formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';
import { LabelRow } from './label-row.tsx';
import { giveLabel, takeLabelBack } from './specialists-api.ts';

interface Props {
  readonly name: string;
  readonly queue: LabelQueue;
  /** Makes a new queue. */
  readonly onMore: () => void;
}

/** One row after the other; each answer is stored before the next row is shown. */
export function LabelTurns({ name, queue, onMore }: Props) {
  const [at, setAt] = useState(0);
  const [given, setGiven] = useState<readonly number[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const row = queue.rows[at];
  const run = useCallback((work: Promise<unknown>, done: () => void) => {
    setBusy(true);
    setProblem(undefined);
    work
      .then(done)
      .catch((error: unknown) => setProblem(messageOf(error)))
      .finally(() => setBusy(false));
  }, []);
  const skip = useCallback(() => setAt((now) => now + 1), []);
  const choose = useCallback(
    (label: string) => {
      if (row === undefined || isBusy) return;
      const isNew = !queue.labels.includes(label);
      run(giveLabel(name, row.row, label, isNew), () => {
        setGiven((before) => [...before, at]);
        skip();
      });
    },
    [name, row, queue, at, isBusy, run, skip],
  );
  const undo = useCallback(() => {
    const last = given.at(-1);
    const taken = last === undefined ? undefined : queue.rows[last];
    if (last === undefined || taken === undefined || isBusy) return;
    run(takeLabelBack(name, taken.row), () => {
      setGiven((before) => before.slice(0, -1));
      setAt(last);
    });
  }, [name, queue, given, isBusy, run]);
  useKeys({ choices: row?.choices.map((one) => one.label) ?? [], choose, skip, undo });
  return (
    <section className="space-y-4">
      <p className="text-sm text-muted-foreground" data-testid="label-count">
        {formatPlural(queue.given + given.length, 'text')} of {queue.texts} labelled by a person
        {row && ` · row ${at + 1} of ${queue.rows.length}`}
      </p>
      {problem && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          <InlineCode text={problem} />
        </p>
      )}
      {row ? (
        <LabelRow key={row.row} row={row} labels={queue.labels} isBusy={isBusy} onChoose={choose} />
      ) : (
        <p data-testid="labels-done">
          {queue.rows.length === 0
            ? 'Nothing is left to ask.'
            : `That was the last row. ${formatPlural(given.length, 'label')} given.`}
        </p>
      )}
      <div className="flex flex-wrap gap-2 text-sm">
        {row && <Act label="Skip" hint="s" onAct={skip} />}
        {given.length > 0 && <Act label="Undo" hint="u" onAct={undo} />}
        {!row && queue.rows.length > 0 && <Act label="More rows" onAct={onMore} />}
      </div>
    </section>
  );
}

function Act({
  label,
  hint,
  onAct,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly onAct: () => void;
}) {
  return (
    <button
      type="button"
      onClick={onAct}
      className="rounded-md border border-input px-3 py-1 hover:border-primary"
    >
      {label}
      {hint && <kbd className="ml-2 text-xs text-muted-foreground">{hint}</kbd>}
    </button>
  );
}

interface Keys {
  readonly choices: readonly string[];
  readonly choose: (label: string) => void;
  readonly skip: () => void;
  readonly undo: () => void;
}

/** 1 … 9 choose, s skips, u takes back; not while something is typed. */
function useKeys({ choices, choose, skip, undo }: Keys): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest('input');
      if (isTyping || event.repeat || event.metaKey || event.ctrlKey || event.altKey) return;
      const label = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
      if (label !== undefined) choose(label);
      else if (event.key === 's' && choices.length > 0) skip();
      else if (event.key === 'u') undo();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [choices, choose, skip, undo]);
}
