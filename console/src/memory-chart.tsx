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

/** Memory of all resident models over the last five minutes, against the budget. */
export function MemoryChart({ history, budget }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const dark = useDarkScheme();
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const plot = new UPlot(options(element.clientWidth, budget, dark), [[], []], element);
    chart.current = plot;
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [budget, dark]);
  useEffect(() => {
    chart.current?.setData([history.map((point) => point.at), history.map((point) => point.bytes)]);
  }, [history]);
  return (
    <figure className="rounded-lg border border-border bg-card p-3">
      <figcaption className="mb-1 text-xs text-muted-foreground">
        Memory of the resident models in the last five minutes; the top of the chart is the budget
      </figcaption>
      <div ref={holder} style={{ height: HEIGHT }} aria-hidden="true" />
    </figure>
  );
}

function options(width: number, budget: number, dark: boolean): UPlot.Options {
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
      { ...axis, size: 28, incrs: [60, 120, 300], values: (_, moments) => moments.map(clockTime) },
      {
        ...axis,
        size: 64,
        splits: [0, budget / 2, budget],
        values: (_, values) => values.map((value) => formatBytes(value)),
      },
    ],
    series: [
      {},
      {
        label: 'memory',
        stroke: dark ? '#2dd4bf' : '#0f766e',
        width: 2,
        fill: dark ? '#2dd4bf22' : '#0f766e22',
        points: { show: false },
      },
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
