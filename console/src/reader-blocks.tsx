import type { DocumentText, TextBlock } from '../../src/core/document-text.ts';
import { MarkedText } from './marked-text.tsx';
import type { Range } from './marking.ts';
import { ReaderTable } from './reader-table.tsx';

interface Props {
  readonly text: DocumentText;
  readonly marked: Range | undefined;
}

/** A document without pages: headings, paragraphs, tables and code, with the numbers of their lines. */
export function ReaderBlocks({ text, marked }: Props) {
  const groups = groupRows(text.blocks);
  return (
    <div className="rounded-lg border border-border bg-card px-4 py-5 leading-relaxed sm:px-6">
      {groups.map((group, index) => {
        const [first] = group;
        if (first === undefined) return null;
        const before = groups[index - 1]?.[0];
        return (
          <div key={first.start} className="grid grid-cols-[3rem_minmax(0,1fr)] gap-x-3">
            <Place block={first} before={before} />
            <div className="min-w-0 pb-3">
              {text.origin === 'index' && <Headings block={first} before={before} />}
              {first.kind === 'table-row' ? (
                <ReaderTable text={text} rows={group} marked={marked} />
              ) : (
                <BlockText text={text} block={first} marked={marked} />
              )}
            </div>
          </div>
        );
      })}
    </div>
  );
}

/** Rows of one table together, every other block alone. */
function groupRows(blocks: readonly TextBlock[]): readonly (readonly TextBlock[])[] {
  const groups: TextBlock[][] = [];
  for (const block of blocks) {
    const open = groups.at(-1);
    const last = open?.at(-1);
    const isNext =
      block.kind === 'table-row' && last?.kind === 'table-row' && last.page === block.page;
    if (open !== undefined && isNext) open.push(block);
    else groups.push([block]);
  }
  return groups;
}

/** The number of the line, or of the page, sheet or slide where a new one begins. */
function Place({
  block,
  before,
}: {
  readonly block: TextBlock;
  readonly before: TextBlock | undefined;
}) {
  const isNew = block.page !== undefined && block.page !== before?.page;
  return (
    <span className="pt-1 text-right text-xs text-muted-foreground tabular-nums select-none">
      {block.line ?? (isNew ? `p. ${block.page}` : '')}
    </span>
  );
}

/** Stored sentences have no headings of their own among them. */
function Headings({
  block,
  before,
}: {
  readonly block: TextBlock;
  readonly before: TextBlock | undefined;
}) {
  const path = block.headings.join(' › ');
  if (path === '' || path === before?.headings.join(' › ')) return null;
  return <p className="text-sm font-semibold">{path}</p>;
}

function BlockText({
  text,
  block,
  marked,
}: {
  readonly text: DocumentText;
  readonly block: TextBlock;
  readonly marked: Range | undefined;
}) {
  const words = <MarkedText text={text} range={block} marked={marked} />;
  switch (block.kind) {
    case 'heading':
      return <h2 className="pt-2 font-semibold">{words}</h2>;
    case 'code':
      return (
        <pre className="overflow-x-auto rounded bg-muted px-3 py-2 font-mono text-sm">{words}</pre>
      );
    case 'list-item':
      return <p className="pl-4 wrap-anywhere whitespace-pre-wrap">{words}</p>;
    default:
      return <p className="wrap-anywhere whitespace-pre-wrap">{words}</p>;
  }
}
