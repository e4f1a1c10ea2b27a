import { quantile } from '../base/statistics.ts';
import { tongueOf } from '../base/tongue.ts';

/** Parts of texts in which a version may be worse: thirds by length, the language. */
export function textSlicer(texts: readonly string[]): (text: string) => readonly string[] {
  const lengths = texts.map((text) => text.length);
  const [short, long] = [quantile(lengths, 1 / 3), quantile(lengths, 2 / 3)];
  return (text) => {
    const length = text.length <= short ? 'short' : text.length <= long ? 'middle' : 'long';
    const language = tongueOf(text);
    return [`length: ${length}`, ...(language === undefined ? [] : [`language: ${language}`])];
  };
}
