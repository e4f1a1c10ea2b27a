import type { Curve } from './evaluation-file.ts';

const SIZE = 300;
const EDGE = 44;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const HINTS: Readonly<Record<Curve['kind'], string>> = {
  reliability:
    'On the dotted line probabilities say what happens; a larger dot stands for more rows.',
  dial: 'Each dot is a threshold: to the right more is shown, lower down less of it is wrong.',
};

/** A curve over shares of 0 to 1 on both axes. */
export function EvaluationCurve({ curve }: { readonly curve: Curve }) {
  const { kind, name, xName, yName } = curve;
  const points = curve.points.toSorted((left, right) => left.x - right.x);
  const at = (share: number) => EDGE + share * (SIZE - EDGE - 8);
  const x = (share: number) => at(share);
  const y = (share: number) => SIZE - at(share);
  const line = points.map((point) => `${x(point.x)},${y(point.y)}`).join(' ');
  return (
    <figure data-testid={kind}>
      <figcaption className="text-sm font-medium">
        {name}
        <span className="block text-xs font-normal text-muted-foreground">{HINTS[kind]}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        className="mt-2 w-full max-w-sm fill-current text-[10px]"
        role="img"
        aria-label={`${name}: ${yName} over ${xName}`}
      >
        {TICKS.map((tick) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} className="stroke-border" />
            <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} className="stroke-border" />
            <text x={x(tick)} y={y(0) + 14} textAnchor="middle">
              {tick}
            </text>
            <text x={x(0) - 5} y={y(tick) + 3} textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        {kind === 'reliability' && (
          <line
            x1={x(0)}
            y1={y(0)}
            x2={x(1)}
            y2={y(1)}
            strokeDasharray="3 3"
            className="stroke-current opacity-60"
          />
        )}
        <polyline points={line} fill="none" strokeWidth={2} className="stroke-primary" />
        {points.map((point) => (
          <circle
            key={`${point.x} ${point.y} ${point.words}`}
            cx={x(point.x)}
            cy={y(point.y)}
            r={point.weight === undefined ? 3 : 3 + 9 * Math.sqrt(Math.min(1, point.weight))}
            className="fill-primary opacity-70"
          >
            <title>{point.words}</title>
          </circle>
        ))}
        <text x={x(0.5)} y={SIZE - 8} textAnchor="middle">
          {xName}
        </text>
        <text transform={`rotate(-90 12 ${y(0.5)})`} x={12} y={y(0.5)} textAnchor="middle">
          {yName}
        </text>
      </svg>
    </figure>
  );
}
