import type { LabelledText } from '../../src/base/ngram-classifier.ts';
import { seededRandom } from '../../src/base/random.ts';

const TRADES: Record<string, readonly (readonly string[])[]> = {
  travel: [
    ['book', 'find', 'change', 'show me'],
    ['a flight', 'the train', 'a ferry', 'my hotel room'],
    ['to Oslo', 'to Rome', 'for Friday', 'near the harbour'],
  ],
  kitchen: [
    ['how long', 'at what heat', 'in which pot', 'with what'],
    ['do I cook', 'should one fry', 'can I bake', 'to boil'],
    ['potatoes', 'an onion', 'the bread', 'a trout'],
  ],
  bank: [
    ['block', 'top up', 'replace', 'where is'],
    ['my card', 'the account', 'a lost wallet', 'my balance'],
    ['today', 'after the theft', 'at the machine', 'please'],
  ],
  garden: [
    ['when', 'how often', 'where', 'why'],
    ['do roses', 'should tulips', 'may a cherry tree', 'does the lawn'],
    ['need water', 'get pruned', 'grow', 'turn yellow'],
  ],
};
const FILLERS = ['', 'hello, ', 'quick question: ', 'well, ', 'sorry, ', 'hi! '];

/** `count` sentences per label, put together at random, the last of a few words wrong at times. */
export function tradeRows(count: number, seed: number, labels = Object.keys(TRADES)) {
  const random = seededRandom(seed);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const rows: LabelledText[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    for (const label of labels) {
      const words = (TRADES[label] ?? []).map(pick).join(' ');
      const other = pick(Object.keys(TRADES));
      const tail = random() < 0.3 ? ` ${pick(TRADES[other]?.[2] ?? [])}` : '';
      rows.push({ text: `${pick(FILLERS)}${words}${tail}`, label });
    }
  }
  return rows;
}

/** Words stand for directions: an embedding of 16 dimensions that needs no weights. */
export function plainVector(text: string): Float32Array {
  const vector = new Float32Array(16);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const random = seededRandom([...word].reduce((sum, unit) => sum * 31 + unit.charCodeAt(0), 7));
    for (let at = 0; at < vector.length; at += 1) vector[at] = (vector[at] ?? 0) + random() - 0.5;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
