/** Ways in which a row comes back in a set: one seeded draw each. */
export const COPY_KINDS: Readonly<
  Record<string, (words: readonly string[], random: () => number) => readonly string[]>
> = {
  'case and marks': (words) => words.map((word) => word.toUpperCase().replace(/[?.,!]/g, ' !')),
  'typing error': (words, random) => {
    const at = longest(words, random);
    const word = words[at] ?? '';
    const place = 1 + Math.floor(random() * Math.max(1, word.length - 2));
    const wrong =
      word.slice(0, place) + (word[place + 1] ?? '') + (word[place] ?? '') + word.slice(place + 2);
    return words.with(at, wrong);
  },
  'word missing': (words, random) => words.toSpliced(Math.floor(random() * words.length), 1),
  'words swapped': (words, random) => {
    const at = Math.floor(random() * (words.length - 1));
    return words.with(at, words[at + 1] ?? '').with(at + 1, words[at] ?? '');
  },
  'words around': (words, random) => (random() < 0.5 ? ['hello', ...words] : [...words, 'please']),
  'word replaced': (words, random) => words.with(Math.floor(random() * words.length), 'thing'),
};

function longest(words: readonly string[], random: () => number): number {
  const long = [...words.keys()].filter((at) => (words[at] ?? '').length > 4);
  return long[Math.floor(random() * long.length)] ?? 0;
}
