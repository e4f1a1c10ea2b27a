import { type RefObject, useState } from 'react';
import type { ChoiceGroup } from './choices.ts';
import { ModelPicker } from './model-picker.tsx';

interface Props {
  readonly input: RefObject<HTMLTextAreaElement | null>;
  readonly chosen: string;
  readonly groups: readonly ChoiceGroup[];
  readonly running: boolean;
  readonly onChoose: (id: string) => void;
  readonly onAsk: (text: string) => void;
  readonly onStop: () => void;
  readonly onShowFleet: () => void;
}

/** Where questions are written and the answering name is chosen. Escape stops a running answer. */
export function Composer(props: Props) {
  const { input, chosen, groups, running, onChoose, onAsk, onStop, onShowFleet } = props;
  const [text, setText] = useState('');
  const choice = groups.flatMap((group) => group.choices).find((one) => one.id === chosen);
  const send = () => {
    if (text.trim() === '' || running) return;
    onAsk(text.trim());
    setText('');
    input.current?.focus();
  };
  return (
    <form
      className="px-4 pt-2 pb-4 sm:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="mx-auto max-w-3xl">
        {choice?.reason !== undefined && (
          <NotReady id={choice.id} reason={choice.reason} onShowFleet={onShowFleet} />
        )}
        <div className="rounded-2xl border border-input bg-card p-2 shadow-sm focus-within:border-primary">
          <textarea
            ref={input}
            aria-label="Question"
            value={text}
            rows={Math.min(8, text.split('\n').length)}
            placeholder="Ask something"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape' && running) onStop();
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              send();
            }}
            className="block field-sizing-content max-h-48 min-h-9 w-full resize-none bg-transparent px-2 py-1.5 outline-hidden placeholder:text-muted-foreground"
          />
          <div className="flex items-center gap-3">
            <ModelPicker chosen={chosen} groups={groups} onChoose={onChoose} />
            <span className="ml-auto hidden shrink-0 text-xs text-muted-foreground lg:inline">
              {running ? 'Esc stops' : 'Enter sends, Shift+Enter starts a new line'}
            </span>
            <SendOrStop running={running} canSend={text.trim() !== ''} onStop={onStop} />
          </div>
        </div>
      </div>
    </form>
  );
}

function SendOrStop({
  running,
  canSend,
  onStop,
}: {
  readonly running: boolean;
  readonly canSend: boolean;
  readonly onStop: () => void;
}) {
  const shape = 'ml-auto h-9 shrink-0 rounded-lg px-4 text-sm font-medium lg:ml-0';
  if (running)
    return (
      <button
        type="button"
        onClick={onStop}
        className={`${shape} border border-input hover:border-primary`}
      >
        Stop
      </button>
    );
  return (
    <button
      type="submit"
      disabled={!canSend}
      className={`${shape} bg-primary text-primary-foreground disabled:bg-muted disabled:text-muted-foreground`}
    >
      Ask
    </button>
  );
}

function NotReady({
  id,
  reason,
  onShowFleet,
}: {
  readonly id: string;
  readonly reason: string;
  readonly onShowFleet: () => void;
}) {
  return (
    <p
      role="status"
      data-testid="not-ready"
      className="mb-2 rounded-lg bg-caution-soft px-3 py-2 text-sm text-caution"
    >
      <span className="font-medium">{id}</span> is not ready: {reason}.{' '}
      <button type="button" onClick={onShowFleet} className="font-medium underline">
        Look at the fleet
      </button>
    </p>
  );
}
