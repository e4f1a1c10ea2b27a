import type { DocumentText, TextBlock } from '../../src/core/document-text.ts';
import { MarkedText } from './marked-text.tsx';
import type { Range } from './marking.ts';

interface Props {
  readonly text: DocumentText;
  readonly rows: readonly TextBlock[];
  readonly marked: Range | undefined;
}

/** Rows of a table: in columns where the cells have headers, else line by line. */
export function ReaderTable({ text, rows, marked }: Props) {
  const headers = headersOf(rows);
  if (headers.length === 0)
    return rows.map((row) => (
      <p key={row.start} className="wrap-anywhere whitespace-pre-wrap">
        <MarkedText text={text} range={row} marked={marked} />
      </p>
    ));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label="Table">
      <table className="text-sm [&_td]:border [&_td]:border-border [&_td]:px-2 [&_td]:py-1 [&_th]:border [&_th]:border-border [&_th]:px-2 [&_th]:py-1">
        <thead className="bg-muted text-left">
          <tr>
            {headers.map((header) => (
              <th key={header} scope="col" className="font-medium">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            .filter((row, index) => !isHead(row, index, marked))
            .map((row) => (
              <Row key={row.start} text={text} row={row} headers={headers} marked={marked} />
            ))}
        </tbody>
      </table>
    </section>
  );
}

/** The line of the headers themselves stands at the top already. */
function isHead(row: TextBlock, index: number, marked: Range | undefined): boolean {
  const isMarked = marked !== undefined && marked.start < row.end && marked.end > row.start;
  return index === 0 && row.cells === undefined && !isMarked;
}

function headersOf(rows: readonly TextBlock[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => (row.cells ?? []).map((cell) => cell.header)))];
}

function Row({
  text,
  row,
  headers,
  marked,
}: {
  readonly text: DocumentText;
  readonly row: TextBlock;
  readonly headers: readonly string[];
  readonly marked: Range | undefined;
}) {
  if (row.cells === undefined)
    return (
      <tr>
        <td colSpan={headers.length}>
          <MarkedText text={text} range={row} marked={marked} />
        </td>
      </tr>
    );
  return (
    <tr>
      {headers.map((header) => (
        <td key={header} className="wrap-anywhere whitespace-pre-wrap">
          {row.cells
            ?.filter((cell) => cell.header === header)
            .map((cell) => (
              <MarkedText key={cell.start} text={text} range={cell} marked={marked} />
            ))}
        </td>
      ))}
    </tr>
  );
}
