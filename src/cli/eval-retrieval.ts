import { nearestName } from '../core/nearest.ts';
import { evaluateRetrieval, RETRIEVAL_LEGS, type RetrievalReport } from '../main.ts';
import { type Command, type CommandInput, numberFlag, textFlag, UsageError } from './command.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { formatTable, ProgressLine, print, printJson, safeLine } from './terminal.ts';

type Leg = (typeof RETRIEVAL_LEGS)[number];

/** `cadre eval retrieval`: does the product find what a collection of one's own is judged to hold? */
export const retrievalEvaluation: Command = {
  name: 'eval retrieval',
  summary: 'does a search find what a folder in BEIR’s layout is judged to hold?',
  usage: '--corpus DIR',
  mostWords: 0,
  example: 'cadre eval retrieval --corpus scifact --legs lexical,hybrid --out queries.jsonl',
  flags: {
    corpus: {
      type: 'string',
      value: 'DIR',
      description: 'folder with corpus.jsonl, queries.jsonl, qrels.tsv (also .gz)',
    },
    qrels: {
      type: 'string',
      value: 'FILE',
      description: 'judgements (default qrels.tsv or qrels/test.tsv of the folder)',
    },
    legs: {
      type: 'string',
      value: 'NAMES',
      description: `of ${RETRIEVAL_LEGS.join(',')} (lsa = latent; default all that run here)`,
    },
    out: {
      type: 'string',
      value: 'FILE',
      description: 'one JSON line per query and leg',
    },
    seed: { type: 'string', value: 'N', description: 'of the intervals (default 1)' },
  },
  run: async (input) => {
    const corpus = textFlag(input, 'corpus');
    if (corpus === undefined) throw new UsageError('name --corpus DIR');
    const out = textFlag(input, 'out');
    if (out !== undefined) checkOutput('--out', out);
    const legs = legsOf(input);
    const judgements = textFlag(input, 'qrels');
    const progress = new ProgressLine();
    const { report, rows } = await evaluateRetrieval({
      wish: {
        corpus,
        seed: numberFlag(input, 'seed', { least: 0, most: 2 ** 31, whole: true }) ?? 1,
        ...(legs === undefined ? {} : { legs }),
        ...(judgements === undefined ? {} : { judgements }),
      },
      onProgress: (stage, done, of) => {
        if (!input.json) progress.update(stage, done, of);
      },
      signal: input.signal,
    });
    progress.end();
    if (out !== undefined) writeOutput(out, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    if (input.json)
      printJson({ evaluation: 'retrieval', ...report, ...(out === undefined ? {} : { out }) });
    else tell(report, out);
    return 0;
  },
};

function legsOf(input: CommandInput): readonly Leg[] | undefined {
  const text = textFlag(input, 'legs');
  if (text === undefined) return undefined;
  // The leg's usual name in the field: latent semantic analysis.
  const names = text.split(',').map((one) => one.trim().replace(/^lsa$/, 'latent'));
  const legs = RETRIEVAL_LEGS.filter((leg) => names.includes(leg));
  const unknown = names.find((name) => !RETRIEVAL_LEGS.some((leg) => leg === name));
  if (unknown === undefined) return legs;
  const near = nearestName(unknown, RETRIEVAL_LEGS);
  throw new UsageError(
    `--legs: “${unknown}” is none of ${RETRIEVAL_LEGS.join(', ')}${near ? `; did you mean ${near}?` : ''}`,
  );
}

function tell(report: RetrievalReport, out: string | undefined): void {
  const { leftOut } = report;
  print(
    `${report.documents} documents in ${report.chunks} chunks, ${report.queries} judged queries`,
  );
  const notes: readonly (readonly [number, string])[] = [
    [leftOut.unjudgedQueries, 'queries without a relevant document are left out'],
    [leftOut.unknownQueries, 'judged queries are not among the queries'],
    [leftOut.unknownDocuments, 'relevant documents are not in the corpus and count as missed'],
  ];
  for (const [count, words] of notes) if (count > 0) print(`${count} ${words}`);
  if (report.missing !== undefined) print(safeLine(report.missing));
  const share = ({ value }: { readonly value: number }) => value.toFixed(4);
  const table = report.legs.map((one) => [
    one.leg,
    `${share(one.ndcg10)} (${one.ndcg10.low.toFixed(4)} … ${one.ndcg10.high.toFixed(4)})`,
    share(one.recall100),
    share(one.pass5),
    share(one.pass10),
    share(one.pass20),
    one.cpuMs.mean.toFixed(2),
  ]);
  const head = ['leg', 'nDCG@10', 'Recall@100', 'Pass@5', 'Pass@10', 'Pass@20', 'CPU ms'];
  for (const line of formatTable([head, ...table])) print(line);
  if (out !== undefined) print(`per query: ${safeLine(out)}`);
  print(
    `RESULT ${JSON.stringify({ evaluation: 'retrieval', metrics: report, seed: report.seed })}`,
  );
}
