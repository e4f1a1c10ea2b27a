import { splitSentences } from '../../src/base/sentences.ts';
import { isRightAnswer } from '../../src/learn/answer-grading.ts';
import { AnswerGate } from '../../src/verify/answer-gate.ts';
import type { AnswerabilityFit, AnswerabilitySigns } from '../../src/verify/answerability.ts';
import { isDeclined, readMarks } from '../../src/verify/citation-marks.ts';
import { CheckedRelease } from '../../src/verify/release.ts';
import { type Embed, SupportJudge } from '../../src/verify/support.ts';
import type { DecliningQuestion } from './declining-questions.ts';
import type { DecliningRow } from './declining-rows.ts';

/** A row with what can be told of it before the answer. */
export interface SignedRow {
  readonly row: DecliningRow;
  readonly question: DecliningQuestion;
  /** The collection held the answer. */
  readonly answerable: boolean;
  /** What was said is right, whatever the checks make of it. */
  readonly isRight: boolean;
  readonly signs: AnswerabilitySigns;
}

export interface Replayed {
  readonly shown: string;
  readonly right: boolean;
  readonly citesGold: boolean;
}

export async function signRow(
  row: DecliningRow,
  question: DecliningQuestion,
  embed: Embed,
): Promise<SignedRow> {
  const sentences = row.passages.flatMap((passage) => passage.sentences);
  const judge = new SupportJudge(
    sentences.map((one) => one.text),
    embed,
  );
  const { reading } = row;
  const gate = new AnswerGate({
    question: question.question,
    contexts: sentences.map((one) => [one.text, ...one.headings, one.path].join(' ')),
    documents: sentences.map((one) => one.path),
    threshold: 0,
    ...(reading === undefined ? {} : { reading }),
  });
  const answerable = row.condition === 'present' && question.answers.length > 0;
  const known = new Set(sentences.map((one) => one.number));
  const [first] = splitSentences(readMarks(row.text, known).text);
  if (first === undefined || isDeclined(row.text))
    return { row, question, answerable, isRight: false, signs: gate.declinedSigns() };
  const { score: support, carriers } = await judge.judge(first.text, 0.5);
  const signs = gate.signs({ support, carriers });
  const isRight = answerable && isRightAnswer(row.text, question.answers);
  return { row, question, answerable, isRight, signs };
}

/** What the product's checks show of what was said; without a threshold P is not looked at. */
export async function replay(
  { row, question }: SignedRow,
  embed: Embed,
  gate: { readonly threshold: number; readonly weights: AnswerabilityFit } | undefined,
): Promise<Replayed> {
  const reading = row.reading === undefined ? {} : { reading: row.reading };
  const release = new CheckedRelease({
    passages: row.passages,
    threshold: 0.5,
    embed,
    question: question.question,
    ...(gate === undefined ? {} : { answerability: { ...gate, ...reading } }),
    elapsed: () => 0,
  });
  let shown = '';
  const paths = new Set<string>();
  const take = async (pieces: ReturnType<CheckedRelease['push']>): Promise<boolean> => {
    for await (const piece of pieces) {
      // A sentence that is held back before any was shown ends the attempt, as in the pipeline.
      if ('reject' in piece && shown === '') return false;
      if (!('release' in piece)) continue;
      shown += piece.release.text;
      for (const one of piece.release.citations) paths.add(one.sentence.path);
    }
    return true;
  };
  if (await take(release.push(row.text))) await take(release.flush());
  return {
    shown,
    right: shown.trim() !== '' && isRightAnswer(shown, question.answers),
    citesGold: question.documents.some((path) => paths.has(path)),
  };
}
