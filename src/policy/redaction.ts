import { plainText } from './plain-text.ts';
import { mayHold } from './screens.ts';
import { findShape, type Shape } from './shapes.ts';

/** Longer shapes first: an account number may read as a telephone number. */
const SHAPES: readonly Shape[] = ['secret-key', 'email', 'iban', 'card', 'ip', 'phone'];

/**
 * The text as the scanners read it (`plainText`), with the name of the shape in the place of what they
 * find: `[email]`, `[phone]` … A text that holds nothing of a person comes back as it is.
 */
export function redactText(text: string): { readonly text: string; readonly count: number } {
  let plain = plainText(text);
  let count = 0;
  for (const shape of SHAPES) {
    if (!mayHold(shape, plain)) continue;
    const pieces: string[] = [];
    let from = 0;
    for (;;) {
      const span = findShape(shape, plain, from);
      if (span === undefined || span.end <= from) break;
      pieces.push(plain.slice(from, span.start), `[${shape}]`);
      from = span.end;
      count += 1;
    }
    if (pieces.length > 0) plain = `${pieces.join('')}${plain.slice(from)}`;
  }
  return count === 0 ? { text, count } : { text: plain, count };
}
