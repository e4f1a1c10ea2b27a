import { createPicker, type Picker } from './seeded-picker.ts';

/** A document of our own making with the places of its fields. */
export interface FieldDocument {
  readonly text: string;
  /** In order, without overlap; offsets in UTF-16 units, `end` exclusive. */
  readonly spans: readonly {
    readonly start: number;
    readonly end: number;
    readonly label: string;
  }[];
}

/** Sentences of the test part are in no document of the train part, nor are its names and products. */
export type DocumentPart = 'train' | 'test';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'October',
];
const NAMES = {
  train: [
    'Anna Keller',
    'Tom Okafor',
    'Maria Silva',
    'John Whitfield',
    'Lena Brandt',
    'Priya Nair',
    'Hugo Martin',
    'Sara Cohen',
    'Ivan Petrov',
    'Grace Lee',
    'Omar Haddad',
    'Nina Rossi',
    'Peter Novak',
    'Julia Hansen',
  ],
  test: ['Ruth Adeyemi', 'Carl Lindgren', 'Mei Tanaka', 'Oscar Duarte'],
};
const FIRMS = {
  train: [
    'Northwind Ltd',
    'Baker & Sons',
    'Alpine Tools GmbH',
    'Greenfield Supplies',
    'Orbit Media Inc',
    'Fischer & Co',
    'Blue Lake Foods',
    'Data Works LLC',
    'Royal Paper Mill',
    'Stone Brothers Ltd',
    'Vega Logistics',
  ],
  test: ['Harbour Print Ltd', 'Mills & Moreno', 'Quartz Systems GmbH', 'Summit Catering Inc'],
};
const PRODUCTS = {
  train: [
    'desk lamps',
    'printer paper',
    'office chairs',
    'steel bolts',
    'coffee filters',
    'USB cables',
    'ink cartridges',
    'red notebooks',
    'oak tables',
    'hex nuts',
    'blue towels',
    'travel mugs',
    'keyboards',
    'batteries',
  ],
  test: ['water bottles', 'garden hoses', 'wall clocks', 'copper wire'],
};
const PLACES = {
  train: [
    'Room 12',
    'the main office',
    'Clinic Nord',
    'Building B',
    'the town library',
    'Hall 3',
    'Room 45',
    'the north wing',
    'Studio 9',
    'Clinic Sued',
    'the garden cafe',
  ],
  test: ['Room 7', 'the east lobby', 'Clinic West', 'Building F'],
};

/** `{label}` is a field; everything else stands as it is. */
const TEMPLATES = {
  train: [
    'Invoice {invoice_number}\nFrom: {vendor}\nTotal: {amount}\nDue: {date}',
    'Please find attached invoice {invoice_number} from {vendor} over {amount}, payable by {date}.',
    '{vendor} billed us {amount} (invoice no. {invoice_number}). It is due on {date}.',
    'Reminder: the amount of {amount} for invoice {invoice_number} was due on {date}. Regards, {vendor}',
    'INVOICE NO: {invoice_number}\nDATE DUE: {date}\nAMOUNT DUE: {amount}\nSELLER: {vendor}',
    'We received a bill from {vendor} for {amount}.',
    'Your appointment with {person} is on {date} at {time} in {place}.',
    '{person} can see you at {time} on {date}. Please come to {place}.',
    'Hi, could we move my meeting with {person} to {date}, {time}?',
    'Appointment\nWith: {person}\nDate: {date}\nTime: {time}\nWhere: {place}',
    'Meeting confirmed: {date} {time}, {place}. {person} will join.',
    'Let us meet at {place} at {time}, says {person}.',
    'I would like to order {quantity} {product} for {person}.',
    'Order {order_number}: {quantity} x {product}, ship to {place}.',
    'Please send {quantity} {product} by {date}. Our order number is {order_number}.',
    'Order no. {order_number}\nItem: {product}\nQuantity: {quantity}\nDeliver by: {date}',
    '{person} ordered {quantity} {product} from {vendor} for {amount}.',
    'Where is my order {order_number}? I bought {product} on {date}.',
    'Thank you for your message, we will come back to you soon.',
    'The office is closed this week and opens again after the holidays.',
    'Can you tell me how returns work?',
    'I have a question about my account, please call me back.',
  ],
  test: [
    'Bill {invoice_number} of {vendor}: {amount}, to be paid until {date}.',
    'Hello, we have not yet paid invoice {invoice_number}. {vendor} wants {amount} by {date}.',
    'Vendor: {vendor}\nInvoice number: {invoice_number}\nDue date: {date}\nTotal amount: {amount}',
    'The invoice from {vendor} says {amount} and is payable on {date}.',
    'Dear customer, {person} expects you on {date} at {time}, {place}.',
    'Can I see {person} at {time} on {date} instead?',
    'Reminder: your visit to {place} is on {date} at {time}.',
    'Who: {person}\nWhen: {date}, {time}\nPlace: {place}',
    'We need {quantity} {product} until {date}, order {order_number}.',
    'Order number: {order_number}\nProduct: {product}\nQty: {quantity}\nFor: {person}',
    'This is {person}. My order {order_number} of {quantity} {product} has not arrived.',
    '{vendor} sold us {quantity} {product} at {amount}.',
    'Thanks a lot for the quick help yesterday.',
    'Do you also open on Sundays?',
  ],
} as const;

/** Seeded: the same seed, part and count give the same documents. */
export function fieldDocuments(seed: number, part: DocumentPart, count: number): FieldDocument[] {
  const picker = createPicker(`fields:${part}:${seed}`);
  return Array.from({ length: count }, () => filled(picker.pick(TEMPLATES[part]), part, picker));
}

function filled(template: string, part: DocumentPart, picker: Picker): FieldDocument {
  const spans: { start: number; end: number; label: string }[] = [];
  let text = '';
  for (const [at, piece] of template.split(/\{(\w+)\}/).entries()) {
    const value = at % 2 === 0 ? piece : fieldValue(piece, part, picker);
    if (at % 2 === 1)
      spans.push({ start: text.length, end: text.length + value.length, label: piece });
    text += value;
  }
  return { text, spans };
}

function fieldValue(label: string, part: DocumentPart, picker: Picker): string {
  const { int, pick } = picker;
  const two = (value: number) => String(value).padStart(2, '0');
  switch (label) {
    case 'invoice_number':
      return pick([
        `INV-${int(1000, 99999)}`,
        `${int(2019, 2026)}/${int(100, 9999)}`,
        `R${int(10000, 999999)}`,
      ]);
    case 'order_number':
      return pick([`#${int(1000, 99999)}`, `PO-${int(1000, 99999)}`, String(int(100000, 999999))]);
    case 'amount':
      return pick([
        `$${int(5, 9999)}.${two(int(0, 99))}`,
        `${int(5, 9999)} EUR`,
        `€${int(1, 9)},${int(100, 999)}`,
        `${int(5, 999)} dollars`,
      ]);
    case 'date':
      return pick([
        `${int(1, 28)} ${pick(MONTHS)} ${int(2023, 2027)}`,
        `${pick(MONTHS)} ${int(1, 28)}`,
        `2026-${two(int(1, 12))}-${two(int(1, 28))}`,
        `${int(1, 28)}.${int(1, 12)}.2026`,
        pick(['tomorrow', 'next Monday', 'Friday']),
      ]);
    case 'time':
      return pick([
        `${int(8, 18)}:${two(int(0, 59))}`,
        `${int(1, 11)} ${pick(['am', 'pm'])}`,
        `${int(1, 11)}:30 pm`,
        'noon',
      ]);
    case 'quantity':
      return pick([String(int(2, 400)), pick(['two', 'five', 'ten', 'a dozen'])]);
    case 'person':
      return pick(['', '', 'Dr. ', 'Mrs. ']) + pick(NAMES[part]);
    case 'vendor':
      return pick(FIRMS[part]);
    case 'product':
      return pick(PRODUCTS[part]);
    default:
      return pick(PLACES[part]);
  }
}
