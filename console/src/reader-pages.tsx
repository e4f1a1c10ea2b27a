import type { DocumentText } from '../../src/core/document-text.ts';
import type { DocumentPage } from '../../src/core/ports.ts';
import { markedBox, type Range } from './marking.ts';

interface Props {
  readonly text: DocumentText;
  readonly pages: readonly DocumentPage[];
  readonly marked: Range | undefined;
}

/** Letters are about so much of a line's height. */
const LETTER_HEIGHT = 0.78;

/** The pages of a document, each line of text at its place. */
export function ReaderPages({ text, pages, marked }: Props) {
  return (
    <div className="space-y-4">
      {pages.map((page) => (
        <figure key={page.number} data-page={page.number}>
          <figcaption className="mb-1 text-xs text-muted-foreground">Page {page.number}</figcaption>
          <Page text={text} page={page} marked={marked} />
        </figure>
      ))}
    </div>
  );
}

function Page({
  text,
  page,
  marked,
}: {
  readonly text: DocumentText;
  readonly page: DocumentPage;
  readonly marked: Range | undefined;
}) {
  const { width, height, lines } = page;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="w-full rounded border border-border bg-white text-stone-900 shadow-sm"
      role="document"
      aria-label={`Page ${page.number}`}
    >
      {lines.map((line) => {
        const box = markedBox(line, marked);
        const words = text.text.slice(line.start - text.start, line.end - text.start).trimEnd();
        return (
          <g key={line.start}>
            {box && (
              <rect
                data-cited=""
                data-testid="cited"
                data-words={words}
                x={box.x * width}
                y={box.y * height}
                width={box.width * width}
                height={box.height * height}
                className="fill-teal-200"
              />
            )}
            <text
              x={line.x * width}
              y={(line.y + LETTER_HEIGHT * line.height) * height}
              fontSize={line.height * height * LETTER_HEIGHT}
              textLength={line.width * width}
              lengthAdjust="spacingAndGlyphs"
              className="fill-current"
            >
              {words}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
