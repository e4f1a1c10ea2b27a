import { coversDate, findDates } from './dates.ts';
import { quantitiesOf } from './quantities.ts';

/** A text in which values are looked for. */
export class TextSource {
  readonly #text: string;
  readonly #plain: string;
  #numbers: ReadonlySet<number> | undefined;
  #dates: ReturnType<typeof findDates> | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#plain = ` ${plain(text)} `;
  }

  has(value: string | number): boolean {
    if (typeof value === 'number') return this.#hasNumber(value);
    const wanted = plain(value);
    if (wanted === '') return true;
    // Scripts without spaces have no word boundaries.
    const isBounded = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]/u.test(wanted);
    if (this.#plain.includes(isBounded ? ` ${wanted} ` : wanted)) return true;
    const number = Number(value.replaceAll(/[\s,'$€£¥%]/g, ''));
    if (value.trim() !== '' && Number.isFinite(number)) return this.#hasNumber(number);
    return this.#hasDate(value);
  }

  #hasNumber(value: number): boolean {
    this.#numbers ??= new Set([
      ...quantitiesOf(this.#text).flatMap((one) => (one.kind === 'number' ? [one.value] : [])),
      ...[...this.#text.matchAll(/\d[\d,' ]*(?:\.\d+)?/g)].map(([digits]) =>
        Number(digits.replaceAll(/[,' ]/g, '')),
      ),
      ...[...this.#text.matchAll(/\d+/g)].map(([digits]) => Number(digits)),
    ]);
    return this.#numbers.has(value) || this.#numbers.has(Math.abs(value));
  }

  #hasDate(value: string): boolean {
    const [claimed] = findDates(value);
    if (claimed === undefined) return false;
    this.#dates ??= findDates(this.#text);
    return this.#dates.some((one) =>
      one.readings.some((source) => claimed.readings.some((date) => coversDate(source, date))),
    );
  }
}

/** Lower-case words with one space between them; marks inside a word stay, others are spaces. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(?<![\p{L}\p{N}])[^\p{L}\p{N}]+|[^\p{L}\p{N}]+(?![\p{L}\p{N}])/gu, ' ')
    .replaceAll(/[\s[\]()=|;"“”]+/g, ' ')
    .trim();
}
