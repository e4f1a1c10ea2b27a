import { stderr, stdout } from 'node:process';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Colour = keyof typeof CODES;

/** Colours only where a person looks: on a terminal. */
export function paint(colour: Colour, text: string, stream: { isTTY?: boolean } = stdout): string {
  return stream.isTTY ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
}

const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text of documents, models and file names without what a terminal would obey: control characters
 * other than line break and tab, and marks that turn the direction of writing, by which a text may
 * show other than it is.
 */
export function safe(text: string): string {
  return text.replace(OBEYED, '�');
}

/** As `safe`, on one line. */
export function safeLine(text: string): string {
  return safe(text).replace(/\s+/g, ' ').trim();
}

export function print(line: string): void {
  stdout.write(`${line}\n`);
}

/** Notes for a person go to stderr, so that stdout stays the answer. */
export function note(line: string): void {
  stderr.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  stdout.write(`${JSON.stringify(value)}\n`);
}

export function formatDollars(amount: number): string {
  if (amount === 0) return '$0';
  if (amount < 0.000001) return '< $0.000001';
  return `$${amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(2)}`;
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** One line that is redrawn on a terminal and printed every quarter elsewhere. */
export class ProgressLine {
  #lastStep = -1;
  #drawn = false;

  /** Names of files and models may stand in both texts; they are cleaned and kept on the line. */
  update(name: string, done: number, total: number, more = ''): void {
    const [title, detail] = [safeLine(name), safeLine(more)];
    const share = total > 0 ? Math.min(1, done / total) : 0;
    if (stderr.isTTY) {
      const width = Math.round(share * 24);
      const bar = `${'█'.repeat(width)}${'░'.repeat(24 - width)}`;
      stderr.write(
        `\r\x1b[K  ${title} ${bar} ${String(Math.floor(share * 100)).padStart(3)} % ${detail}`,
      );
      this.#drawn = true;
      return;
    }
    const step = Math.floor(share * 4);
    if (step !== this.#lastStep) note(`  ${title} ${Math.floor(share * 100)} % ${detail}`);
    this.#lastStep = step;
  }

  end(line?: string): void {
    if (this.#drawn) stderr.write('\r\x1b[K');
    this.#drawn = false;
    this.#lastStep = -1;
    if (line !== undefined) note(line);
  }
}

/** Rows as aligned columns; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return rows.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return index === 0 ? paint('dim', line) : line;
  });
}
