/**
 * Prometheus text exposition, version 0.0.4: families of series, each a set of label values. The
 * number of series per family is bounded; what comes after is counted under the label value `other`,
 * so that no caller can grow the memory by inventing names.
 */
export type Labels = Readonly<Record<string, string>>;

const SERIES_MAX = 200;
const OTHER = 'other';

abstract class Family<Value> {
  readonly name: string;
  readonly #help: string;
  readonly #type: 'counter' | 'gauge' | 'histogram';
  readonly #series = new Map<string, { readonly labels: Labels; value: Value }>();

  constructor(name: string, help: string, type: 'counter' | 'gauge' | 'histogram') {
    this.name = name;
    this.#help = help;
    this.#type = type;
  }

  render(): string {
    const lines = [
      `# HELP ${this.name} ${this.#help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${this.name} ${this.#type}`,
    ];
    for (const { labels, value } of this.#series.values()) lines.push(...this.lines(labels, value));
    return `${lines.join('\n')}\n`;
  }

  protected abstract lines(labels: Labels, value: Value): readonly string[];

  protected change(labels: Labels, update: (old: Value | undefined) => Value): void {
    const key = keyOf(labels);
    const known = this.#series.get(key);
    if (known !== undefined) {
      known.value = update(known.value);
    } else if (this.#series.size < SERIES_MAX) {
      this.#series.set(key, { labels, value: update(undefined) });
    } else {
      const others = Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER]));
      const rest = keyOf(others);
      this.#series.set(rest, { labels: others, value: update(this.#series.get(rest)?.value) });
    }
  }
}

/** All series of a family have the same names in the same order, so the values tell them apart. */
function keyOf(labels: Labels): string {
  let key = '';
  for (const name in labels) key += `${labels[name]}\n`;
  return key;
}

export class Counter extends Family<number> {
  constructor(name: string, help: string) {
    super(name, help, 'counter');
  }

  /** A counter never goes down: what is no positive number is not added. */
  add(labels: Labels, amount = 1): void {
    this.change(labels, (old) => (old ?? 0) + (amount > 0 && Number.isFinite(amount) ? amount : 0));
  }

  protected override lines(labels: Labels, value: number): readonly string[] {
    return [line(this.name, labels, value)];
  }
}

export class Gauge extends Family<number> {
  constructor(name: string, help: string) {
    super(name, help, 'gauge');
  }

  set(labels: Labels, value: number): void {
    this.change(labels, () => value);
  }

  protected override lines(labels: Labels, value: number): readonly string[] {
    return [line(this.name, labels, value)];
  }
}

interface Distribution {
  /** Observations per bucket, not summed up; the last one is beyond every bound. */
  readonly counts: number[];
  sum: number;
}

export class Histogram extends Family<Distribution> {
  readonly #bounds: readonly number[];

  /** `bounds`: upper bounds of the buckets, ascending, without infinity. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    super(name, help, 'histogram');
    this.#bounds = bounds;
  }

  observe(labels: Labels, value: number): void {
    if (!Number.isFinite(value)) return;
    this.change(labels, (old) => {
      const distribution = old ?? { counts: this.#bounds.map(() => 0).concat(0), sum: 0 };
      const found = this.#bounds.findIndex((bound) => value <= bound);
      const bucket = found === -1 ? this.#bounds.length : found;
      distribution.counts[bucket] = (distribution.counts[bucket] ?? 0) + 1;
      distribution.sum += value;
      return distribution;
    });
  }

  protected override lines(labels: Labels, { counts, sum }: Distribution): readonly string[] {
    let count = 0;
    const buckets = counts.map((inBucket, index) => {
      count += inBucket;
      const bound = this.#bounds[index];
      const le = bound === undefined ? '+Inf' : String(bound);
      return line(`${this.name}_bucket`, { ...labels, le }, count);
    });
    return [
      ...buckets,
      line(`${this.name}_sum`, labels, sum),
      line(`${this.name}_count`, labels, count),
    ];
  }
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
