import { useCallback, useEffect, useState } from 'react';

/** From here on the life panel stands beside the conversation; below it opens as a sheet. */
export const WIDE = '(min-width: 48rem)';

export interface ShownTurn {
  /** Undefined follows the newest turn. */
  readonly turn: number | undefined;
  /** Cited sentence to bring into view. */
  readonly sentence: number | undefined;
  readonly sheetOpen: boolean;
  readonly show: (turn: number, sentence?: number) => void;
  readonly showNewest: () => void;
  readonly setSheetOpen: (open: boolean) => void;
}

/** Which turn the life panel shows. */
export function useShownTurn(): ShownTurn {
  const [shown, setShown] = useState<{ turn?: number; sentence?: number | undefined }>({});
  const [sheetOpen, setSheetOpen] = useState(false);
  useEffect(() => {
    const wide = matchMedia(WIDE);
    const close = () => setSheetOpen(false);
    wide.addEventListener('change', close);
    return () => wide.removeEventListener('change', close);
  }, []);
  const show = useCallback((turn: number, sentence?: number) => {
    setShown({ turn, sentence });
    if (!matchMedia(WIDE).matches) setSheetOpen(true);
  }, []);
  const showNewest = useCallback(() => setShown({}), []);
  return {
    turn: shown.turn,
    sentence: shown.sentence,
    sheetOpen,
    show,
    showNewest,
    setSheetOpen,
  };
}
