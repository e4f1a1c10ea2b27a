import { useCallback, useEffect, useRef, useState } from 'react';
import { askFarm } from './ask.ts';
import { newTurn, type Turn } from './turn.ts';

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly running: boolean;
  readonly ask: (question: string, model: string) => void;
  readonly stop: () => void;
  /** Stops what runs and begins anew. */
  readonly clear: () => void;
}

/** `randomUUID` needs a secure context, which plain HTTP beyond loopback is not. */
function newSession(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The conversation of this tab. It lives in memory only; the farm keeps its receipts. */
export function useConversation(): Conversation {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const current = useRef<readonly Turn[]>([]);
  const session = useRef('');
  const controller = useRef<AbortController>(undefined);

  const show = useCallback((next: readonly Turn[]) => {
    current.current = next;
    setTurns(next);
  }, []);

  const ask = useCallback(
    (question: string, model: string) => {
      const history = current.current;
      if (history.at(-1)?.state === 'running') return;
      if (session.current === '') session.current = newSession();
      const mine = new AbortController();
      controller.current = mine;
      const turn = newTurn((history.at(-1)?.id ?? 0) + 1, question, model, Date.now());
      show([...history, turn]);
      void (async () => {
        for await (const grown of askFarm(turn, history, session.current, mine.signal)) {
          const now = current.current;
          // The conversation may have been cleared, or have gone on while the receipt was fetched.
          if (now.some((one) => one.id === grown.id && one.startedAt === grown.startedAt))
            show(now.map((one) => (one.id === grown.id ? grown : one)));
        }
      })();
    },
    [show],
  );

  const stop = useCallback(() => controller.current?.abort(), []);
  const clear = useCallback(() => {
    controller.current?.abort();
    session.current = '';
    show([]);
  }, [show]);
  useEffect(() => stop, [stop]);

  return { turns, running: turns.at(-1)?.state === 'running', ask, stop, clear };
}
