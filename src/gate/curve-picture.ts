import { drawPicture } from '../base/curve-picture.ts';
import type { CostCurve, CurvePoint } from './curve.ts';

/** The cost–quality curve as SVG text; the certified point is marked. */
export function drawCurve(curve: CostCurve, title: string, certified?: CurvePoint): string {
  const at = ({ cost, quality }: CurvePoint) => ({ x: cost, y: quality });
  return drawPicture({
    title,
    xName: 'cost, as a share of the reference for everything',
    yName: 'mean score',
    series: [
      { name: 'gate', colour: '#2563eb', points: curve.points.map(at) },
      {
        name: 'single models',
        colour: '#6b7280',
        isDots: true,
        points: curve.singles.map((one) => ({ ...at(one), label: one.model.slice(0, 40) })),
      },
      ...(certified === undefined
        ? []
        : [{ name: 'certified', colour: '#15803d', isDots: true, points: [at(certified)] }]),
    ],
  });
}
