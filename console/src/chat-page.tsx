import { Dialog } from '@base-ui/react/dialog';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useChoices, useChosenModel } from './choices.ts';
import { Composer } from './composer.tsx';
import type { Conversation } from './conversation.ts';
import { useFollowEnd } from './follow-end.ts';
import { LifePanel } from './life-panel.tsx';
import type { Turn } from './turn.ts';
import { TurnView } from './turn-view.tsx';
import { Welcome } from './welcome.tsx';

interface Props {
  readonly conversation: Conversation;
  readonly onShowFleet: () => void;
}

/** What the life panel shows: a turn and, when a mark was followed, one of its sentences. */
interface Shown {
  readonly turn: number;
  readonly sentence?: number;
}

const WIDE = '(min-width: 48rem)';

export function ChatPage({ conversation, onShowFleet }: Props) {
  const { turns, running, ask, stop } = conversation;
  const [chosen, choose] = useChosenModel();
  const [shown, setShown] = useState<Shown>();
  const [sheetOpen, setSheetOpen] = useState(false);
  const groups = useChoices();
  const input = useRef<HTMLTextAreaElement>(null);
  const { box, content, following, toEnd } = useFollowEnd();
  const turn = turns.find((one) => one.id === shown?.turn) ?? turns.at(-1);
  const isEmpty = turns.length === 0;

  useEffect(() => {
    if (isEmpty && matchMedia(WIDE).matches) input.current?.focus();
  }, [isEmpty]);
  const show = useCallback((id: number, sentence?: number) => {
    setShown({ turn: id, ...(sentence === undefined ? {} : { sentence }) });
    if (!matchMedia(WIDE).matches) setSheetOpen(true);
  }, []);
  const send = (question: string, model = chosen) => {
    setShown(undefined);
    ask(question, model);
    toEnd();
  };
  const retry = (failed: Turn) => send(failed.question, failed.model);
  const hasDocuments = groups.some((group) =>
    group.choices.some((choice) => choice.id.startsWith('knowledge:')),
  );

  return (
    <div className="grid h-full grid-cols-1 md:grid-cols-[minmax(0,1fr)_22rem] xl:grid-cols-[minmax(0,1fr)_27rem]">
      <section className="relative flex min-h-0 min-w-0 flex-col" aria-label="Conversation">
        <div ref={box} className="min-h-0 flex-1 overflow-y-auto px-4 sm:px-6" data-testid="scroll">
          <div ref={content} className="flex min-h-full flex-col gap-8 py-6">
            {isEmpty && <Welcome hasDocuments={hasDocuments} onPick={(text) => send(text)} />}
            {turns.map((one) => (
              <TurnView
                key={one.id}
                turn={one}
                selected={one.id === turn?.id}
                onShow={show}
                onRetry={retry}
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
        <Announcement turn={turns.at(-1)} />
        <Composer
          input={input}
          chosen={chosen}
          groups={groups}
          running={running}
          onChoose={choose}
          onAsk={(text) => send(text)}
          onStop={stop}
          onShowFleet={onShowFleet}
        />
      </section>
      <aside
        className="hidden min-h-0 overflow-y-auto border-l border-border bg-card px-5 pb-5 md:block"
        aria-label="Life of the request"
      >
        <LifePanel turn={turn} sentence={shown?.sentence} />
      </aside>
      <Sheet open={sheetOpen} onOpenChange={setSheetOpen}>
        <LifePanel turn={turn} sentence={shown?.sentence} />
      </Sheet>
    </div>
  );
}

/** Tells a screen reader when an answer has ended, without reading every piece of it. */
function Announcement({ turn }: { readonly turn: Turn | undefined }) {
  const words = {
    running: 'The farm is answering.',
    done: 'The answer is complete.',
    failed: 'The answer failed.',
    stopped: 'The answer was stopped.',
  };
  return (
    <p className="sr-only" role="status">
      {turn && words[turn.state]}
    </p>
  );
}

/** The life panel on a narrow screen. */
function Sheet({
  open,
  onOpenChange,
  children,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly children: React.ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/40 md:hidden" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-40 flex max-h-[85dvh] flex-col rounded-t-2xl border-t border-border bg-card md:hidden">
          <div className="flex items-center justify-between border-b border-border px-4 py-2">
            <Dialog.Title className="text-sm font-semibold">
              How this answer came about
            </Dialog.Title>
            <Dialog.Close className="rounded-md px-2 py-1 text-sm text-primary">Close</Dialog.Close>
          </div>
          <div className="overflow-y-auto px-4 pb-6">{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
