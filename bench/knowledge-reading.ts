/**
 * Does reading on find what one search misses? Questions with two parts, comparisons, questions about
 * what another document names, and passages that point elsewhere, over the documents of a fictional
 * clinic among those of other houses; no model. Evidence recall = share of the gold sentences in the
 * evidence. One search gets the tokens of one search, and those of a reading. Then the questions of
 * `knowledge-declining`, which one passage answers: how many are read on, and whose evidence changes.
 *
 *     CADRE_DATA=./data node bench/knowledge-reading.ts [--show]
 */
import { parseArgs } from 'node:util';
import { bootstrapMean, mean } from '../src/base/statistics.ts';
import { configSchema } from '../src/core/config.ts';
import type { EvidenceResult } from '../src/ground/searching.ts';
import { Library } from '../test/ground/fixtures/library.ts';
import { type DecliningSource, decliningSources } from './lib/declining-questions.ts';
import { type ReadingQuestion, readingDocuments, readingQuestions } from './lib/reading-set.ts';
import { printResult } from './lib/result.ts';

const SEED = 23;
const QUESTIONS = readingQuestions();
const { evidenceTokens, reading } = configSchema.parse({}).ground;
const { signal } = new AbortController();
const { values: flags } = parseArgs({ options: { show: { type: 'boolean', default: false } } });

type Way = 'search' | 'searchMore' | 'reading' | 'deep';
const WAYS: readonly Way[] = ['search', 'searchMore', 'reading', 'deep'];

interface Found {
  readonly recall: number;
  readonly steps: number;
  readonly tokens: number;
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
    tokens: texts.join(' ').split(/\s+/).length,
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

const documents = new Map(readingDocuments());
const sources = decliningSources();
for (const source of sources)
  if (source.name === 'house' || source.name === 'pairs')
    for (const [path, text] of source.documents) documents.set(`${source.name}/${path}`, text);
const library = await open(documents);
const all: Record<Way, Found[]> = { search: [], searchMore: [], reading: [], deep: [] };
await find(library, 'warm up', 'search');
for (const one of QUESTIONS)
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

const recallOf = (way: Way, kind?: ReadingQuestion['kind']) =>
  all[way]
    .filter((_one, at) => kind === undefined || QUESTIONS[at]?.kind === kind)
    .map((one) => one.recall);
const kinds = ['parts', 'comparison', 'hop', 'reference'] as const;
const ways = Object.fromEntries(
  WAYS.map((way) => [
    way,
    {
      recall: bootstrapMean(recallOf(way), { seed: SEED }),
      complete: mean(recallOf(way).map((one) => (one === 1 ? 1 : 0))),
      byKind: Object.fromEntries(kinds.map((kind) => [kind, mean(recallOf(way, kind))])),
      gain: bootstrapMean(
        recallOf(way).map((value, at) => value - (all.searchMore[at]?.recall ?? 0)),
        { seed: SEED },
      ),
      steps: mean(all[way].map((one) => one.steps)),
      words: mean(all[way].map((one) => one.tokens)),
      cpuMs: mean(all[way].map((one) => one.cpuMs)),
    },
  ]),
);
for (const [way, one] of Object.entries(ways))
  process.stdout.write(
    `${way}: recall ${one.recall.value.toFixed(3)} [${one.recall.low.toFixed(3)}, ${one.recall.high.toFixed(3)}], whole ${one.complete.toFixed(2)}, over one search of as many tokens ${one.gain.value.toFixed(3)} [${one.gain.low.toFixed(3)}, ${one.gain.high.toFixed(3)}], ${JSON.stringify(one.byKind)}, ${one.steps.toFixed(1)} steps, ${one.words.toFixed(0)} words, ${one.cpuMs.toFixed(1)} ms\n`,
  );
const asked: Record<string, Awaited<ReturnType<typeof simple>>> = {};
for (const source of sources) {
  asked[source.name] = await simple(source);
  process.stdout.write(`${source.name}: ${JSON.stringify(asked[source.name])}\n`);
}
printResult('knowledge-reading', SEED, {
  questions: QUESTIONS.length,
  documents: documents.size,
  ways,
  simple: asked,
});
