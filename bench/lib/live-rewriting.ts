import type { JsonValue } from '../../src/core/chat.ts';
import { CITIES, type LiveRow, MONTHS, PEOPLE } from './live-row.ts';
import { createPicker, type Picker } from './seeded-picker.ts';

interface Made {
  readonly prompt: string;
  readonly gold: string | JsonValue;
  readonly metric: 'text' | 'data';
}

const WORDS = [
  'amber',
  'basil',
  'cedar',
  'dahlia',
  'ember',
  'fennel',
  'ginger',
  'hazel',
  'indigo',
  'juniper',
  'kelp',
  'lavender',
  'maple',
  'nutmeg',
  'olive',
  'pepper',
  'quince',
  'rosemary',
  'saffron',
  'thyme',
];
const ROLES = ['nurse', 'driver', 'planner', 'welder', 'clerk', 'tutor'];
const SENTENCES = [
  'the museum opens again after the repairs',
  'our team meets the new supplier on friday',
  'please leave the keys at the front desk',
  'the last train to the coast was cancelled',
  'nobody had read the safety notice',
  'the garden behind the school is full of tomatoes',
];

const two = (value: number) => String(value).padStart(2, '0');

function dates(picker: Picker): Made {
  const place = picker.int(0, 11);
  const [day, year] = [picker.int(1, 28), picker.int(2001, 2029)];
  const who = picker.pick(PEOPLE);
  const written = picker.pick([
    `${day} ${MONTHS[place]} ${year}`,
    `${MONTHS[place]} ${day}, ${year}`,
    `${two(day)}.${two(place + 1)}.${year}`,
  ]);
  const frame = picker.pick([
    (date: string) => `The contract with ${who} ends on ${date}.`,
    (date: string) => `${who} was born on ${date} in Lisbon.`,
    (date: string) => `Delivery to ${who}: ${date}.`,
  ]);
  return {
    prompt: `Rewrite the sentence with its date as YYYY-MM-DD and change nothing else (dates with dots are day.month.year). Answer with the sentence only.\n\n${frame(written)}`,
    gold: frame(`${year}-${two(place + 1)}-${two(day)}`),
    metric: 'text',
  };
}

function sorted(picker: Picker): Made {
  const words = picker.some(WORDS, picker.int(4, 6));
  return {
    prompt: `Sort these lines alphabetically. Answer with the sorted lines only.\n\n${words.join('\n')}`,
    gold: [...words].sort().join('\n'),
    metric: 'text',
  };
}

function deduplicated(picker: Picker): Made {
  const words = picker.some(WORDS, 4);
  const again = picker.some(words, 2);
  const list = [...words.slice(0, 3), again[0] ?? '', words[3] ?? '', again[1] ?? ''];
  return {
    prompt: `Remove the repeated items from this list and keep the first of each, in the same order. Answer with the list only, separated by commas.\n\n${list.join(', ')}`,
    gold: [...new Set(list)].join(', '),
    metric: 'text',
  };
}

function cased(picker: Picker): Made {
  const sentence = picker.pick(SENTENCES);
  const who = picker.pick(PEOPLE).toLowerCase();
  const [how, change] = picker.pick<[string, (text: string) => string]>([
    ['in capital letters', (text) => text.toUpperCase()],
    [
      'with every word beginning with a capital letter and the rest in small letters',
      (text) => text.replace(/\b[a-z]/g, (one) => one.toUpperCase()),
    ],
  ]);
  const text = `${sentence}, says ${who}`;
  return {
    prompt: `Write this text ${how}. Answer with the text only.\n\n${text}`,
    gold: change(text),
    metric: 'text',
  };
}

function units(picker: Picker): Made {
  const [from, to, factor, low, high] = picker.pick<[string, string, number, number, number]>([
    ['km', 'm', 1000, 2, 60],
    ['kg', 'g', 1000, 2, 40],
    ['hours', 'minutes', 60, 2, 9],
    ['m', 'cm', 100, 2, 90],
  ]);
  const value = picker.int(low, high);
  const frame = picker.pick([
    (text: string) => `The first part takes ${text}, the second is shorter.`,
    (text: string) => `Our record is ${text}.`,
    (text: string) => `It says ${text} on the sign.`,
  ]);
  return {
    prompt: `Rewrite the sentence in ${to} instead of ${from} and change nothing else. Write the number without separators. Answer with the sentence only.\n\n${frame(`${value} ${from}`)}`,
    gold: frame(`${value * factor} ${to}`),
    metric: 'text',
  };
}

function people(picker: Picker) {
  return picker.some(PEOPLE, 3).map((name) => ({
    name: name.split(' ')[0] ?? '',
    role: picker.pick(ROLES),
    age: picker.int(19, 64),
  }));
}

function toJson(picker: Picker): Made {
  const rows = people(picker);
  const csv = ['name,role,age', ...rows.map((row) => `${row.name},${row.role},${row.age}`)];
  return {
    prompt: `Turn this CSV into a JSON array of objects with the keys of its heading; ages are numbers. Answer with JSON only.\n\n${csv.join('\n')}`,
    gold: rows,
    metric: 'data',
  };
}

function toCsv(picker: Picker): Made {
  const rows = people(picker);
  const csv = ['name,role,age', ...rows.map((row) => `${row.name},${row.role},${row.age}`)];
  return {
    prompt: `Turn this JSON into CSV with a heading, no spaces after commas. Answer with the CSV only.\n\n${JSON.stringify(rows)}`,
    gold: csv.join('\n'),
    metric: 'text',
  };
}

function renamed(picker: Picker): Made {
  const [old = '', other = '', fresh = ''] = picker
    .some(PEOPLE, 3)
    .map((name) => name.split(' ')[0] ?? '');
  const city = picker.pick(CITIES);
  const frame = picker.pick([
    (name: string) =>
      `${name} met ${other} in ${city}. ${other} gave ${name} the keys, and ${name} drove home.`,
    (name: string) =>
      `When ${name} was in ${city}, ${other} called twice. In the end ${name} wrote to ${other}.`,
    (name: string) =>
      `${other} asked ${name} for help. ${name} said yes, and ${other} thanked ${name} from ${city}.`,
  ]);
  return {
    prompt: `Replace the name ${old} by ${fresh} everywhere and change nothing else. Answer with the text only.\n\n${frame(old)}`,
    gold: frame(fresh),
    metric: 'text',
  };
}

function filtered(picker: Picker): Made {
  const lines = picker.some(WORDS, 6).map((word) => `${word} ${picker.pick(['open', 'closed'])}`);
  const wanted = picker.pick(['open', 'closed']);
  const kept = lines.filter((line) => line.endsWith(` ${wanted}`));
  if (kept.length === 0 || kept.length === lines.length) return filtered(picker);
  return {
    prompt: `Keep only the lines that end with "${wanted}", unchanged and in the same order. Answer with these lines only.\n\n${lines.join('\n')}`,
    gold: kept.join('\n'),
    metric: 'text',
  };
}

function joined(picker: Picker): Made {
  const words = picker.some(WORDS, picker.int(3, 6));
  return {
    prompt: `Write these lines on one line, separated by a semicolon and a space. Answer with that line only.\n\n${words.join('\n')}`,
    gold: words.join('; '),
    metric: 'text',
  };
}

const KINDS: readonly (readonly [string, (picker: Picker) => Made])[] = [
  ['dates', dates],
  ['sort', sorted],
  ['deduplicate', deduplicated],
  ['case', cased],
  ['units', units],
  ['csv-to-json', toJson],
  ['json-to-csv', toCsv],
  ['names', renamed],
  ['filter', filtered],
  ['join', joined],
];

/** Small jobs on a given text whose result is known beforehand, letter by letter. */
export function rewritingRows(count: number, seed: string): LiveRow[] {
  const picker = createPicker(`${seed}/rewriting`);
  return Array.from({ length: count }, (_, index) => {
    const [group, make] = KINDS[index % KINDS.length] ?? ['dates', dates];
    return {
      id: `rewriting-${index}`,
      slice: 'rewriting',
      task: 'rewrite',
      maxTokens: 120,
      group,
      ...make(picker),
    };
  });
}
