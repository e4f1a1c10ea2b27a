/** A line or points in the plane, with its name and colour. */
export interface PictureSeries {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
  readonly isDashed?: boolean;
  readonly isDots?: boolean;
}

export interface Picture {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly series: readonly PictureSeries[];
}

const WIDTH = 720;
const HEIGHT = 440;
const LEFT = 70;
const RIGHT = 24;
const TOP = 64;
const BOTTOM = 56;
const TICKS = 5;
/** Of one name in the row below the title. */
const LEGEND_WIDTH = 190;

/** The same picture on a dark screen: each colour of the frame and what stands in its place. */
const DARK = [
  ['#fff', '#1c1917'],
  ['#222', '#f5f5f4'],
  ['#e4e4e4', '#44403c'],
  ['#444', '#a8a29e'],
  ['#2563eb', '#60a5fa'],
  ['#15803d', '#4ade80'],
] as const;
const DARK_STYLE = `<style>@media (prefers-color-scheme: dark) { ${DARK.map(
  ([light, dark]) => `[fill="${light}"] { fill: ${dark} } [stroke="${light}"] { stroke: ${dark} }`,
).join(' ')} }</style>`;

/** Draws an SVG for light and dark screens, readable in black and white and without any font of its own. */
export function drawPicture(picture: Picture): string {
  const all = picture.series.flatMap((one) => one.points);
  const x = axisOf(all.map((point) => point.x));
  const y = axisOf(all.map((point) => point.y));
  const left = (value: number) =>
    LEFT + ((value - x.low) / (x.high - x.low)) * (WIDTH - LEFT - RIGHT);
  const top = (value: number) =>
    HEIGHT - BOTTOM - ((value - y.low) / (y.high - y.low)) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(picture.title)}</title>`,
    DARK_STYLE,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 24, picture.title, 'font-size="15" font-weight="600"'),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, picture.xName, 'text-anchor="middle"'),
    text(
      16,
      (TOP + HEIGHT - BOTTOM) / 2,
      picture.yName,
      `text-anchor="middle" transform="rotate(-90 16 ${(TOP + HEIGHT - BOTTOM) / 2})"`,
    ),
  ];
  for (let tick = 0; tick <= TICKS; tick += 1) {
    const xValue = x.low + ((x.high - x.low) * tick) / TICKS;
    const yValue = y.low + ((y.high - y.low) * tick) / TICKS;
    parts.push(
      line(LEFT, top(yValue), WIDTH - RIGHT, top(yValue), '#e4e4e4'),
      text(LEFT - 8, top(yValue) + 4, short(yValue), 'text-anchor="end"'),
      text(left(xValue), HEIGHT - BOTTOM + 18, short(xValue), 'text-anchor="middle"'),
    );
  }
  parts.push(line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, '#444'));
  picture.series.forEach((one, at) => {
    parts.push(...drawSeries(one, left, top));
    const place = LEFT + LEGEND_WIDTH * at;
    parts.push(
      `<rect x="${place}" y="38" width="14" height="10" fill="${one.colour}"/>`,
      text(place + 20, 47, one.name, ''),
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

function drawSeries(
  { points, colour, isDashed, isDots }: PictureSeries,
  left: (value: number) => number,
  top: (value: number) => number,
): string[] {
  const labels = points.flatMap(({ x, y, label }) =>
    label === undefined ? [] : [labelAt(left(x), top(y) + 15, label)],
  );
  if (isDots)
    return [
      ...points.map(
        ({ x, y }) =>
          `<circle cx="${left(x).toFixed(1)}" cy="${top(y).toFixed(1)}" r="4" fill="${colour}"/>`,
      ),
      ...labels,
    ];
  const path = points.map(({ x, y }) => `${left(x).toFixed(1)},${top(y).toFixed(1)}`).join(' ');
  const dashes = isDashed ? ' stroke-dasharray="6 4"' : '';
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
    ...labels,
  ];
}

/** Beside its point, on the side where there is room. */
function labelAt(x: number, y: number, words: string): string {
  return x > WIDTH / 2 ? text(x - 7, y, words, 'text-anchor="end"') : text(x + 7, y, words, '');
}

function axisOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  const finite = values.filter(Number.isFinite);
  const low = finite.length === 0 ? 0 : Math.min(...finite);
  const high = finite.length === 0 ? 1 : Math.max(...finite);
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  // An axis that nearly begins at 0 begins there, so that lengths can be compared.
  const beginsAtZero = low >= 0 && low < high / 2;
  return { low: beginsAtZero ? 0 : low - room, high: high + room };
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${x1}" y1="${y1.toFixed(1)}" x2="${x2}" y2="${y2.toFixed(1)}" stroke="${colour}"/>`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="#222" ${attributes}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return value.toExponential(1);
  return Number(value.toPrecision(3)).toString();
}
