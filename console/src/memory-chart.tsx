import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import { HISTORY_SECONDS, type MemoryPoint } from './fleet-watch.ts';
import { formatBytes } from './format.ts';

interface Props {
  readonly history: readonly MemoryPoint[];
  /** Bytes. */
  readonly budget: number;
}

const HEIGHT = 130;
/** Of a time of day below the chart, with room beside it. */
const LABEL_WIDTH = 72;

/** Memory of each resident model over the last five minutes, one on the other, against the budget. */
export function MemoryChart({ history, budget }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const dark = useDarkScheme();
  const models = [...new Set(history.flatMap((point) => Object.keys(point.models)))]
    .sort()
    .join(' ');
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const ids = models === '' ? [] : models.split(' ');
    const plot = new UPlot(options(element.clientWidth, budget, dark, ids), [[]], element);
    chart.current = plot;
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [budget, dark, models]);
  useEffect(() => {
    chart.current?.setData(stacked(history, models === '' ? [] : models.split(' ')));
  }, [history, models]);
  return (
    <figure className="rounded-lg border border-border bg-card p-3">
      <figcaption className="mb-1 text-xs text-muted-foreground">
        Memory of the resident models in the last five minutes; the top of the chart is the budget
      </figcaption>
      {models !== '' && (
        <ul className="mb-1 flex flex-wrap gap-x-4 text-xs" aria-label="Models in the chart">
          {models.split(' ').map((id, at) => (
            <li key={id} className="flex items-center gap-1.5 wrap-anywhere">
              <span className="size-2 rounded-full" style={{ background: colourOf(at, dark) }} />
              {id}
            </li>
          ))}
        </ul>
      )}
      <div ref={holder} style={{ height: HEIGHT }} aria-hidden="true" />
    </figure>
  );
}

/** Each model on top of those before it; the tallest first, so that the others are drawn over it. */
function stacked(history: readonly MemoryPoint[], ids: readonly string[]): UPlot.AlignedData {
  const sums = ids.map((_, at) =>
    history.map((point) =>
      ids.slice(0, at + 1).reduce((sum, id) => sum + (point.models[id] ?? 0), 0),
    ),
  );
  return [history.map((point) => point.at), ...sums.reverse()];
}

const COLOURS = [
  ['#0f766e', '#2dd4bf'],
  ['#0369a1', '#38bdf8'],
  ['#7e22ce', '#c084fc'],
  ['#b45309', '#fbbf24'],
  ['#be185d', '#f472b6'],
  ['#4d7c0f', '#a3e635'],
] as const;

function colourOf(at: number, dark: boolean): string {
  return COLOURS[at % COLOURS.length]?.[dark ? 1 : 0] ?? '';
}

function options(
  width: number,
  budget: number,
  dark: boolean,
  ids: readonly string[],
): UPlot.Options {
  const ink = dark ? '#a8a29e' : '#57534e';
  const axis = { stroke: ink, grid: { stroke: `${ink}33`, width: 1 }, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, __, last) => [last - HISTORY_SECONDS, last] },
      y: { range: [0, budget] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: LABEL_WIDTH,
        incrs: [60, 120, 300],
        values: (_, moments) => moments.map(clockTime),
      },
      {
        ...axis,
        size: 64,
        splits: [0, budget / 2, budget],
        values: (_, values) => values.map((value) => formatBytes(value)),
      },
    ],
    series: [
      {},
      ...ids
        .map((label, at) => ({
          label,
          stroke: colourOf(at, dark),
          width: 1,
          fill: colourOf(at, dark),
          points: { show: false },
        }))
        .reverse(),
    ],
  };
}

function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function useDarkScheme(): boolean {
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const update = () => setDark(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return dark;
}
