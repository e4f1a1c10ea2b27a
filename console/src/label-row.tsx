import { type FormEvent, useState } from 'react';
import type { LabelChoice, QueueRow } from '../../src/core/labelling.ts';

interface Props {
  readonly row: QueueRow;
  readonly labels: readonly string[];
  readonly isBusy: boolean;
  readonly onChoose: (label: string) => void;
}

/** A text, why it is asked for, and the labels that are proposed, each with its key. */
export function LabelRow({ row, labels, isBusy, onChoose }: Props) {
  return (
    <article
      className="rounded-lg border border-border bg-card p-4"
      data-testid="label-row"
      data-row={row.row}
      aria-busy={isBusy}
    >
      <p className="text-xs text-muted-foreground">{row.reason}</p>
      <p className="mt-2 max-h-80 overflow-y-auto whitespace-pre-wrap wrap-anywhere">{row.text}</p>
      <ol className="mt-4 grid gap-2 sm:grid-cols-2" aria-label="Labels">
        {row.choices.map((choice, at) => (
          <li key={choice.label}>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => onChoose(choice.label)}
              className="flex w-full items-baseline gap-2 rounded-md border border-input px-3 py-2 text-left text-sm enabled:hover:border-primary disabled:opacity-60"
            >
              <kbd className="text-xs text-muted-foreground">{at + 1}</kbd>
              <span className="min-w-0 flex-1 wrap-anywhere">{choice.label}</span>
              <span className="text-xs text-muted-foreground">{saying(choice)}</span>
            </button>
          </li>
        ))}
      </ol>
      <OtherLabel labels={labels} isBusy={isBusy} onChoose={onChoose} />
    </article>
  );
}

function saying({ probability, sources }: LabelChoice): string {
  const guess = probability === null ? [] : [`${Math.round(100 * probability)} %`];
  return [...guess, ...sources].join(' · ');
}

/** A label that is not among the proposed ones; one that nobody used yet is made. */
function OtherLabel({ labels, isBusy, onChoose }: Omit<Props, 'row'>) {
  const [label, setLabel] = useState('');
  const typed = label.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== '') onChoose(typed);
  };
  return (
    <form onSubmit={submit} className="mt-3 flex gap-2">
      <input
        aria-label="Another label"
        placeholder="Another label"
        list="labels-known"
        maxLength={64}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
        className="min-w-0 flex-1 rounded-md border border-input bg-background px-2.5 py-1.5 text-sm"
      />
      <datalist id="labels-known">
        {labels.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button
        type="submit"
        disabled={isBusy || typed === ''}
        className="rounded-md border border-input px-3 py-1 text-sm enabled:hover:border-primary disabled:opacity-60"
      >
        {typed === '' || labels.includes(typed) ? 'Choose' : 'Make new'}
      </button>
    </form>
  );
}
