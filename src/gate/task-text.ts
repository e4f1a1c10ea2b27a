import type { Surface, SurfaceFeatures } from './features.ts';

/**
 * UTF-16 units that the task classifier reads: the order stands at the beginning or at the end of
 * what is handed over. 320 + 200 keep one decision below 100 µs (bench/gate-decide.ts).
 */
const HEAD = 320;
const TAIL = 200;
const SYSTEM = 160;

/**
 * What the task classifier reads: marks for the surface features, then the ends of the text with
 * every digit as 0. Training and use go through here, so that both see the same.
 */
export function taskText({ features, excerpt }: Surface): string {
  const { text } = excerpt;
  const ends = text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}`;
  const system = excerpt.system === '' ? '' : `${excerpt.system.slice(0, SYSTEM)}\n`;
  return `${marks(features)} ${(system + ends).replace(/\d/g, '0')}`;
}

/** Each mark is one word that no text holds. */
function marks(features: SurfaceFeatures): string {
  const { characters, sentences, numbers, options, steps, jobs } = features;
  let text = `xlength${grade(characters, LENGTHS)} xnumbers${grade(numbers, FEW)}`;
  text += ` xsentences${grade(sentences, SENTENCES)}`;
  text += ` xsteps${grade(steps, FEW)} xjobs${grade(jobs, FEW)}`;
  text += ` xask${features.questionForm}${features.questionMarks > 0 ? 'mark' : 'none'}`;
  text += options > 1 ? ` xoptions xoptions${Math.min(options, 5)}` : ' xplain';
  if (features.mathMarks > 1) text += ' xformula';
  if (features.codeMarks > 0.02) text += features.codeMarks > 0.06 ? ' xcode xcodemuch' : ' xcode';
  if (features.foreignLetters > 0.01)
    text += features.foreignLetters > 0.1 ? ' xforeign' : ' xaccents';
  if (features.lines > 3) text += ' xlines';
  return text;
}

const LENGTHS = [12, 40, 100, 250, 600, 1500, 6000];
const FEW = [1, 2, 3, 5, 9];
const SENTENCES = [1, 2, 3, 4, 7, 12];

/** The letter of the first bound that the value does not reach; letters, because digits become 0. */
function grade(value: number, bounds: readonly number[]): string {
  let place = 0;
  while (place < bounds.length && value >= (bounds[place] ?? 0)) place += 1;
  return String.fromCharCode(97 + place);
}
