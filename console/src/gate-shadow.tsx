import { useQuery } from '@tanstack/react-query';
import type { ShadowAgreement, ShadowStatus } from '../../src/core/shadow.ts';
import { loadShadow } from './farm-api.ts';
import { formatDollars, formatPercent, formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';

const REFRESH_MS = 10_000;
const ROWS_SHOWN = 20;

/** Requests that are asked again unseen: how many, at what cost, and how often spokes agree. */
export function GateShadow() {
  const { data: shadow } = useQuery({
    queryKey: ['shadow'],
    queryFn: loadShadow,
    refetchInterval: REFRESH_MS,
  });
  if (!shadow) return null;
  const { rate, spokes, answers, notes } = shadow;
  return (
    <section className="rounded-lg border border-border bg-card p-4" data-testid="shadow">
      <h2 className="font-semibold">Shadow runs</h2>
      <p className="mt-1 text-sm text-pretty">
        {rate > 0 ? (
          <>
            <strong>{formatPercent(rate)}</strong> of the answered requests are asked again of{' '}
            {spokes.length > 0 ? spokes.join(', ') : 'another spoke'} while the farm is idle. Nobody
            is shown those answers.
          </>
        ) : (
          <>
            Off: <InlineCode text="`npx cadre gate shadow --rate 1%`" /> asks some answered requests
            again of another spoke, unseen, to learn how good both are.
          </>
        )}
      </p>
      {notes.map((note) => (
        <p key={note} className="mt-2 text-sm text-caution">
          <InlineCode text={`${note.charAt(0).toUpperCase()}${note.slice(1)}.`} />
        </p>
      ))}
      {(rate > 0 || answers > 0) && <Use shadow={shadow} />}
      {shadow.agreements.length > 0 && <Agreements rows={shadow.agreements} />}
    </section>
  );
}

function Use({ shadow }: { readonly shadow: ShadowStatus }) {
  const { answers, graded, failed, waiting, today, budget, seconds } = shadow;
  return (
    <p className="mt-2 text-xs text-muted-foreground tabular-nums">
      {formatPlural(answers, 'answer')}, {graded} graded
      {failed > 0 && `, ${failed} failed`}
      {waiting > 0 && `, ${waiting} waiting`}. Used today: {formatDollars(today.dollars)} of{' '}
      {formatDollars(budget)}, {Math.round(today.seconds)} of {seconds} CPU seconds.
    </p>
  );
}

function Agreements({ rows }: { readonly rows: readonly ShadowAgreement[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="mt-3 overflow-x-auto" tabIndex={0} aria-label="How often spokes agree">
      <table className="w-full text-sm tabular-nums">
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="border-b border-border whitespace-nowrap [&>th]:py-1.5 [&>th]:pr-4 [&>th]:font-normal">
            <th scope="col">Spoke</th>
            <th scope="col">Beside</th>
            <th scope="col">Requests</th>
            <th scope="col">Compared</th>
            <th scope="col">The same</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map((row) => (
            <tr
              key={`${row.spoke} ${row.beside} ${row.task}`}
              className="border-b border-border last:border-0 whitespace-nowrap [&>*]:py-1.5 [&>*]:pr-4 [&>*]:text-left"
            >
              <th scope="row" className="font-medium">
                {row.spoke}
              </th>
              <td>{row.beside}</td>
              <td>{row.task}</td>
              <td>
                {row.compared} of {row.answers}
              </td>
              <td>{sameOf(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function sameOf({ agreement, low = 0, high = 1 }: ShadowAgreement): string {
  if (agreement === undefined) return '–';
  return `${formatPercent(agreement)} (${formatPercent(low)} to ${formatPercent(high)})`;
}
