/**
 * How well does a specialist for fields find them in documents whose sentences, names and products it
 * was not taught, and what does it cost? Documents of our own making (lib/field-documents.ts), beside
 * a lookup of the values that the training rows held.
 */
import { readSpanTagger, type Span, tagSpans } from '../src/base/span-tagger.ts';
import { fieldReport, makeExtract } from '../src/learn/make-extract.ts';
import { fieldDocuments } from './lib/field-documents.ts';
import { threadCpuMs } from './lib/process-cost.ts';
import { printResult, round } from './lib/result.ts';

const SEED = 1;
const train = fieldDocuments(SEED, 'train', 800);
const test = fieldDocuments(SEED, 'test', 400);
const labels = [...new Set(train.flatMap((row) => row.spans.map((span) => span.label)))].sort();

const started = threadCpuMs();
const { bytes, report } = makeExtract({
  data: { rows: train, labels, leftOut: [] },
  notes: [],
  seed: SEED,
  source: 'bench',
  cpuMs: threadCpuMs,
});
const trainSecondsCpu = (threadCpuMs() - started) / 1000;
const tagger = readSpanTagger(bytes);
const asked = threadCpuMs();
const judged = test.map((row) => ({ row, found: tagSpans(tagger, row.text) }));
const microsecondsCpu = ((threadCpuMs() - asked) * 1000) / test.length;

const known = new Map(
  train.flatMap(({ text, spans }) =>
    spans.map(({ start, end, label }) => [text.slice(start, end), label] as const),
  ),
);
const looked = test.map((row) => ({ row, found: lookUp(row.text) }));

function lookUp(text: string) {
  const found: (Span & { readonly confidence: number })[] = [];
  for (const [value, label] of [...known].toSorted((a, b) => b[0].length - a[0].length)) {
    const start = text.indexOf(value);
    const end = start + value.length;
    if (start >= 0 && found.every((one) => one.end <= start || one.start >= end))
      found.push({ start, end, label, confidence: 1 });
  }
  return found;
}

const figureOf = (rows: typeof judged, label?: string) => {
  const { f1, low, high, spans } = fieldReport(rows, label, SEED);
  return { f1: round(f1), interval: [round(low), round(high)], spans };
};
printResult('farm-extract', SEED, {
  trainRows: train.length,
  testRows: test.length,
  heldOutOfTrain: round(report.fields?.[0]?.f1 ?? 0),
  unseenTemplates: figureOf(judged),
  lookup: figureOf(looked),
  byField: Object.fromEntries(labels.map((label) => [label, figureOf(judged, label)])),
  trainSecondsCpu: round(trainSecondsCpu, 1),
  microsecondsCpu: round(microsecondsCpu, 0),
  megabytes: round(bytes.length / 1e6, 2),
});
