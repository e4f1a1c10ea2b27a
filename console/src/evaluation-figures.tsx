import { type Figure, round } from './evaluation-file.ts';

/** The figures with their intervals; shares also as a bar from 0 to 1. */
export function EvaluationFigures({ figures }: { readonly figures: readonly Figure[] }) {
  if (figures.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="mt-3 overflow-x-auto" tabIndex={0} aria-label="Figures">
      <table className="w-full text-sm tabular-nums">
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="border-b border-border whitespace-nowrap [&>th]:py-1.5 [&>th]:pr-4 [&>th]:font-normal">
            <th scope="col">Figure</th>
            <th scope="col">Value</th>
            <th scope="col">95 % interval</th>
            <th scope="col">0 to 1</th>
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => (
            <tr
              key={figure.name}
              className="border-b border-border last:border-0 [&>*]:py-1 [&>*]:pr-4 [&>*]:text-left"
            >
              <th scope="row" className="font-medium">
                {figure.name}
              </th>
              <td>
                {round(figure.value)}
                {figure.of !== undefined && ` of ${figure.of}`}
              </td>
              <td>
                {figure.low !== undefined &&
                  figure.high !== undefined &&
                  `${round(figure.low)} … ${round(figure.high)}`}
              </td>
              <td className="w-40">
                <Bar figure={figure} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const WIDTH = 160;
const HEIGHT = 12;

function Bar({ figure: { value, low, high } }: { readonly figure: Figure }) {
  if (low === undefined || high === undefined || low < 0 || high > 1) return null;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-3 w-40" aria-hidden="true">
      <line x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} className="stroke-border" />
      <line
        x1={low * WIDTH}
        x2={high * WIDTH}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
        strokeWidth={4}
        className="stroke-primary opacity-40"
      />
      <circle cx={value * WIDTH} cy={HEIGHT / 2} r={4} className="fill-primary" />
    </svg>
  );
}
