import type { ReactNode } from 'react';
import { useFollowEnd } from './follow-end.ts';
import type { Turn } from './turn.ts';
import { TurnView } from './turn-view.tsx';

interface Props {
  readonly turns: readonly Turn[];
  /** Id of the turn that the life panel shows. */
  readonly selected: number | undefined;
  readonly onShow: (turn: number, sentence?: number) => void;
  readonly onRetry: (turn: Turn) => void;
  /** Shown while there is no turn. */
  readonly children: ReactNode;
}

/** The conversation. It follows the newest text until the reader scrolls up. */
export function TurnList({ turns, selected, onShow, onRetry, children }: Props) {
  const newest = turns.at(-1);
  const { box, content, following, toEnd } = useFollowEnd(newest?.id);
  return (
    <>
      {newest && <h1 className="sr-only">Conversation</h1>}
      <div ref={box} className="min-h-0 flex-1 overflow-y-auto px-4 sm:px-6" data-testid="scroll">
        <div ref={content} className="flex min-h-full flex-col gap-8 py-6">
          {newest === undefined && children}
          {turns.map((turn) => (
            <TurnView
              key={turn.id}
              turn={turn}
              selected={turn.id === selected}
              onShow={onShow}
              onRetry={onRetry}
            />
          ))}
        </div>
      </div>
      {!following && (
        <div className="relative">
          <button
            type="button"
            onClick={toEnd}
            className="absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full border border-input bg-card px-3 py-1 text-xs shadow-md hover:border-primary"
          >
            ↓ To the newest text
          </button>
        </div>
      )}
      <Announcement turn={newest} />
    </>
  );
}

const WORDS: Readonly<Record<Turn['state'], string>> = {
  running: 'The farm is answering.',
  done: 'The answer is complete.',
  failed: 'The answer failed.',
  stopped: 'The answer was stopped.',
};

/** Tells a screen reader when an answer has ended, without reading every piece of it. */
function Announcement({ turn }: { readonly turn: Turn | undefined }) {
  return (
    <p className="sr-only" role="status">
      {turn && WORDS[turn.state]}
    </p>
  );
}
