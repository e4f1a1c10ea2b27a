import type { ReactNode } from 'react';
import type { DocumentText } from '../../src/core/document-text.ts';
import { cutPieces, type Range } from './marking.ts';

/** The characters of a range, those that are marked apart. */
export function MarkedText({
  text,
  range,
  marked,
}: {
  readonly text: DocumentText;
  readonly range: Range;
  readonly marked: Range | undefined;
}): ReactNode {
  return cutPieces(text, range, marked).map((piece) =>
    piece.isMarked ? (
      <mark
        key={piece.start}
        data-cited=""
        data-testid="cited"
        className="rounded bg-marked box-decoration-clone px-0.5 text-marked-foreground"
      >
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
}
