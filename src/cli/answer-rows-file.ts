import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileTrouble } from '../core/file-trouble.ts';
import type { GivenAnswer } from '../main.ts';
import { UsageError } from './command.ts';

/** What was asked of which farm: an answer to anything else is not taken over. */
interface AskedRow {
  readonly id: string;
  readonly question: string;
  readonly collection: string;
  readonly model: string;
}

/**
 * Answers in a file of JSON lines, one added after each question, so that an evaluation that was
 * stopped goes on where it was.
 */
export class AnswerRowsFile {
  readonly #path: string | undefined;
  readonly #kept = new Map<string, GivenAnswer>();
  /** What a killed run left behind ends no line: the next answer begins one. */
  #isCut = false;

  /** Throws UsageError for a file that holds something else. */
  constructor(path: string | undefined) {
    this.#path = path;
    if (path === undefined || !existsSync(path)) return;
    const lines = readFileSync(path, 'utf8').split('\n');
    this.#isCut = lines.at(-1) !== '';
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '' || isCutLine(line)) continue;
      const { asked, given } = readLine(line, `--rows ${path}, line ${index + 1}`);
      this.#kept.set(keyOf(asked), given);
    }
  }

  find(asked: AskedRow): GivenAnswer | undefined {
    return this.#kept.get(keyOf(asked));
  }

  /** Throws `disk_full` or `file_refused`. */
  add(asked: AskedRow, given: GivenAnswer): void {
    if (this.#path === undefined) return;
    try {
      const line = `${this.#isCut ? '\n' : ''}${JSON.stringify({ asked, given })}\n`;
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#isCut = false;
    } catch (error) {
      throw fileTrouble(error, this.#path) ?? error;
    }
  }
}

const BEGINNING = '{"asked":';

/** The line that a killed run was writing. */
function isCutLine(line: string): boolean {
  const begins = line.startsWith(BEGINNING) || BEGINNING.startsWith(line);
  return begins && !line.endsWith('}}');
}

function readLine(line: string, where: string): { asked: AskedRow; given: GivenAnswer } {
  try {
    const { asked, given } = JSON.parse(line) as { asked?: AskedRow; given?: GivenAnswer };
    if (typeof asked?.id === 'string' && typeof given?.text === 'string') return { asked, given };
  } catch {
    // Told below.
  }
  throw new UsageError(`${where} is no answer of an earlier run; name another file`);
}

function keyOf({ id, question, collection, model }: AskedRow): string {
  return JSON.stringify([id, question, collection, model]);
}
