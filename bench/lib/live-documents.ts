import { GROUNDED_SETS } from '../grounded-pairs.ts';
import { OFFICE_DOCUMENTS } from './live-documents-office.ts';
import { PUBLIC_DOCUMENTS } from './live-documents-public.ts';
import type { LiveRow } from './live-row.ts';

/** An invented text with questions; each answer is right when it holds one of the given phrases. */
export interface LiveDocument {
  readonly register: string;
  readonly text: string;
  readonly questions: readonly (readonly [question: string, ...answers: string[]])[];
}

const DOCUMENTS: readonly LiveDocument[] = [...OFFICE_DOCUMENTS, ...PUBLIC_DOCUMENTS];

/** Three questions to each of the invented documents, the document in the prompt. */
export function documentRows(): LiveRow[] {
  return DOCUMENTS.flatMap((document, place) =>
    document.questions.map(
      ([question, ...answers], index): LiveRow => ({
        id: `documents-${place * 3 + index}`,
        slice: 'documents',
        task: 'reading',
        metric: 'phrase',
        prompt: `Answer the question from the text, in a few words.\n\nText: ${document.text}\n\nQuestion: ${question}`,
        gold: answers,
        maxTokens: 40,
        group: `document-${place}`,
      }),
    ),
  );
}

/** How people ask about a text that they hand over. */
const WORDINGS: readonly ((text: string, question: string) => string)[] = [
  (text, question) => `${text}\n\n${question} Answer in a few words.`,
  (text, question) => `Read this and answer briefly: ${question}\n\n${text}`,
  (text, question) => `Context:\n${text}\n\nQ: ${question}\nA (short):`,
];

/** The answerable questions of the benchmark of grounded answers, with their sentences as one text. */
export function groundedRows(): LiveRow[] {
  const asked = GROUNDED_SETS.flatMap((set) =>
    set.questions.flatMap(({ question, answer }) =>
      answer === null ? [] : [{ text: set.sentences.join(' '), question, answer }],
    ),
  );
  return asked.map(({ text, question, answer }, index): LiveRow => {
    const wording = WORDINGS[index % WORDINGS.length];
    if (wording === undefined) throw new RangeError('no wording');
    return {
      id: `grounded-${index}`,
      slice: 'grounded',
      task: 'reading',
      metric: 'phrase',
      prompt: wording(text, question),
      gold: answer.map((phrase) => phrase.toLowerCase()),
      maxTokens: 40,
      group: `grounded-${index}`,
    };
  });
}
