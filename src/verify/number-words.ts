/** `one` is left out: it is a pronoun far more often than a number. */
const SMALL: ReadonlyMap<string, number> = new Map(
  (
    'zero:0 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 ' +
    'thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 ' +
    'thirty:30 forty:40 fifty:50 sixty:60 seventy:70 eighty:80 ninety:90 dozen:12 twice:2 thrice:3'
  )
    .split(' ')
    .map((pair) => {
      const [word = '', value = ''] = pair.split(':');
      return [word, Number(value)] as const;
    }),
);

const MAGNITUDES: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1e6],
  ['millions', 1e6],
  ['billion', 1e9],
  ['billions', 1e9],
  ['bn', 1e9],
  ['trillion', 1e12],
]);

export function magnitudeOf(word: string): number | undefined {
  return MAGNITUDES.get(word.toLowerCase());
}

/**
 * The number that a run of words begins with: “two hundred and five people” → 205, 4 words.
 * Undefined when the first word is no number word.
 */
export function readNumberWords(
  words: readonly string[],
): { readonly value: number; readonly count: number } | undefined {
  let total = 0;
  let current = 0;
  let count = 0;
  let seen = false;
  for (const [index, raw] of words.entries()) {
    const word = raw.toLowerCase();
    const next = words[index + 1]?.toLowerCase() ?? '';
    const followed = index === 0 && magnitudeOf(next) !== undefined;
    const small = word === 'one' || word === 'a' ? onlyIf(followed || seen, 1) : hyphenated(word);
    const magnitude = magnitudeOf(word);
    if (small !== undefined && !(word === 'a' && seen)) {
      current += small;
      seen = true;
    } else if (magnitude !== undefined && seen) {
      if (magnitude === 100) current = Math.max(1, current) * 100;
      else {
        total += Math.max(1, current) * magnitude;
        current = 0;
      }
    } else if (!(word === 'and' && seen && current >= 100 && hyphenated(next) !== undefined)) break;
    count = index + 1;
  }
  return seen ? { value: total + current, count } : undefined;
}

function onlyIf(condition: boolean, value: number): number | undefined {
  return condition ? value : undefined;
}

/** `five` → 5, `twenty-five` → 25. */
function hyphenated(word: string): number | undefined {
  const plain = SMALL.get(word);
  if (plain !== undefined) return plain;
  const [tens = '', ones = '', more] = word.split('-');
  const high = SMALL.get(tens);
  const low = ones === 'one' ? 1 : SMALL.get(ones);
  if (more !== undefined || high === undefined || low === undefined) return undefined;
  return high >= 20 && high % 10 === 0 && low < 10 ? high + low : undefined;
}
