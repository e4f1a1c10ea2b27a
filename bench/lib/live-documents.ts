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
        task: 'document-question',
        metric: 'phrase',
        prompt: `Answer the question from the text, in a few words.\n\nText: ${document.text}\n\nQuestion: ${question}`,
        gold: answers,
        maxTokens: 40,
        group: `document-${place}`,
      }),
    ),
  );
}
