import { createPicker, type Picker } from './seeded-picker.ts';

/** A request in words and the call that it asks for. */
export interface ToolRequest {
  readonly text: string;
  readonly call: { readonly name: string; readonly arguments: Readonly<Record<string, string>> };
}

/** Sentences of the test part are in no request of the train part, nor are its values but "on" and "off". */
export type RequestPart = 'train' | 'test';

const VALUES: Readonly<Record<string, Readonly<Record<RequestPart, readonly string[]>>>> = {
  city: {
    train: ['Oslo', 'Porto', 'Lyon', 'Graz', 'Ghent', 'Turin', 'Bergen', 'Cork', 'Malmo', 'Basel'],
    test: ['Tartu', 'Seville', 'Aarhus', 'Kosice', 'Leiden'],
  },
  day: {
    train: ['today', 'tomorrow', 'on Friday', 'next Monday', 'on 3 May', 'this evening'],
    test: ['on Sunday', 'next Thursday', 'on 17 June', 'on Wednesday'],
  },
  person: {
    train: ['Anna Keller', 'Tom', 'Maria Silva', 'Dr. Brandt', 'Priya', 'Hugo Martin', 'my boss'],
    test: ['Ruth Adeyemi', 'Carl', 'Mei Tanaka', 'Dr. Duarte', 'my sister'],
  },
  number: {
    train: ['two', '4', 'six', '12', '3', 'five', '8'],
    test: ['7', 'nine', '11', 'ten'],
  },
  amount: {
    train: ['40 euros', '$25', '300 dollars', '12.50 euros', '£80', '1,200 euros'],
    test: ['65 euros', '$410', '9.90 euros', '£35'],
  },
  minutes: {
    train: ['10 minutes', 'half an hour', '45 minutes', 'an hour', '5 minutes', '90 seconds'],
    test: ['25 minutes', 'two hours', '7 minutes', '15 minutes'],
  },
  song: {
    train: ['some jazz', 'Abbey Road', 'the new album of Moby', 'a quiet piano piece', 'old rock'],
    test: ['a string quartet', 'Kind of Blue', 'some reggae', 'the latest song of Adele'],
  },
  thing: {
    train: ['milk', 'printer paper', 'apples', 'a phone charger', 'coffee filters', 'rice'],
    test: ['olive oil', 'batteries', 'bread', 'a bicycle pump'],
  },
  room: {
    train: ['the kitchen', 'the bedroom', 'the office', 'the hall', 'the garage'],
    test: ['the bathroom', 'the living room', 'the cellar'],
  },
  language: {
    train: ['French', 'Polish', 'Spanish', 'Finnish', 'Greek'],
    test: ['Italian', 'Czech', 'Danish'],
  },
  phrase: {
    train: ['good morning', 'where is the station', 'I am late', 'the bill please', 'thank you'],
    test: ['see you soon', 'I have a reservation', 'how much is it', 'my train is cancelled'],
  },
  note: {
    train: ['call the bank', 'water the plants', 'send the report', 'book the dentist', 'pay rent'],
    test: ['renew the passport', 'pick up the parcel', 'feed the cat', 'print the tickets'],
  },
};

interface Tool {
  /** What it does, for who reads the list of tools. */
  readonly purpose: string;
  readonly parameters: Readonly<Record<string, keyof typeof VALUES>>;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** `{parameter}` stands for its value; a parameter that a sentence leaves out is not in its call. */
export const TOOLS: Readonly<Record<string, Tool>> = {
  get_weather: {
    purpose: 'the weather of a place',
    parameters: { city: 'city', day: 'day' },
    train: [
      'What is the weather in {city} {day}?',
      'Will it rain in {city} {day}?',
      'Weather for {city}, please.',
      'Do I need a coat {day} in {city}?',
      'How warm does it get in {city} {day}?',
      'Tell me the forecast of {city}.',
    ],
    test: [
      'Is it going to be sunny {day} over in {city}?',
      'Should I take an umbrella to {city} {day}?',
      'How cold is {city} at the moment?',
    ],
  },
  book_table: {
    purpose: 'a table in a restaurant',
    parameters: { people: 'number', day: 'day', city: 'city' },
    train: [
      'Book a table for {people} {day}.',
      'Reserve a table in {city} for {people} people.',
      'We are {people} and want to eat out {day}.',
      'Dinner for {people} {day} in {city}, please.',
      'Find us a restaurant in {city} {day}, {people} persons.',
      'I need a table for {people}.',
    ],
    test: [
      'Could you get {people} of us a place to eat {day}?',
      'Lunch in {city} {day} with {people} guests: please reserve.',
      'A table {day}, we will be {people}.',
    ],
  },
  send_message: {
    purpose: 'tells a person something',
    parameters: { to: 'person', text: 'note' },
    train: [
      'Tell {to} to {text}.',
      'Send {to} a message: {text}.',
      'Write to {to} that they should {text}.',
      'Message {to}: {text}',
      'Ask {to} to {text}.',
      'Text {to} “{text}”.',
    ],
    test: [
      'Let {to} know: {text}.',
      'Drop {to} a line that says {text}.',
      'Could you remind {to} by message to {text}?',
    ],
  },
  set_timer: {
    purpose: 'rings when a time is over',
    parameters: { duration: 'minutes' },
    train: [
      'Set a timer for {duration}.',
      'Wake me in {duration}.',
      'Timer: {duration}',
      'Tell me when {duration} are over.',
      'Count down {duration}.',
      'Start a timer of {duration}, please.',
    ],
    test: [
      'Ring a bell after {duration}.',
      'The eggs need {duration}, mind the clock for me.',
      'Give me a signal in {duration}.',
    ],
  },
  add_reminder: {
    purpose: 'reminds the user himself of something',
    parameters: { text: 'note', day: 'day' },
    train: [
      'Remind me {day} to {text}.',
      'Do not let me forget to {text}.',
      'Put on my list for {day}: {text}.',
      'I must {text} {day}, remind me.',
      'Reminder: {text}, {day}.',
      'Add a reminder to {text}.',
    ],
    test: [
      'Nudge me {day} so that I {text}.',
      'Make a note that I have to {text} {day}.',
      'I keep forgetting to {text}; jog my memory {day}.',
    ],
  },
  transfer_money: {
    purpose: 'pays a person',
    parameters: { to: 'person', amount: 'amount' },
    train: [
      'Send {amount} to {to}.',
      'Pay {to} {amount}.',
      'Transfer {amount} to {to}, please.',
      'I owe {to} {amount}, pay it.',
      'Give {to} {amount} from my account.',
      'Wire {amount} to {to}.',
    ],
    test: [
      '{to} should get {amount} from me.',
      'Settle my debt of {amount} with {to}.',
      'Move {amount} over to {to}.',
    ],
  },
  play_music: {
    purpose: 'plays music',
    parameters: { what: 'song', room: 'room' },
    train: [
      'Play {what}.',
      'Play {what} in {room}.',
      'Put on {what}, please.',
      'I want to hear {what} in {room}.',
      'Start {what} in {room}.',
      'Let us listen to {what}.',
    ],
    test: [
      'Could we have {what} on in {room}?',
      'I am in the mood for {what}.',
      'Fill {room} with {what}.',
    ],
  },
  switch_light: {
    purpose: 'turns a light on or off',
    parameters: { room: 'room', state: 'state' },
    train: [
      'Turn {state} the light in {room}.',
      'Switch the lamp in {room} {state}.',
      'Light {state} in {room}.',
      'Lights in {room} {state}, please.',
      'Please turn the lights of {room} {state}.',
      'Make the light in {room} go {state}.',
    ],
    test: [
      'The lamps in {room} should be {state}.',
      'Can you flip the switch in {room} to {state}?',
      '{state} with the light in {room}!',
    ],
  },
  add_to_cart: {
    purpose: 'orders goods',
    parameters: { item: 'thing', quantity: 'number' },
    train: [
      'Add {item} to my cart.',
      'Order {item}, {quantity} of them.',
      'Buy {quantity} packs of {item}.',
      'We are out of {item}.',
      'Put {item} in the basket, {quantity} times.',
      'I need {quantity} units of {item}.',
    ],
    test: [
      'Get {item} with the next delivery.',
      'Please throw in {quantity} portions of {item}.',
      'There is no {item} left at home.',
    ],
  },
  translate: {
    purpose: 'says words in another language',
    parameters: { text: 'phrase', language: 'language' },
    train: [
      'Translate “{text}” into {language}.',
      'How do you say {text} in {language}?',
      'What is “{text}” in {language}?',
      'Say {text} in {language}.',
      '{language} for “{text}”?',
      'Put “{text}” into {language}, please.',
    ],
    test: [
      'I want to tell a waiter “{text}” in {language}.',
      'Which words mean {text} to a speaker of {language}?',
      'Give me “{text}”, but {language}.',
    ],
  },
};

/** Seeded: the same seed, part and count give the same requests. */
export function toolRequests(seed: number, part: RequestPart, count: number): ToolRequest[] {
  const picker = createPicker(`tools:${part}:${seed}`);
  return Array.from({ length: count }, () => requested(part, picker));
}

function requested(part: RequestPart, picker: Picker): ToolRequest {
  const name = picker.pick(Object.keys(TOOLS));
  const tool = TOOLS[name];
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const template = picker.pick(tool[part]);
  const given: Record<string, string> = {};
  for (const [parameter, kind] of Object.entries(tool.parameters))
    if (template.includes(`{${parameter}}`)) given[parameter] = argumentValue(kind, part, picker);
  const text = template.replace(/\{(\w+)\}/g, (_, parameter: string) => given[parameter] ?? '');
  return { text: text.charAt(0).toUpperCase() + text.slice(1), call: { name, arguments: given } };
}

function argumentValue(kind: string, part: RequestPart, { pick }: Picker): string {
  return kind === 'state' ? pick(['on', 'off']) : pick(VALUES[kind]?.[part] ?? []);
}
