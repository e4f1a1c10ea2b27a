import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { formatBytes } from './format.ts';

interface Props {
  readonly history: readonly { readonly at: number; readonly bytes: number }[];
  readonly budget: number;
}

/** Memory of all resident models over the last minutes, against the budget. */
export function MemoryChart({ history, budget }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const ink = matchMedia('(prefers-color-scheme: dark)').matches ? '#a8a29e' : '#57534e';
    const axis = { stroke: ink, grid: { stroke: `${ink}33`, width: 1 }, ticks: { show: false } };
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: 160,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: [0, budget] } },
        axes: [
          axis,
          { ...axis, size: 70, values: (_, values) => values.map((value) => formatBytes(value)) },
        ],
        series: [{}, { label: 'memory', stroke: '#0d9488', width: 2, fill: '#0d948822' }],
      },
      [[], []],
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: 160 }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [budget]);
  useEffect(() => {
    chart.current?.setData([history.map((point) => point.at), history.map((point) => point.bytes)]);
  }, [history]);
  return (
    <figure className="rounded-lg border border-stone-200 bg-white p-3 dark:border-stone-800 dark:bg-stone-900">
      <figcaption className="mb-1 text-xs text-stone-500">
        Memory of the resident models, up to the budget
      </figcaption>
      <div ref={holder} />
    </figure>
  );
}
