import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import { CITIES, type LiveRow, MONTHS, PEOPLE } from './live-row.ts';
import { createPicker, type Picker } from './seeded-picker.ts';

interface Made {
  readonly text: string;
  readonly gold: { readonly [field: string]: JsonValue };
}

interface Genre {
  readonly name: string;
  readonly order: string;
  readonly fields: { readonly [field: string]: 'string' | 'number' };
  readonly make: (picker: Picker) => Made;
}

const GOODS = [
  'desk lamps',
  'office chairs',
  'label printers',
  'water filters',
  'steel shelves',
  'network cables',
  'paper rolls',
  'hand scanners',
  'door sensors',
  'toner cartridges',
];
const FIRMS = [
  'Norrland Supply',
  'Kestrel & Sons',
  'Bluegate Trading',
  'Ostrava Metals',
  'Harbour Paper',
  'Vireo Systems',
  'Falk Logistics',
  'Mistral Foods',
  'Quill Office',
  'Tern Hydraulics',
];
const APPS = [
  'the expense portal',
  'Outlook',
  'the VPN client',
  'the badge printer',
  'the payroll app',
  'Teams',
  'the scanner station',
  'the CRM',
];
const SYMPTOMS = [
  'closes itself after the login',
  'shows a blank page',
  'asks for the password again and again',
  'is extremely slow',
  'does not print',
  'reports error 0x80',
];
const SERVICES = [
  'checkout',
  'auth',
  'mailer',
  'search',
  'billing',
  'inventory',
  'gateway',
  'export',
];

function dateOf(picker: Picker): string {
  return `${picker.int(1, 28)} ${picker.pick(MONTHS)} ${picker.int(2019, 2026)}`;
}

function letter(picker: Picker): Made {
  const customer = picker.pick(PEOPLE);
  const order = `${picker.pick(['A', 'K', 'R', 'T'])}-${picker.int(10000, 99999)}`;
  const date = dateOf(picker);
  const city = picker.pick(CITIES);
  const goods = picker.pick(GOODS);
  const clerk = picker.pick(PEOPLE.filter((one) => one !== customer));
  const text = picker.pick([
    `Dear Sir or Madam, on ${date} I ordered ${goods} from you (order ${order}). The parcel reached me in ${city} with a broken seal. ${clerk} from your hotline promised a refund that never came. Kind regards, ${customer}`,
    `Hello ${clerk}, my order ${order} of ${date} has still not arrived in ${city}. I would like the ${goods} or my money. Yours, ${customer}`,
    `To whom it may concern: the ${goods} you delivered to ${city} are not those of order ${order}, which I placed on ${date}. I spoke to ${clerk} without result. Sincerely, ${customer}`,
  ]);
  return { text, gold: { customer, order, date, city } };
}

function invoice(picker: Picker): Made {
  const supplier = picker.pick(FIRMS);
  const number = `${picker.int(2020, 2026)}/${picker.int(100, 9999)}`;
  const net = picker.int(80, 4000);
  const total = Math.round(net * 119) / 100;
  const due = dateOf(picker);
  const goods = picker.pick(GOODS);
  const quantity = picker.int(2, 60);
  const text = picker.pick([
    `${supplier}\nInvoice no. ${number}\n${quantity} x ${goods}, net ${net}.00 EUR\nVAT 19 %\nTotal ${total.toFixed(2)} EUR\nPayable until ${due}`,
    `INVOICE ${number} | from: ${supplier} | ${goods}: ${quantity} pcs | subtotal EUR ${net}.00 | amount due EUR ${total.toFixed(2)} | due date ${due}`,
    `${supplier} charges you for ${quantity} ${goods}. Net ${net}.00, with tax ${total.toFixed(2)} EUR in all. Please quote ${number} and pay by ${due}.`,
  ]);
  return { text, gold: { supplier, number, quantity, total, due } };
}

function ticket(picker: Picker): Made {
  const reporter = picker.pick(PEOPLE);
  const room = `${picker.pick(['A', 'B', 'C', 'D'])}${picker.int(100, 499)}`;
  const device = `${picker.pick(['LT', 'PC', 'PR', 'TB'])}-${picker.int(1000, 9999)}`;
  const application = picker.pick(APPS);
  const symptom = picker.pick(SYMPTOMS);
  const extension = picker.int(1100, 8999);
  const text = picker.pick([
    `hi, ${reporter} here (room ${room}). since this morning ${application} ${symptom} on my machine ${device}. pls call ${extension}`,
    `Reported by: ${reporter}. Since the last update ${application} ${symptom}. Device ${device} stands in ${room}; the extension is ${extension}.`,
    `Could someone look at ${device} in room ${room}? There ${application} ${symptom}. Thanks, ${reporter}, ext. ${extension}`,
  ]);
  return { text, gold: { reporter, room, device, extension } };
}

function logLine(picker: Picker): Made {
  const level = picker.pick(['ERROR', 'WARN', 'FATAL']);
  const service = picker.pick(SERVICES);
  const host = `node-${picker.int(1, 40)}`;
  const status = picker.pick([408, 429, 500, 502, 503, 504]);
  const millis = picker.int(120, 30000);
  const address = `10.${picker.int(0, 9)}.${picker.int(0, 255)}.${picker.int(1, 254)}`;
  const day = `2026-0${picker.int(1, 9)}-${picker.int(10, 28)}`;
  const text = picker.pick([
    `${day}T0${picker.int(0, 9)}:14:52Z ${host} ${service}[${picker.int(200, 9000)}]: ${level} upstream answered ${status} after ${millis} ms, client ${address}`,
    `[${level}] ${day} service=${service} host=${host} client=${address} status=${status} duration_ms=${millis}`,
    `${host} | ${service} | ${level} | request of ${address} ended with ${status}; took ${millis} ms`,
  ]);
  return { text, gold: { level, service, host, status, client: address } };
}

const GENRES: readonly Genre[] = [
  {
    name: 'letter',
    order: 'Extract customer, order, date and city from this letter, as written there.',
    fields: { customer: 'string', order: 'string', date: 'string', city: 'string' },
    make: letter,
  },
  {
    name: 'invoice',
    order:
      'Extract supplier, invoice number, quantity, total with tax and due date from this invoice.',
    fields: {
      supplier: 'string',
      number: 'string',
      quantity: 'number',
      total: 'number',
      due: 'string',
    },
    make: invoice,
  },
  {
    name: 'ticket',
    order: 'Extract reporter, room, device and phone extension from this support ticket.',
    fields: { reporter: 'string', room: 'string', device: 'string', extension: 'number' },
    make: ticket,
  },
  {
    name: 'log',
    order: 'Extract level, service, host, status code and client address from this log line.',
    fields: {
      level: 'string',
      service: 'string',
      host: 'string',
      status: 'number',
      client: 'string',
    },
    make: logLine,
  },
];

function schemaOf(genre: Genre): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(genre.fields).map(([field, type]) => [field, { type }]),
    ),
    required: Object.keys(genre.fields),
    additionalProperties: false,
  };
}

/** Invented letters, invoices, tickets and log lines with the fields that a reader would copy from them. */
export function extractionRows(count: number, seed: string): LiveRow[] {
  const picker = createPicker(`${seed}/extraction`);
  return Array.from({ length: count }, (_, index) => {
    const genre = GENRES[index % GENRES.length];
    if (genre === undefined) throw new RangeError('no genre');
    const { text, gold } = genre.make(picker);
    return {
      id: `extraction-${index}`,
      slice: 'extraction',
      task: 'extract',
      metric: 'fields',
      prompt: `${genre.order}\n\n${text}`,
      schema: schemaOf(genre),
      gold,
      maxTokens: 120,
      group: genre.name,
    };
  });
}
