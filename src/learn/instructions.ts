import { languageOf } from '../base/language.ts';
import { textNumber } from '../base/shingles.ts';
import { isStopWord } from '../base/stop-words.ts';
import { words } from '../base/tokens.ts';
import {
  type Instruction,
  type InstructionReport,
  type SaidWords,
  saidWords,
  wordsAt,
} from '../core/instruction.ts';
import type { TaughtRow } from './taught-row.ts';

/** An adapter is known by so many jobs at most, those with most rows. */
const INSTRUCTIONS_MOST = 8;
/** Share of the rows that an instruction is found in. */
const SHARE_LEAST = 0.05;
/** Unseen rows from which the share that is right says something. */
const ROWS_LEAST = 20;
/** Different words that say what is asked. */
const WORDS_LEAST = 2;
/** UTF-16 units of what user's texts have in common; more of it tells no more jobs apart. */
const BEGINNING_MOST = 200;
/**
 * What system texts say whatever is asked: who answers, in which language and tone, the day; makers' names,
 * because chat templates say them by themselves.
 */
const ROLE_WORDS: ReadonlySet<string> = new Set(
  `assistant ai helpful honest harmless respectful friendly polite smart expert artificial intelligence language model
  large named called created trained developed user users person people
  answer answers question questions respond response responses reply replies follow following instruction instructions
  please always never must should only just all any be brief briefly short shortly concise concisely clear clearly
  truthful truthfully accurate accurately correct correctly careful carefully best ability task tasks conversation chat
  english german french spanish italian portuguese dutch chinese japanese today date time current now day
  monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
  october november december
  qwen alibaba cloud smollm hugging face openai chatgpt gpt anthropic claude llama meta mistral google gemma deepseek
  du bist hilfreicher hilfreiche assistent antworte tu es utile réponds serviable eres asistente útil util responde
  sei assistente prestativo behulpzame`.split(/\s+/),
);

/**
 * What the rows ask for in the same words: all that the system says, where it says anything, else how the
 * user's texts begin, where all of those begin alike. Left out is what any request may say, as “You are a
 * helpful assistant.”
 */
export function instructionsOf(rows: readonly TaughtRow[]): readonly Instruction[] {
  return commonWords(rows.map(saidIn))
    .filter(({ text }) => saysWhat(text))
    .map(({ place, text }) => ({ place, length: text.length, hash: textNumber(text) }))
    .slice(0, INSTRUCTIONS_MOST);
}

/** What each row says of its own, without the words that many rows have. */
export function ownTexts(rows: readonly TaughtRow[]): readonly string[] {
  const said = rows.map(saidIn);
  const common = commonWords(said);
  const isSystem = (text: string) =>
    common.some((one) => one.place === 'system' && one.text === text);
  const start = common.find(({ place }) => place === 'user')?.text.length ?? 0;
  return rows.map(({ messages }, at) => {
    const { system = '', user = '' } = said[at] ?? {};
    const others = messages.filter(({ role }) => role !== 'system').slice(0, -1);
    return [
      ...(isSystem(system) ? [] : [system]),
      ...others.map((one) => one.content),
      system === '' ? user.slice(start) : user,
    ].join('\n');
  });
}

interface CommonWords {
  readonly place: Instruction['place'];
  readonly text: string;
}

/** What so many rows say that it tells none of them apart, the commonest first. */
function commonWords(said: readonly SaidWords[]): readonly CommonWords[] {
  const counts = new Map<string, number>();
  for (const { system } of said) counts.set(system, (counts.get(system) ?? 0) + 1);
  const bare = said.flatMap(({ system, user }) => (system === '' ? [user] : []));
  counts.delete('');
  const least = Math.max(2, SHARE_LEAST * said.length);
  const systems = [...counts]
    .filter(([, count]) => count >= least)
    .toSorted((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
    .map(([text]): CommonWords => ({ place: 'system', text }));
  const beginning = bare.length >= least ? beginningOf(bare) : '';
  return beginning === '' ? systems : [...systems, { place: 'user', text: beginning }];
}

/** Which of the instructions a row has; −1 for none. */
export function instructionAt(row: TaughtRow, instructions: readonly Instruction[]): number {
  const said = saidIn(row);
  return instructions.findIndex((one) => {
    const text = wordsAt(one, said);
    return text !== undefined && textNumber(text) === one.hash;
  });
}

/** What was measured on the rows of each; those with too few rows are left out. */
export function instructionReports(
  instructions: readonly Instruction[],
  judged: readonly { readonly instruction: number; readonly isRight: boolean }[],
): readonly InstructionReport[] {
  return instructions.flatMap((instruction, at) => {
    const own = judged.filter((one) => one.instruction === at);
    if (own.length < ROWS_LEAST) return [];
    const accuracy = own.filter((one) => one.isRight).length / own.length;
    return [{ ...instruction, rows: own.length, accuracy }];
  });
}

function saidIn({ messages }: TaughtRow): SaidWords {
  const system = messages.flatMap(({ role, content }) => (role === 'system' ? [content] : []));
  return saidWords(system, messages.findLast(({ role }) => role === 'user')?.content ?? '');
}

/** The words that all of the texts begin with, to the end of the last whole one. */
function beginningOf(texts: readonly string[]): string {
  const [first = ''] = texts;
  let length = Math.min(BEGINNING_MOST, first.length);
  for (const text of texts) {
    let same = 0;
    while (same < length && text.charCodeAt(same) === first.charCodeAt(same)) same += 1;
    length = same;
  }
  const beginning = first.slice(0, length);
  return beginning.slice(0, beginning.search(/\s\S*$/u) + 1);
}

/** Whether a text says more than who answers. */
function saysWhat(text: string): boolean {
  const said = words(text);
  const language = languageOf(said);
  const telling = said.filter(
    (word) => !/^\d/.test(word) && !isStopWord(word, language) && !ROLE_WORDS.has(word),
  );
  return new Set(telling).size >= WORDS_LEAST;
}
