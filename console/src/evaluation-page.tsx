import { type DragEvent, useState } from 'react';
import { messageOf } from './api.ts';
import { EvaluationCurve } from './evaluation-curve.tsx';
import { EvaluationFigures } from './evaluation-figures.tsx';
import { type Evaluation, readEvaluations } from './evaluation-file.ts';
import { FailureNote } from './failure-note.tsx';
import { InlineCode } from './inline-code.tsx';
import { PageFrame } from './page-frame.tsx';

const COMMANDS = [
  '`npx cadre eval retrieval --corpus DIR > retrieval.txt`',
  '`npx cadre eval grounding --data F.jsonl > grounding.txt`',
  '`npx cadre eval answers --questions Q.jsonl --collection NAME > answers.txt`',
];

/** Results stay while the tab is open; nothing of them is sent anywhere. */
let opened: readonly Evaluation[] = [];

/** Measurements of retrieval, grounding and answers as figures with intervals, and as curves. */
export function EvaluationPage() {
  const [evaluations, setEvaluations] = useState(opened);
  const [problem, setProblem] = useState<string>();
  const show = (next: readonly Evaluation[]) => {
    opened = next;
    setEvaluations(next);
  };
  const read = async (files: readonly File[]) => {
    setProblem(undefined);
    try {
      const texts = await Promise.all(files.map((file) => file.text()));
      const added = texts.flatMap((text, index) => readEvaluations(text, files[index]?.name ?? ''));
      const ids = new Set(added.map((one) => one.id));
      show([...added, ...opened.filter((one) => !ids.has(one.id))]);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <PageFrame title="Evaluation">
      <Drop onFiles={(files) => void read(files)} />
      <FailureNote error={problem} />
      {evaluations.map((one) => (
        <section key={one.id} className="rounded-lg border border-border bg-card p-4">
          <div className="flex items-baseline justify-between gap-3">
            <h2 className="font-semibold">{one.title}</h2>
            <button
              type="button"
              onClick={() => show(evaluations.filter((other) => other.id !== one.id))}
              className="text-xs text-muted-foreground hover:text-primary"
            >
              Close
            </button>
          </div>
          <div className="mt-3 grid gap-4 sm:grid-cols-2">
            {one.curves.map((curve) => (
              <EvaluationCurve key={`${curve.kind} ${curve.name}`} curve={curve} />
            ))}
          </div>
          <EvaluationFigures figures={one.figures} />
        </section>
      ))}
    </PageFrame>
  );
}

/** Where result files are dropped or chosen. */
function Drop({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <section
      aria-label="Result files"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`rounded-lg border border-dashed p-4 text-sm ${isOver ? 'border-primary bg-muted' : 'border-input'}`}
    >
      <label className="font-medium">
        Open result files, or drop them here
        <input
          type="file"
          multiple
          onChange={(event) => onFiles([...(event.target.files ?? [])])}
          className="mt-2 block font-normal text-muted-foreground file:mr-3 file:rounded-md file:border file:border-input file:bg-card file:px-3 file:py-1"
        />
      </label>
      <p className="mt-3 text-muted-foreground">
        Any result of a bench or an evaluation of your own data can be looked at, as JSON or as the
        command printed it:
      </p>
      <ul className="mt-1 space-y-0.5 text-muted-foreground">
        {COMMANDS.map((command) => (
          <li key={command}>
            <InlineCode text={command} />
          </li>
        ))}
      </ul>
    </section>
  );
}
