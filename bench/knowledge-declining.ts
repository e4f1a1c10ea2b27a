// Does the farm answer what the documents say and decline what they do not? Questions of this
// project's own making, each asked with its documents in the collection and without them, near
// documents staying; the starter farm's 1.5B model, greedy. Resumable per row.
// CADRE_DATA=… cadre bench knowledge-declining [ROWS] [--report | --fit]
//   --report  only the rows that are there
//   --fit     prints the weights of src/verify/answerability.ts, fitted on all rows
// Rows come from bench/results and from CADRE_HOME/bench; new ones go to the latter. P is always by
// weights that were fitted on the other sources.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerProbability } from '../src/verify/answerability.ts';
import type { Embed } from '../src/verify/support.ts';
import { answerFolders, indexFolder, openAnswerFarm } from './lib/answer-farm.ts';
import { shuffleByHash } from './lib/data.ts';
import { askRow } from './lib/declining-asking.ts';
import { fitAnswerability } from './lib/declining-fit.ts';
import {
  type DecliningQuestion,
  type DecliningSource,
  decliningSources,
  PARTS,
  partOf,
  writeCollection,
} from './lib/declining-questions.ts';
import { replay, type SignedRow, signRow } from './lib/declining-replay.ts';
import { type DecidedRow, reportDeclining } from './lib/declining-report.ts';
import {
  addDecliningRow,
  type DecliningRow,
  printDecliningRow,
  readDecliningRows,
} from './lib/declining-rows.ts';
import { benchCachedEmbedder, installed } from './lib/embedder.ts';
import { KeptModels } from './lib/kept-models.ts';
import { printResult } from './lib/result.ts';

const SEED = 20261127;
/** The product's default of `verify.answerability`. */
const THRESHOLD = 0.6;
const SAVED = resolve(import.meta.dirname, 'results', 'knowledge-declining.rows.jsonl');

interface Wanted {
  readonly question: DecliningQuestion;
  readonly condition: DecliningRow['condition'];
  readonly collection: string;
}

function wantedRows(sources: readonly DecliningSource[]): readonly Wanted[] {
  const rows = sources.flatMap((source) =>
    source.questions.flatMap((question): Wanted[] => [
      { question, condition: 'present', collection: source.name },
      // Where no document answers, there is none to remove.
      ...(question.answers.length === 0
        ? []
        : [
            {
              question,
              condition: 'removed' as const,
              collection: `${source.name}-${partOf(source, question.documents)}`,
            },
          ]),
    ]),
  );
  return shuffleByHash(rows, (row) => row.question.id, String(SEED));
}

const { home, documents, words } = answerFolders();
const added = join(home, '..', 'knowledge-declining.rows.jsonl');
const sources = decliningSources();
const wanted = wantedRows(sources);
const questions = new Map(sources.flatMap((one) => one.questions).map((one) => [one.id, one]));
const keyOf = (id: string, condition: string) => `${id} ${condition}`;

/** A row that was asked while a document stayed that answers it says nothing: it is asked again. */
function readRows(): readonly DecliningRow[] {
  return readDecliningRows(SAVED, added).filter(({ id, condition, passages }) => {
    const answering = questions.get(id)?.documents;
    const found = passages.flatMap((one) => one.sentences).map((one) => one.path);
    return condition === 'present' || !found.some((path) => answering?.includes(path));
  });
}

async function askMissing(most: number): Promise<void> {
  const known = new Set(readRows().map((row) => keyOf(row.id, row.condition)));
  const missing = wanted
    .filter(({ question, condition }) => !known.has(keyOf(question.id, condition)))
    .slice(0, Math.max(0, most - known.size));
  if (missing.length === 0) return;
  const farm = await openAnswerFarm(home, new KeptModels(words));
  const asked = new Set(missing.map((one) => one.collection));
  for (const source of sources)
    for (let part = -1; part < PARTS; part += 1) {
      const name = part < 0 ? source.name : `${source.name}-${part}`;
      if (!asked.has(name)) continue;
      writeCollection(source, join(documents, name), part < 0 ? undefined : part);
      await indexFolder(farm.farm, name, join(documents, name));
    }
  for (const { question, condition, collection } of missing) {
    const row = await askRow(farm, question, condition, collection);
    addDecliningRow(added, row);
    process.stderr.write(`${row.id} ${condition} ${row.seconds} s ${row.text.slice(0, 80)}\n`);
  }
  await farm.close();
}

/** Every row with P by weights of the other sources. */
async function decide(rows: readonly SignedRow[], embed: Embed): Promise<DecidedRow[]> {
  const decided: DecidedRow[] = [];
  for (const source of sources) {
    const weights = fitAnswerability(rows.filter((row) => row.question.source !== source.name));
    for (const row of rows.filter((one) => one.question.source === source.name)) {
      const { reading: _, ...unread } = row.signs;
      decided.push({
        ...row,
        unread: answerProbability(unread, weights),
        probability: answerProbability(row.signs, weights),
        open: await replay(row, embed, { threshold: 0, weights }),
        gated: await replay(row, embed, { threshold: THRESHOLD, weights }),
        ungated: await replay(row, embed, undefined),
      });
    }
  }
  return decided;
}

const most = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? wanted.length);
const isReport = ['--report', '--fit'].some((flag) => process.argv.includes(flag));
if (!isReport) await askMissing(most);
const embedder = installed(benchCachedEmbedder(1));
const embed: Embed = (texts) =>
  embedder.doEmbed(texts, 'passage', { signal: AbortSignal.timeout(600_000) });
const rows = readRows();
const signed: SignedRow[] = [];
for (const row of rows) {
  const question = questions.get(row.id);
  if (question !== undefined) signed.push(await signRow(row, question, embed));
}
if (process.argv.includes('--fit'))
  process.stdout.write(`${JSON.stringify(fitAnswerability(signed), null, 2)}\n`);
else {
  const decided = await decide(signed, embed);
  for (const row of decided)
    if (row.answerable !== (row.gated.shown.trim() !== '') || (row.answerable && !row.gated.right))
      process.stdout.write(
        `${row.answerable ? '+' : '-'} ${row.question.id} P ${row.probability.toFixed(2)} “${row.question.question}” said “${row.row.text.slice(0, 90)}” shown “${row.gated.shown.slice(0, 60)}”\n`,
      );
  if (!isReport) writeFileSync(SAVED, rows.map(printDecliningRow).join(''));
  printResult('knowledge-declining', SEED, reportDeclining(decided, SEED));
}
await embedder.doClose();
