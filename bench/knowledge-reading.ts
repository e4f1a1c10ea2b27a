/**
 * Does reading on find what one search misses? Questions with two parts, comparisons, questions about
 * what another document names, and passages that point elsewhere, over the documents of an
 * invented clinic and an invented town; no model. Evidence recall = share of the gold sentences in the
 * evidence. One search gets the tokens of one search, and those of a reading. Then the questions of
 * `knowledge-declining`, which one passage answers: how many are read on, and whose evidence changes.
 *
 *     CADRE_DATA=./data node bench/knowledge-reading.ts [--show]
 */
import { parseArgs } from 'node:util';
import { bootstrapMean, type Interval, mean } from '../src/base/statistics.ts';
import { configSchema } from '../src/core/config.ts';
import type { EvidenceResult } from '../src/ground/searching.ts';
import { Library } from '../test/ground/fixtures/library.ts';
import { type DecliningSource, decliningSources } from './lib/declining-questions.ts';
import {
  type ReadingQuestion,
  type ReadingSet,
  readingDocuments,
  readingQuestions,
} from './lib/reading-set.ts';
import { printResult } from './lib/result.ts';

const SEED = 23;
const { evidenceTokens, reading } = configSchema.parse({}).ground;
const { signal } = new AbortController();
const { values: flags } = parseArgs({ options: { show: { type: 'boolean', default: false } } });

type Way = 'search' | 'searchMore' | 'reading' | 'deep';
const WAYS: readonly Way[] = ['search', 'searchMore', 'reading', 'deep'];

interface Found {
  readonly recall: number;
  readonly steps: number;
  readonly words: number;
  readonly cpuMs: number;
}

async function open(documents: ReadonlyMap<string, string>): Promise<Library> {
  const library = await Library.open();
  for (const [path, text] of documents) library.put(path, text);
  await library.index();
  return library;
}

async function find(library: Library, query: string, way: Way) {
  const tokenBudget = way === 'searchMore' ? reading.tokens : evidenceTokens;
  const isRead = way === 'reading' || way === 'deep';
  const { steps, tokens } = reading;
  const wish = { mode: way === 'deep' ? way : ('auto' as const), steps, tokens, ms: 60_000 };
  const begun = process.cpuUsage();
  const found = await library.knowledge.evidence(
    { collection: 'docs', query, tokenBudget, ...(isRead ? { reading: wish } : {}) },
    { signal },
  );
  const { user, system } = process.cpuUsage(begun);
  return { found, cpuMs: (user + system) / 1000 };
}

function measure({ gold }: ReadingQuestion, found: EvidenceResult, cpuMs: number): Found {
  const texts = textsOf(found);
  const has = (sentence: string) => texts.some((text) => text.includes(sentence));
  return {
    recall: gold.filter(has).length / gold.length,
    steps: found.reading?.steps.length ?? 0,
    words: texts.join(' ').split(/\s+/).length,
    cpuMs,
  };
}

function textsOf({ passages }: EvidenceResult): readonly string[] {
  return passages.flatMap((passage) => passage.sentences.map((one) => one.text));
}

/** How many of the questions that one passage answers are read on. */
async function simple({ documents, questions }: DecliningSource) {
  const library = await open(documents);
  let read = 0;
  let changed = 0;
  for (const { question } of questions) {
    const once = await find(library, question, 'search');
    const { found } = await find(library, question, 'reading');
    if (found.reading !== undefined) read += 1;
    const differs = textsOf(found).join('\n') !== textsOf(once.found).join('\n');
    if (differs) changed += 1;
    if (flags.show && found.reading !== undefined)
      process.stdout.write(
        `  ${differs ? 'changed' : 'read'}: ${question} ${found.reading.steps.map((one) => `[${one.reason} ${one.asked}: ${one.found}]`).join(' ')}\n`,
      );
  }
  await library.close();
  return { questions: questions.length, read, changed };
}

const sources = decliningSources();
const kinds = ['parts', 'comparison', 'hop', 'reference'] as const;

async function measureSet(set: ReadingSet) {
  const questions = readingQuestions(set);
  const documents = new Map(readingDocuments(set));
  for (const source of sources)
    if (source.name === 'house' || source.name === 'pairs')
      for (const [path, text] of source.documents) documents.set(`${source.name}/${path}`, text);
  const library = await open(documents);
  const all: Record<Way, Found[]> = { search: [], searchMore: [], reading: [], deep: [] };
  await find(library, 'warm up', 'search');
  for (const one of questions)
    for (const way of WAYS) {
      const { found, cpuMs } = await find(library, one.question, way);
      const measured = measure(one, found, cpuMs);
      all[way].push(measured);
      if (flags.show && way === 'reading' && measured.recall < 1)
        process.stdout.write(
          `  ${one.question} ${(found.reading?.steps ?? []).map((step) => `[${step.reason} ${step.asked}: ${step.found}]`).join(' ')}\n`,
        );
    }
  await library.close();
  const ways = Object.fromEntries(WAYS.map((way) => [way, summary(questions, all, way)]));
  for (const [way, one] of Object.entries(ways))
    process.stdout.write(
      `${set}, ${way}: recall ${shown(one.recall)}, whole ${one.complete.toFixed(2)}, over one search of as many tokens ${shown(one.gain)}, ${JSON.stringify(one.byKind)}, ${one.steps.toFixed(1)} steps, ${one.words.toFixed(0)} words, ${one.cpuMs.toFixed(1)} ms\n`,
    );
  return { questions: questions.length, documents: documents.size, ways };
}

function shown({ value, low, high }: Interval): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function summary(questions: readonly ReadingQuestion[], all: Record<Way, Found[]>, way: Way) {
  const recall = all[way].map((one) => one.recall);
  const of = (kind: ReadingQuestion['kind']) =>
    mean(recall.filter((_one, at) => questions[at]?.kind === kind));
  const gains = recall.map((value, at) => value - (all.searchMore[at]?.recall ?? 0));
  return {
    recall: bootstrapMean(recall, { seed: SEED }),
    complete: mean(recall.map((one) => (one === 1 ? 1 : 0))),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, of(kind)])),
    gain: bootstrapMean(gains, { seed: SEED }),
    steps: mean(all[way].map((one) => one.steps)),
    words: mean(all[way].map((one) => one.words)),
    cpuMs: mean(all[way].map((one) => one.cpuMs)),
  };
}

const sets = { clinic: await measureSet('clinic'), town: await measureSet('town') };
const asked: Record<string, Awaited<ReturnType<typeof simple>>> = {};
for (const source of sources) {
  asked[source.name] = await simple(source);
  process.stdout.write(`${source.name}: ${JSON.stringify(asked[source.name])}\n`);
}
printResult('knowledge-reading', SEED, { sets, simple: asked });
