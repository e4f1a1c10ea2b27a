import type { SpecialistLineage, SpecialistVersion } from '../../src/core/specialist.ts';
import { formatPercent } from './format.ts';

const STEP = 72;
const HEIGHT = 150;
const TOP = 16;
const BOTTOM = 112;
const LEFT = 56;
const RADIUS = 7;

/**
 * Versions from left to right, each as high as its accuracy with its 95 % interval, with a line to the
 * version that served when it was made. A ring marks the one that serves; a hollow one is retired.
 */
export function LineagePicture({ lineage }: { readonly lineage: SpecialistLineage }) {
  const versions = lineage.versions.toReversed();
  const lows = versions.map((one) => one.manifest.report.accuracyLow);
  const low = Math.min(...lows, 0.99);
  const spot = (share: number) => BOTTOM - ((share - low) / (1 - low)) * (BOTTOM - TOP);
  const place = (version: number) => {
    const at = versions.findIndex((one) => one.manifest.version === version);
    const found = versions[at];
    return found && { x: LEFT + STEP * at + STEP / 2, y: spot(found.manifest.report.accuracy) };
  };
  const width = LEFT + STEP * versions.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="mt-3 overflow-x-auto" tabIndex={0} aria-label="Lineage">
      <svg
        role="img"
        aria-label={wordsOf(lineage)}
        width={width}
        height={HEIGHT}
        data-testid="lineage"
        className="text-foreground"
      >
        {[1, low].map((share) => (
          <g key={share} className="text-muted-foreground">
            <line
              x1={LEFT}
              x2={width}
              y1={spot(share)}
              y2={spot(share)}
              stroke="currentColor"
              strokeOpacity="0.25"
            />
            <text
              x={LEFT - 6}
              y={spot(share) + 4}
              textAnchor="end"
              fontSize="11"
              fill="currentColor"
            >
              {formatPercent(share)}
            </text>
          </g>
        ))}
        {versions.map(({ manifest }) => {
          const from = manifest.parent === null ? undefined : place(manifest.parent);
          const to = place(manifest.version);
          if (!from || !to) return null;
          const middle = (from.x + to.x) / 2;
          return (
            <path
              key={manifest.version}
              d={`M${from.x} ${from.y} C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`}
              fill="none"
              stroke="currentColor"
              strokeOpacity="0.4"
              strokeWidth="1.5"
            />
          );
        })}
        {versions.map((version) => {
          const at = place(version.manifest.version);
          return at && <Dot key={version.manifest.version} version={version} at={at} spot={spot} />;
        })}
      </svg>
    </section>
  );
}

interface DotProps {
  readonly version: SpecialistVersion;
  readonly at: { readonly x: number; readonly y: number };
  readonly spot: (share: number) => number;
}

function Dot({ version: { manifest, stage, moves }, at: { x, y }, spot }: DotProps) {
  const { accuracyLow, accuracyHigh } = manifest.report;
  const isLive = stage === 'live';
  const last = moves.at(-1);
  return (
    <g data-stage={stage} className={isLive ? 'text-primary' : 'text-muted-foreground'}>
      <title>
        {last
          ? `Version ${manifest.version}, ${last.act}: ${last.reason}`
          : `Version ${manifest.version}`}
      </title>
      <line x1={x} x2={x} y1={spot(accuracyHigh)} y2={spot(accuracyLow)} stroke="currentColor" />
      {isLive && (
        <circle cx={x} cy={y} r={RADIUS + 4} fill="none" stroke="currentColor" strokeWidth="1.5" />
      )}
      <circle
        cx={x}
        cy={y}
        r={RADIUS}
        className={stage === 'retired' ? 'fill-card' : 'fill-current'}
        stroke="currentColor"
        strokeWidth="1.5"
      />
      <text x={x} y={HEIGHT - 20} textAnchor="middle" fontSize="12" fill="currentColor">
        {manifest.version}
      </text>
      <text x={x} y={HEIGHT - 6} textAnchor="middle" fontSize="11" fill="currentColor">
        {last?.act ?? stage}
      </text>
    </g>
  );
}

function wordsOf({ name, live, versions }: SpecialistLineage): string {
  const serving = live === null ? 'none serves' : `version ${live} serves`;
  const each = versions
    .toReversed()
    .map(
      ({ manifest, stage }) =>
        `version ${manifest.version}${manifest.parent === null ? '' : ` after ${manifest.parent}`}, ${formatPercent(manifest.report.accuracy)}, ${stage}`,
    );
  return `Lineage of ${name}: ${serving}; ${each.join('; ')}`;
}
