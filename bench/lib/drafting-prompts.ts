import { GROUNDED_SETS } from '../grounded-pairs.ts';
import { readJsonLines, shuffleByHash } from './data.ts';
import { fieldDocuments } from './field-documents.ts';

export type DraftingKind = 'grounded' | 'code' | 'fields' | 'free';

export interface DraftingPrompt {
  readonly kind: DraftingKind;
  /** With the marks of the model's template (ChatML). */
  readonly text: string;
}

/** Characters of a piece of code, so that its answer need not be cut short. */
const CODE_LENGTH = { least: 300, most: 600 };

/** The same number of each kind, in turns: what copies much, what copies a little, what copies nothing. */
export function draftingPrompts(count: number, seed: number): DraftingPrompt[] {
  const kinds: Record<DraftingKind, string[]> = {
    grounded: groundedTexts(),
    code: codeTexts(seed),
    fields: fieldDocuments(seed, 'test', count).map(
      ({ text }) =>
        `Copy every name, date, place, amount and product of this text into a JSON object with lists of strings. Text:\n${text}`,
    ),
    free: freeTexts(seed),
  };
  return Array.from({ length: count }, (_, row) =>
    (Object.keys(kinds) as DraftingKind[]).flatMap((kind) => {
      const text = kinds[kind][row];
      return text === undefined ? [] : [{ kind, text: chat(text) }];
    }),
  ).flat();
}

function chat(text: string): string {
  return `<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
}

/** One question of each set, in the words of the sentences. */
function groundedTexts(): string[] {
  return GROUNDED_SETS.flatMap(({ sentences, questions }) => {
    const asked = questions.find(({ answer }) => answer !== null);
    const numbered = sentences.map((one, index) => `[${index + 1}] ${one}`).join('\n');
    return asked === undefined
      ? []
      : [
          `Answer in a full sentence from the numbered sentences, in their words, and cite the number.\n\nSentences:\n${numbered}\n\nQuestion: ${asked.question}`,
        ];
  });
}

function codeTexts(seed: number): string[] {
  const rows = readJsonLines<{ readonly text: string }>('retrieval', 'code', 'corpus.jsonl.gz');
  const short = rows.filter(
    ({ text }) => text.length >= CODE_LENGTH.least && text.length <= CODE_LENGTH.most,
  );
  return shuffleByHash(short, (row) => row.text, `drafting ${seed}`).map(
    ({ text }) =>
      `Add one comment line that says what this code is for, and give the whole code back unchanged otherwise.\n\n${text}`,
  );
}

function freeTexts(seed: number): string[] {
  const rows = readJsonLines<{ readonly prompt: string; readonly task: string }>(
    'gate',
    'questions-with-gold.jsonl.gz',
  );
  const asked = rows.filter(({ task }) => task === 'gsm8k' || task === 'natural_qa');
  return shuffleByHash(asked, (row) => row.prompt, `drafting ${seed}`).map(
    ({ prompt }) => `${prompt}\nExplain your answer.`,
  );
}
