import { type SpokeConfig, spokeSchema } from '../core/config-parts.ts';

const SMALL = 'smollm2-135m-instruct-q4_1';
const MIDDLE = 'qwen2.5-coder-0.5b-instruct-q4_k_m';
const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const EMBEDDER = 'bge-small-en-v1.5-q';

/** For a text that the caller brings; the general prompt makes the same models explain at length. */
const READER =
  'Answer the question from the text alone. Write only the words that answer it, without explanation. Say so when the text does not tell.';

/** For values that stand in a text; a date or a code in another form is another value. */
const EXTRACTOR =
  'You copy data from a text into JSON. Copy every value exactly as the text writes it: names, codes and dates stay as they are. Answer with one compact JSON object and nothing else.';

/**
 * The spokes that a farm has without a line of configuration. Short system prompts: each token is
 * read again by a model that reads 75 to 250 of them per second.
 */
export const STARTER_SPOKES: readonly SpokeConfig[] = [
  {
    id: 'quick',
    description: 'Greetings, small talk and short rewriting; no facts.',
    model: SMALL,
    system: 'You are a friendly assistant. Answer in one or two short sentences.',
    // Without them the 135M greets with an offer to help with mathematics.
    demonstrations: [
      { user: 'Good evening', assistant: 'Good evening! How can I help you?' },
      { user: 'Thank you very much', assistant: 'You are welcome! Happy to help.' },
      {
        user: 'Rewrite politely: send me the file',
        assistant: 'Could you please send me the file?',
      },
    ],
    maxTokens: 128,
    tasks: ['greeting', 'rewrite'],
    fallback: ['general'],
  },
  {
    id: 'coder',
    description: 'Writes and explains code, calls tools.',
    model: LARGE,
    system:
      'You are an expert programmer. Answer with correct, complete code in one fenced block, without docstrings or comments, then at most one sentence. Explain more only when you are asked to.',
    maxTokens: 1024,
    tools: true,
    tasks: ['code'],
    fallback: ['general'],
  },
  {
    id: 'general',
    description: 'Everything that no specialist is better at; calls tools.',
    model: LARGE,
    system:
      'You are a careful assistant. Answer exactly what is asked, briefly. When you calculate, write each step as an equation. Say so when you do not know.',
    maxTokens: 512,
    tools: true,
    tasks: [],
    fallback: [],
  },
  {
    id: 'calculator',
    description: 'Turns a question into a calculation, which the house carries out exactly.',
    model: LARGE,
    output: 'calculation',
    system:
      'You turn a question into a short calculation. Write one assignment per line, with numbers and names only, and at the end a line that starts with "->" and says the answer as the question wants it, with the result in braces. Do not calculate yourself.',
    demonstrations: [
      {
        user: 'A baker sells 12 rolls at $0.80 each and 5 loaves at $3.20 each. She spends a quarter of that on flour. How much is left?',
        assistant:
          'rolls = 12 * 0.80\nloaves = 5 * 3.20\nleft = (rolls + loaves) * 3/4\n-> She has {left} dollars left.',
      },
      {
        user: 'Nora is 4 years older than twice the age of Ben. Ben is 9. How old are both together? Give the final answer in \\boxed{}.',
        assistant: 'ben = 9\nnora = 2 * ben + 4\nboth = ben + nora\n-> \\boxed{{both}}',
      },
      {
        user: 'Of 240 seats 35% are taken. Explain briefly, then end with "Answer: number". How many are free?',
        assistant: 'taken = 240 * 35/100\nfree = 240 - taken\n-> Answer: {free}',
      },
    ],
    maxTokens: 256,
    tasks: ['arithmetic'],
    fallback: ['general'],
  },
  {
    id: 'reader',
    description: 'Answers questions about a text that the request brings.',
    model: MIDDLE,
    system: READER,
    maxTokens: 160,
    tasks: ['reading'],
    fallback: ['reader-large'],
  },
  {
    id: 'reader-large',
    description: 'As reader, with the larger model.',
    model: LARGE,
    system: READER,
    maxTokens: 200,
    tasks: ['reading'],
    fallback: [],
  },
  {
    id: 'editor',
    description: 'Changes a given text by a rule: sorts, replaces, reformats, corrects.',
    model: LARGE,
    system:
      'You change texts exactly as asked. Answer with the changed text and nothing else: no explanation, no steps, no code. Leave everything else as it is, line breaks too.',
    demonstrations: [
      {
        user: 'Put these lines in reverse order.\n\none\ntwo\nthree',
        assistant: 'three\ntwo\none',
      },
      {
        user: 'Write the weekday before the date: The shop reopens on 3 May 2021 at nine.',
        assistant: 'The shop reopens on Monday, 3 May 2021 at nine.',
      },
    ],
    maxTokens: 512,
    tasks: ['rewrite'],
    fallback: ['general'],
  },
  {
    id: 'extract',
    description: 'Puts what a text says into JSON.',
    model: MIDDLE,
    system:
      'You extract data from text. Answer with one JSON object and nothing else. Copy values from the text; use null for what the text does not say.',
    maxTokens: 512,
    output: 'json',
    tasks: ['extract', 'classify'],
    fallback: ['extract-large', 'general'],
  },
  {
    id: 'extract-large',
    description: 'As extract, with the larger model and examples.',
    model: LARGE,
    system: EXTRACTOR,
    demonstrations: [
      {
        user: 'Get title, author, year and pages of this book.\n\n"The Salt Road" by Henrik Amsel-Roy, first printed in the spring of 1987, 312 pages, hardcover.',
        assistant: '{"title":"The Salt Road","author":"Henrik Amsel-Roy","year":1987,"pages":312}',
      },
      {
        user: 'Extract guest, arrival, nights, room type and price per night.\n\nHello Ms Dorn, on the phone Karl Witt told me 94.50 EUR a night. I would like a double room from 7 March 2022 for 3 nights. Best, Pia Maroun',
        assistant:
          '{"guest":"Pia Maroun","arrival":"7 March 2022","nights":3,"roomType":"double room","pricePerNight":94.50}',
      },
    ],
    maxTokens: 512,
    output: 'json',
    tasks: ['extract'],
    fallback: ['general'],
  },
  {
    id: 'grounded',
    description: 'Answers from numbered sentences of documents, with citations.',
    model: MIDDLE,
    kind: 'grounded',
    maxTokens: 160,
    tasks: ['document-question', 'question'],
    fallback: ['grounded-large'],
  },
  {
    id: 'grounded-large',
    description: 'As grounded, with the larger model.',
    model: LARGE,
    kind: 'grounded',
    maxTokens: 200,
    tasks: ['document-question', 'question'],
    fallback: [],
  },
  {
    id: 'topic',
    description: 'Names the topic of a message to a support desk, in milliseconds.',
    model: EMBEDDER,
    kind: 'classifier',
    examples: 'starter/support-topics',
    tasks: ['classify'],
    fallback: ['general'],
  },
].map((spoke) => spokeSchema.parse({ sampling: { temperature: 0 }, ...spoke }));

/** The starter spokes with the configured ones: the same id replaces, a new id is added at the end. */
export function mergeSpokes(
  starter: readonly SpokeConfig[],
  configured: readonly SpokeConfig[],
): readonly SpokeConfig[] {
  const merged = new Map(starter.map((spoke) => [spoke.id, spoke]));
  for (const spoke of configured) merged.set(spoke.id, spoke);
  return [...merged.values()];
}
