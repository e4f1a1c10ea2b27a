import type { CostCurve, CurvePoint } from './curve.ts';

const WIDTH = 720;
const HEIGHT = 440;
const LEFT = 64;
const RIGHT = 24;
const TOP = 48;
const BOTTOM = 56;

/** The same picture on a dark screen: each colour and what stands in its place. */
const DARK = [
  ['#ffffff', '#1c1917'],
  ['#1f2933', '#f5f5f4'],
  ['#4b5563', '#a8a29e'],
  ['#6b7280', '#a8a29e'],
  ['#e5e7eb', '#44403c'],
  ['#2563eb', '#60a5fa'],
  ['#15803d', '#4ade80'],
] as const;
const DARK_STYLE = `<style>@media (prefers-color-scheme: dark) { ${DARK.map(
  ([light, dark]) => `[fill="${light}"] { fill: ${dark} } [stroke="${light}"] { stroke: ${dark} }`,
).join(' ')} }</style>`;

/** The cost–quality curve as SVG text, for light and dark screens; the certified point is marked. */
export function drawCurve(curve: CostCurve, title: string, certified?: CurvePoint): string {
  const all = [...curve.points, ...curve.singles, ...(certified ? [certified] : [])];
  const mostCost = Math.max(1, ...all.map(({ cost }) => cost));
  const [low, high] = frame(all.map(({ quality }) => quality));
  const x = (cost: number) => LEFT + (cost / mostCost) * (WIDTH - LEFT - RIGHT);
  const y = (quality: number) =>
    HEIGHT - BOTTOM - ((quality - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const at = ({ cost, quality }: CurvePoint) => `${x(cost).toFixed(1)},${y(quality).toFixed(1)}`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>${escaped(title)}</title>`,
    DARK_STYLE,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    words(LEFT, 26, title, 'start', '#1f2933', 15),
    ...ticks(5).map((share) => grid(y(low + share * (high - low)), low + share * (high - low))),
    ...ticks(4).map((share) =>
      words(x(share * mostCost), HEIGHT - BOTTOM + 20, `${Math.round(100 * share * mostCost)} %`),
    ),
    words(WIDTH / 2, HEIGHT - 12, 'cost, as a share of the reference for everything'),
    `<polyline points="${curve.points.map(at).join(' ')}" fill="none" stroke="#2563eb" stroke-width="2.5"/>`,
    ...curve.singles.map((one) => single(x(one.cost), y(one.quality), one.model)),
    ...(certified === undefined
      ? []
      : [
          `<circle cx="${x(certified.cost).toFixed(1)}" cy="${y(certified.quality).toFixed(1)}" r="6" fill="#15803d"/>`,
          words(x(certified.cost), y(certified.quality) - 12, 'certified', 'middle', '#15803d'),
        ]),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function frame(values: readonly number[]): [number, number] {
  const low = Math.max(0, Math.floor(20 * (Math.min(...values) - 0.01)) / 20);
  const high = Math.min(1, Math.ceil(20 * (Math.max(...values) + 0.01)) / 20);
  return high > low ? [low, high] : [low, low + 0.05];
}

function ticks(count: number): number[] {
  return Array.from({ length: count + 1 }, (_, at) => at / count);
}

function grid(y: number, value: number): string {
  const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#e5e7eb"/>`;
  return line + words(LEFT - 10, y + 4, value.toFixed(2), 'end');
}

function single(x: number, y: number, model: string): string {
  const isRight = x > WIDTH * 0.6;
  const dot = `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="#6b7280"/>`;
  return dot + words(x + (isRight ? -8 : 8), y + 14, model.slice(0, 40), isRight ? 'end' : 'start');
}

function words(
  x: number,
  y: number,
  text: string,
  anchor: 'start' | 'middle' | 'end' = 'middle',
  colour = '#4b5563',
  size = 13,
): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}" font-size="${size}">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
