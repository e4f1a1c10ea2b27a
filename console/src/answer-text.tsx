import { type ComponentProps, useMemo } from 'react';
import { Streamdown } from 'streamdown';
import type { Citation } from '../../src/core/evidence.ts';
import { codeHighlighter } from './code-highlighter.ts';

interface Props {
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly growing: boolean;
  readonly onCite: (sentence: number) => void;
}

const CITE = 'cite-mark';
const PLUGINS = { code: codeHighlighter };
const CONTROLS = { table: { fullscreen: false }, code: { download: false } };
const TAGS = { [CITE]: ['n'] };

/** The answer as Markdown, with a mark behind each sentence that stands on a source. */
export function AnswerText({ text, citations, growing, onCite }: Props) {
  const components = useMemo(
    () => ({
      [CITE]: ({ n }: { readonly n?: unknown }) => <Mark number={Number(n)} onCite={onCite} />,
      img: Picture,
    }),
    [onCite],
  );
  return (
    <Streamdown
      className="leading-relaxed [&_li]:py-0.5"
      plugins={PLUGINS}
      controls={CONTROLS}
      lineNumbers={false}
      isAnimating={growing}
      caret="block"
      allowedTags={TAGS}
      components={components}
    >
      {withMarks(text, citations)}
    </Streamdown>
  );
}

/** Puts the marks in from the end, so that the offsets of the earlier ones stay right. */
function withMarks(text: string, citations: readonly Citation[]): string {
  let marked = text;
  for (const { answerEnd, sentence } of citations.toSorted((a, b) => b.answerEnd - a.answerEnd)) {
    const end = Math.min(answerEnd, text.length);
    // The word joiner keeps the mark on the line of its sentence.
    const mark = `\u2060<${CITE} n="${sentence.number}"></${CITE}>`;
    marked = `${marked.slice(0, end)}${mark}${marked.slice(end)}`;
  }
  return marked;
}

function Mark({
  number,
  onCite,
}: {
  readonly number: number;
  readonly onCite: (sentence: number) => void;
}) {
  return (
    <sup>
      <a
        href={`#source-${number}`}
        aria-label={`Source ${number}`}
        onClick={(event) => {
          event.preventDefault();
          onCite(number);
        }}
        className="ml-0.5 rounded bg-marked px-1 text-xs text-marked-foreground hover:underline"
      >
        {number}
      </a>
    </sup>
  );
}

/** A model may name any address; the console fetches none of them. */
function Picture({ alt, src }: ComponentProps<'img'>) {
  return (
    <span className="text-sm text-muted-foreground italic">
      [picture{alt ? `: ${alt}` : ''}, not fetched{typeof src === 'string' ? ` from ${src}` : ''}]
    </span>
  );
}
