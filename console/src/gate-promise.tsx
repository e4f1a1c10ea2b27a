import type { CertifiedSliceRow, GateCertificate } from '../../src/core/gate-certificate.ts';
import type { GateStatus } from '../../src/core/gate-report.ts';
import { formatDay, formatPercent, formatPlural } from './format.ts';
import { InlineCode } from './inline-code.tsx';

/** Which gate decides, and what it promises for each part of the traffic. */
export function GatePromise({ gate }: { readonly gate: GateStatus }) {
  const { version, versions, promises, problem, certificate, drift, joined = [] } = gate;
  return (
    <section className="rounded-lg border border-border bg-card p-4" data-testid="promise">
      <h2 className="font-semibold" data-testid="in-force">
        {version === 0 ? 'The starter’s table decides' : `Gate ${version} decides`}
      </h2>
      {problem && (
        <p
          role="alert"
          className="mt-3 rounded-md bg-caution-soft px-3 py-2 text-sm wrap-anywhere text-caution"
        >
          <span className="font-medium">{headlineOf(problem, version)}</span>{' '}
          <InlineCode text={`${capital(problem)}.`} />
        </p>
      )}
      {drift?.alarms.map((alarm) => (
        <p
          key={alarm}
          role="alert"
          className="mt-3 rounded-md bg-caution-soft px-3 py-2 text-sm wrap-anywhere text-caution"
        >
          <span className="font-medium">A spoke became worse.</span>{' '}
          <InlineCode text={`${capital(alarm)}.`} />
        </p>
      ))}
      {versions.length === 0 && (
        <p className="mt-1 text-sm text-muted-foreground" data-testid="not-fitted">
          No gate is fitted yet: <InlineCode text="`npx cadre gate fit requests.jsonl`" /> makes one
          from your own graded requests.
        </p>
      )}
      {certificate ? (
        <Certificate certificate={certificate} />
      ) : (
        versions.length > 0 &&
        problem === undefined &&
        promises.map((promise) => (
          <p key={promise} className="mt-1 text-sm text-muted-foreground">
            {capital(promise)}.
          </p>
        ))
      )}
      {joined.map(({ spoke, rows, isCertified }) => (
        <p key={spoke} className="mt-2 text-sm" data-testid="joined">
          <InlineCode text={`\`${spoke}\``} /> joined without a new fit, known by{' '}
          {formatPlural(rows, 'graded request')};{' '}
          <InlineCode
            text={
              isCertified
                ? 'the promise was measured with it.'
                : 'the promise was made without it: `auto` asks it after `cadre gate certify`.'
            }
          />
        </p>
      ))}
      {drift !== undefined && drift.outcomes > 0 && (
        <p className="mt-2 text-xs text-muted-foreground">
          {formatPlural(drift.outcomes, 'graded answer')} watched since it decides.
        </p>
      )}
    </section>
  );
}

/** What a warning means for the requests that come now. */
function headlineOf(problem: string, version: number): string {
  if (version === 0) return 'The chosen gate cannot be used, so the starter’s table decides.';
  if (problem.includes('expired')) return 'The promise has run out.';
  if (problem.startsWith('what joined')) return 'A spoke that joined is not known any more.';
  return 'Nothing is promised now.';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Certificate({ certificate }: { readonly certificate: GateCertificate }) {
  const { alpha, delta, reference, slices, madeAt, expiresAt } = certificate;
  return (
    <>
      <p className="mt-1 text-sm">
        It loses at most <strong>{formatPercent(alpha)}</strong> of what{' '}
        <InlineCode text={`\`${reference}\``} /> gets right, with {formatPercent(1 - delta)}{' '}
        confidence, in all parts of the traffic at once.
      </p>
      <p className="mt-1 text-xs text-muted-foreground">
        Shown on graded requests of {formatDay(madeAt)}; it holds until {formatDay(expiresAt)}.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="mt-3 overflow-x-auto" tabIndex={0} aria-label="The promise">
        <table className="w-full text-sm tabular-nums">
          <thead className="text-left text-xs text-muted-foreground">
            <tr className="border-b border-border [&>th]:py-1.5 whitespace-nowrap [&>th]:pr-4 [&>th]:font-normal">
              <th scope="col">Requests</th>
              <th scope="col" className="hidden sm:table-cell">
                Graded
              </th>
              <th scope="col">Kept cheap</th>
              <th scope="col" className="hidden sm:table-cell">
                Lost
              </th>
              <th scope="col">Bound</th>
              <th scope="col">Missing</th>
            </tr>
          </thead>
          <tbody>
            {slices.map((slice) => (
              <Row
                key={slice.slice}
                slice={slice}
                reference={reference}
                isOnly={slices.length === 1}
              />
            ))}
          </tbody>
        </table>
      </section>
      <p className="mt-2 text-xs text-muted-foreground">
        Kept cheap: answered by something cheaper than {reference}. Bound: the most that is lost of
        what it gets right, at the promised confidence. Missing: graded requests that it would take
        before anything cheaper may answer.
      </p>
    </>
  );
}

function Row({
  slice: { slice, rows, right, lost, bound, threshold, keptCheap, missing },
  reference,
  isOnly,
}: {
  readonly slice: CertifiedSliceRow;
  readonly reference: string;
  readonly isOnly: boolean;
}) {
  const rest = isOnly ? 'all' : 'all else';
  const isOpen = threshold !== null;
  return (
    <tr className="border-b border-border last:border-0 whitespace-nowrap [&>*]:py-1.5 [&>*]:pr-4 [&>*]:text-left">
      <th scope="row" className="font-medium">
        {slice === '*' ? rest : slice}
      </th>
      <td className="hidden sm:table-cell">{rows}</td>
      <td>
        {isOpen ? formatPercent(keptCheap) : <span className="text-caution">{reference} only</span>}
      </td>
      <td className="hidden sm:table-cell">{isOpen ? `${lost} of ${right}` : '–'}</td>
      <td>{isOpen ? formatPercent(bound) : '–'}</td>
      <td>{missing === 0 ? '–' : <span className="text-caution">{missing}</span>}</td>
    </tr>
  );
}
