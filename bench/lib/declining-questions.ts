import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { indexTerms } from '../../src/base/tokens.ts';
import { LEXICAL_DEFAULTS, LexicalIndex } from '../../src/ground/lexical-index.ts';
import { GROUNDED_SETS } from '../grounded-pairs.ts';
import { readJsonLines } from './data.ts';

/** A question with the document that answers it; without answers, none does. */
export interface DecliningQuestion {
  readonly id: string;
  /** Where its documents come from: `science`, `packages`, `house` or `pairs`. */
  readonly source: string;
  readonly question: string;
  /** Any of these in the answer is right. */
  readonly answers: readonly string[];
  /**
   * Paths, inside the collection, of the documents that answer it; they are removed together. The
   * first is the one that is asked about, others say the same.
   */
  readonly documents: readonly string[];
}

export interface DecliningSource {
  readonly name: string;
  readonly documents: ReadonlyMap<string, string>;
  readonly questions: readonly DecliningQuestion[];
}

const ROOT = resolve(import.meta.dirname, '..', '..');
const OWN = join(ROOT, 'bench', 'declining');
/** Abstracts nearest to each one that is asked about, which stay when it is removed. */
const NEIGHBOURS = 4;

/** The questions of this project's own making with the documents around them. */
export function decliningSources(): readonly DecliningSource[] {
  return [scienceSource(), packageSource(), houseSource(), pairSource()];
}

function readQuestions(
  source: string,
  documentOf: (name: string) => string,
): readonly DecliningQuestion[] {
  const lines = readFileSync(join(OWN, `${source}.tsv`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line, index) => {
    const [name = '', question = '', answers = ''] = line.split('\t');
    return {
      id: `${source}-${index + 1}`,
      source,
      question,
      answers: answers.split('|'),
      documents: name.split('+').map(documentOf),
    };
  });
}

/** Abstracts of SciFact, MED and Cranfield with their nearest neighbours by words. */
function scienceSource(): DecliningSource {
  const questions = readQuestions('science', (name) => `${name.replace('/', '-')}.md`);
  const documents = new Map<string, string>();
  for (const set of ['scifact-train', 'med', 'cranfield']) {
    const rows = readJsonLines<{ _id: string; title?: string; text: string }>(
      'retrieval',
      set,
      'corpus.jsonl.gz',
    );
    const index = new LexicalIndex(LEXICAL_DEFAULTS);
    for (const row of rows) index.add(indexTerms(`${row.title ?? ''} ${row.text}`));
    const asked = rows.filter((row) =>
      questions.some((one) => one.documents[0] === `${set}-${row._id}.md`),
    );
    for (const row of asked) {
      const terms = indexTerms(`${row.title ?? ''} ${row.text}`);
      const nearest = index.topK(index.prepare(terms), NEIGHBOURS + 1);
      for (const { place } of nearest) {
        const near = rows[place];
        if (near === undefined) continue;
        const title = near.title && !near.text.startsWith(near.title) ? `# ${near.title}\n\n` : '';
        documents.set(`${set}-${near._id}.md`, `${title}${near.text}\n`);
      }
    }
  }
  return { name: 'science', documents, questions };
}

const UNDICI =
  'Agent BalancedPool CacheStore Client Connector Cookies Dispatcher EnvHttpProxyAgent Errors EventSource Fetch H2CClient MockAgent Pool ProxyAgent RetryAgent RetryHandler RoundRobinPool SnapshotAgent Socks5ProxyAgent WebSocket'.split(
    ' ',
  );
const READMES = ['ws', 'pg', 'marked', 'hono', 'node-llama-cpp', 'unpdf', 'zod', 'fast-check'];

/** Documentation of installed packages. */
function packageSource(): DecliningSource {
  const documents = new Map<string, string>();
  const read = (...path: string[]) => readFileSync(join(ROOT, 'node_modules', ...path), 'utf8');
  for (const name of UNDICI)
    documents.set(`undici-${name}.md`, read('undici', 'docs', 'docs', 'api', `${name}.md`));
  for (const name of READMES) documents.set(`${name}.md`, read(name, 'README.md'));
  const questions = readQuestions('packages', (name) => `${name.replace('/', '-')}.md`);
  return { name: 'packages', documents, questions };
}

/** A handbook and families of invented documents that are near to each other. */
function houseSource(): DecliningSource {
  const documents = new Map<string, string>();
  for (const name of ['it-security.md', 'laboratory.html', 'leave.md', 'travel.md'])
    documents.set(
      `handbook/${name}`,
      readFileSync(join(ROOT, 'examples', 'handbook', name), 'utf8'),
    );
  for (const line of readFileSync(join(OWN, 'documents.jsonl'), 'utf8').trim().split('\n')) {
    const { path, text } = JSON.parse(line) as { path: string; text: string };
    documents.set(path, `${text}\n`);
  }
  return { name: 'house', documents, questions: readQuestions('house', (name) => name) };
}

/** The short documents of bench/grounded-answers, with the questions that none of them answers. */
function pairSource(): DecliningSource {
  const documents = new Map<string, string>();
  const questions: DecliningQuestion[] = [];
  for (const [place, set] of GROUNDED_SETS.entries()) {
    const document = `text-${String(place + 1).padStart(2, '0')}.md`;
    documents.set(document, `${set.sentences.join(' ')}\n`);
    for (const { question, answer } of set.questions)
      questions.push({
        id: `pairs-${questions.length + 1}`,
        source: 'pairs',
        question,
        answers: answer ?? [],
        documents: [document],
      });
  }
  return { name: 'pairs', documents, questions };
}

/** Parts into which the documents with questions are put; one part is removed at a time. */
export const PARTS = 4;

/** The part a question's documents are removed with; neighbours by name fall into different ones. */
export function partOf({ questions }: DecliningSource, documents: readonly string[]): number {
  const asked = [...new Set(questions.map((one) => one.documents.join('+')))].sort();
  return asked.indexOf(documents.join('+')) % PARTS;
}

/** Writes the documents of a source, all or without one part, into a folder of its own. */
export function writeCollection(
  source: DecliningSource,
  folder: string,
  without: number | undefined,
): void {
  rmSync(folder, { recursive: true, force: true });
  const removed = new Set(
    source.questions
      .filter((one) => partOf(source, one.documents) === without)
      .flatMap((one) => one.documents),
  );
  for (const [path, text] of source.documents) {
    if (removed.has(path)) continue;
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
