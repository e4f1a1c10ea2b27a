import type { FarmClient } from '../core/farm-client.ts';
import {
  type AnswerReport,
  type GivenAnswer,
  gradeAnswer,
  readQuestions,
  reportAnswers,
} from '../main.ts';
import { AnswerRowsFile } from './answer-rows-file.ts';
import { streamAnswer } from './ask.ts';
import { type Command, numberFlag, textFlag, UsageError, withFarm } from './command.ts';
import { checkOutput } from './output-file.ts';
import { ProgressLine, print, printJson } from './terminal.ts';

type Question = ReturnType<typeof readQuestions>[number];

/** `cadre eval answers`: does the farm answer from a collection what it holds, and decline the rest? */
export const answersEvaluation: Command = {
  name: 'eval answers',
  summary: 'how many questions are answered right, wrong, or declined?',
  usage: '--questions FILE --collection NAME',
  mostWords: 0,
  example: 'cadre eval answers --questions questions.jsonl --collection handbook',
  flags: {
    questions: {
      type: 'string',
      value: 'FILE',
      description: 'questions as JSON lines (also .gz)',
    },
    collection: { type: 'string', value: 'NAME', description: 'the collection to ask' },
    without: {
      type: 'string',
      value: 'NAME',
      description: 'ask again here, where the documents are missing',
    },
    model: { type: 'string', value: 'NAME', description: 'who answers (default knowledge:NAME)' },
    rows: {
      type: 'string',
      value: 'FILE',
      description: 'keep each answer; a second run goes on',
    },
    limit: { type: 'string', value: 'N', description: 'the first N questions only' },
  },
  async run(input) {
    const file = textFlag(input, 'questions');
    const collection = textFlag(input, 'collection');
    if (file === undefined || collection === undefined)
      throw new UsageError('name --questions FILE and --collection NAME');
    const rowsFile = textFlag(input, 'rows');
    if (rowsFile !== undefined) checkOutput('--rows', rowsFile);
    const kept = new AnswerRowsFile(rowsFile);
    const limit = numberFlag(input, 'limit', { least: 1, most: 1e6, whole: true });
    const questions = readQuestions(file).slice(0, limit);
    const asked = [
      ...questions.map((row) => ({ row, collection })),
      ...withoutGold(questions, textFlag(input, 'without')),
    ];
    const model = textFlag(input, 'model');
    return withFarm(input, async (client) => {
      const progress = new ProgressLine();
      const results = [];
      for (const [index, one] of asked.entries()) {
        const name = model ?? `knowledge:${one.collection}`;
        const key = { ...one.row, collection: one.collection, model: name };
        let given = kept.find(key);
        if (given === undefined) {
          const { id, question } = one.row;
          given = await ask(
            client,
            { question, collection: one.collection, model: name },
            input.signal,
          );
          kept.add({ id, question, collection: one.collection, model: name }, given);
        }
        results.push({ collection: one.collection, ...gradeAnswer(one.row, given) });
        if (!input.json) progress.update('asked', index + 1, asked.length);
      }
      progress.end();
      const report = reportAnswers(results);
      if (input.json) printJson({ evaluation: 'answers', collection, ...report, rows: results });
      else tell(report);
      return 0;
    });
  },
};

/** The answerable questions once more, where they should be declined. */
function withoutGold(questions: readonly Question[], collection: string | undefined) {
  if (collection === undefined) return [];
  return questions
    .filter((row) => row.answerable)
    .map((row) => ({
      row: { ...row, id: `${row.id} without`, gold: [], documents: [], answerable: false },
      collection,
    }));
}

async function ask(
  client: FarmClient,
  { question, collection, model }: { question: string; collection: string; model: string },
  signal: AbortSignal,
): Promise<GivenAnswer> {
  const start = performance.now();
  let removed = 0;
  let answerability: number | undefined;
  const answer = await streamAnswer(
    client,
    { model, collection, messages: [{ role: 'user', content: question }] },
    signal,
    true,
    (event) => {
      if (event.type !== 'check-passed' && event.type !== 'check-failed') return;
      const { check, score, sentence } = event.result;
      // Checks of the whole answer name no sentence.
      if (sentence === undefined) return;
      if (check === 'answerable') answerability = score;
      if (event.type === 'check-failed') removed += 1;
    },
  );
  const { abstained, citations, text } = answer;
  const reason = abstained?.reason;
  return {
    text,
    citations: citations.map(({ sentence, answerStart, answerEnd }) => ({
      path: sentence.path,
      start: answerStart,
      end: answerEnd,
    })),
    ...(reason === undefined ? {} : { reason }),
    ...(answerability === undefined ? {} : { answerability }),
    removed,
    ms: performance.now() - start,
  };
}

function tell(report: AnswerReport): void {
  const { answered, right, wrong, declined, invented, unsupported, wrongOfShown } = report;
  const others = report.questions - report.answerable;
  print(`${report.questions} questions, ${report.answerable} of them answerable`);
  print(`answered ${share(answered)}, declined ${share(declined)}`);
  print(`right ${share(right)}, wrong ${share(wrong)}`);
  if (report.rightCitingGold.of > 0)
    print(`right answers that cite one of their documents: ${share(report.rightCitingGold)}`);
  if (others > 0) print(`invented (answered although it should have declined): ${share(invented)}`);
  print(`wrong or invented among the graded answers that were shown: ${share(wrongOfShown)}`);
  print(`shown sentences without a source: ${share(unsupported)}; held back: ${report.removed}`);
  if (report.certified !== undefined)
    print(
      `with \`verify.answerability\` at ${report.certified.threshold} at most 5 % are invented (90 % confidence, ${report.certified.questions} questions)`,
    );
  if (report.auroc !== undefined) print(`AUROC of P(answerable): ${report.auroc.toFixed(3)}`);
  print(`RESULT ${JSON.stringify({ evaluation: 'answers', metrics: report })}`);
}

function share({ count, of, share: value, low, high }: AnswerReport['right']): string {
  return of === 0
    ? 'none'
    : `${count} of ${of} (${value.toFixed(3)}, ${low.toFixed(3)} … ${high.toFixed(3)})`;
}
