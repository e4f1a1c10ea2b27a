import { useEffect, useRef } from 'react';
import { useChoices, useChosenModel } from './choices.ts';
import { Composer } from './composer.tsx';
import type { Conversation } from './conversation.ts';
import { LifePanel } from './life-panel.tsx';
import { LifeSheet } from './life-sheet.tsx';
import { useShownTurn, WIDE } from './shown-turn.ts';
import { TurnList } from './turn-list.tsx';
import { Welcome } from './welcome.tsx';

interface Props {
  readonly conversation: Conversation;
  readonly onShowFleet: () => void;
}

/** The conversation, and beside it the life of the request that is selected or newest. */
export function ChatPage({ conversation, onShowFleet }: Props) {
  const { turns, running, ask, stop } = conversation;
  const [chosen, choose] = useChosenModel();
  const groups = useChoices();
  const shown = useShownTurn();
  const input = useRef<HTMLTextAreaElement>(null);
  const turn = turns.find((one) => one.id === shown.turn) ?? turns.at(-1);
  const isEmpty = turns.length === 0;
  const choices = groups.flatMap((group) => group.choices);

  useEffect(() => {
    // On a phone the focus would open the keyboard over half of the page.
    if (isEmpty && matchMedia(WIDE).matches) input.current?.focus();
  }, [isEmpty]);
  const send = (question: string, model = chosen) => {
    shown.showNewest();
    ask(question, model);
  };
  const panel = <LifePanel turn={turn} sentence={shown.sentence} />;

  return (
    <div className="grid h-full grid-cols-1 md:grid-cols-[minmax(0,1fr)_22rem] xl:grid-cols-[minmax(0,1fr)_27rem]">
      <section className="relative flex min-h-0 min-w-0 flex-col" aria-label="Conversation">
        <TurnList
          turns={turns}
          selected={turn?.id}
          onShow={shown.show}
          onRetry={(failed) => send(failed.question, failed.model)}
        >
          <Welcome
            hasDocuments={choices.some((choice) => choice.id.startsWith('knowledge:'))}
            onPick={(text) => send(text)}
          />
        </TurnList>
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
        {panel}
      </aside>
      <LifeSheet open={shown.sheetOpen} onOpenChange={shown.setSheetOpen}>
        {panel}
      </LifeSheet>
    </div>
  );
}
