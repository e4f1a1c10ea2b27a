import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { toCadreError } from '../core/errors.ts';
import { HintedError } from './failure.ts';
import { note, safeLine } from './terminal.ts';

const ADVICE =
  'Say `--yes` to let the farm fetch them, or name a trainer of your own with --trainer.';

/**
 * Whether a person at a terminal lets the farm fetch what a trainer lacks; false for any other error.
 * Rejects with what to say instead where nobody can be asked.
 */
export async function mayInstall(error: unknown, signal: AbortSignal): Promise<boolean> {
  const { code, message } = toCadreError(error);
  if (code !== 'trainer_missing') return false;
  const words = message.replace(/; `install: true`.*$/, '');
  if (stdin.isTTY !== true) throw new HintedError(code, words, ADVICE, error);
  note(safeLine(words));
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question('Fetch them now? [y/N] ', { signal });
    if (/^y(es)?$/i.test(answer.trim())) return true;
  } finally {
    lines.close();
  }
  throw new HintedError(code, words, ADVICE, error);
}
