import { type SpokeConfig, spokeSchema } from '../core/config-parts.ts';

const SMALL = 'smollm2-135m-instruct-q4_1';
const MIDDLE = 'qwen2.5-coder-0.5b-instruct-q4_k_m';
const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const EMBEDDER = 'bge-small-en-v1.5-q';

/** For a text that the caller brings; the general prompt makes the same models explain at length. */
const READER =
  'Answer the question from the text alone. Write only the words that answer it, without explanation. Say so when the text does not tell.';

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
      'You are an expert programmer. Answer with correct, complete code in one fenced block, then at most three sentences of explanation.',
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
