// Does the grounded route answer what the sentences say and decline what they do not? Self-written
// questions (grounded-pairs.ts) through the real prompt, model and sentence checks, with and
// without the checks. CADRE_HOME=… cadre bench grounded-answers [SPOKE …]
import { type ChatRequest, textPart } from '../src/core/chat.ts';
import type { Passage } from '../src/core/evidence.ts';
import type { Model } from '../src/core/ports.ts';
import { buildModelRequest } from '../src/run/prompt.ts';
import { STARTER_SPOKES } from '../src/run/starter-spokes.ts';
import { isDeclined } from '../src/verify/citation-marks.ts';
import { CheckedRelease } from '../src/verify/release.ts';
import type { Embed } from '../src/verify/support.ts';
import { GROUNDED_SETS, type GroundedSet } from './grounded-pairs.ts';
import { benchEmbedder } from './lib/embedder.ts';
import { openModel } from './lib/open-model.ts';
import { printResult } from './lib/result.ts';

const SEED = 20261123;
const CONTEXT = 2048;
const named = process.argv.slice(2).filter((word) => STARTER_SPOKES.some((one) => one.id === word));
const spokes = named.length > 0 ? named : ['grounded', 'grounded-large'];

function passagesOf(set: GroundedSet): readonly Passage[] {
  return [
    {
      chunkId: 'c1',
      score: 1,
      lexicalScore: 1,
      sentences: set.sentences.map((text, index) => ({
        number: index + 1,
        text,
        collection: 'bench',
        documentId: 'd1',
        documentVersion: 1,
        path: 'document.md',
        headings: [],
        start: 0,
        end: text.length,
      })),
    },
  ];
}

interface Counts {
  answerable: number;
  right: number;
  wrong: number;
  declined: number;
  cited: number;
  unanswerable: number;
  declinedRightly: number;
}

function emptyCounts(): Counts {
  return {
    answerable: 0,
    right: 0,
    wrong: 0,
    declined: 0,
    cited: 0,
    unanswerable: 0,
    declinedRightly: 0,
  };
}

type Question = GroundedSet['questions'][number];

function count(counts: Counts, question: Question, text: string, cited: readonly number[]): void {
  const declined = text.trim() === '' || isDeclined(text);
  if (question.answer === null) {
    counts.unanswerable += 1;
    if (declined) counts.declinedRightly += 1;
    return;
  }
  counts.answerable += 1;
  const plain = text.toLowerCase();
  const right = !declined && question.answer.some((one) => plain.includes(one.toLowerCase()));
  if (right) counts.right += 1;
  else if (declined) counts.declined += 1;
  else counts.wrong += 1;
  if (right && question.cites?.some((number) => cited.includes(number))) counts.cited += 1;
}

const embedder = benchEmbedder(1);
const signal = new AbortController().signal;
const embed: Embed = (texts) => embedder?.doEmbed(texts, 'passage', { signal });

async function ask(model: Model, spoke: string, set: GroundedSet, question: string) {
  const config = STARTER_SPOKES.find((one) => one.id === spoke);
  if (!config) throw new Error(`no spoke ${spoke}`);
  const passages = passagesOf(set);
  const request: ChatRequest = {
    model: spoke,
    messages: [{ role: 'user', content: textPart(question) }],
    sampling: {},
  };
  const built = buildModelRequest(config, request, { passages, contextLength: CONTEXT });
  const release = new CheckedRelease({
    passages,
    threshold: 0.5,
    embed,
    question,
    elapsed: () => performance.now(),
  });
  let raw = '';
  let shown = '';
  const cited: number[] = [];
  const reasons: string[] = [];
  const take = async (pieces: ReturnType<CheckedRelease['push']>) => {
    for await (const piece of pieces)
      if ('release' in piece) {
        shown += piece.release.text;
        cited.push(...piece.release.citations.map((one) => one.sentence.number));
      } else reasons.push(piece.reject.detail);
  };
  for await (const event of model.doChat(built, { signal }))
    if (event.type === 'text') {
      raw += event.text;
      await take(release.push(event.text));
    }
  await take(release.flush());
  return { raw, shown, cited, reasons };
}

const metrics: Record<string, unknown> = { embedder: embedder?.id ?? 'none' };
for (const spoke of spokes) {
  const id = STARTER_SPOKES.find((one) => one.id === spoke)?.model;
  if (id === undefined) throw new Error(`no starter spoke ${spoke}`);
  const loaded = await openModel(id, { contextTokens: CONTEXT });
  const counts = {
    tuned: { unchecked: emptyCounts(), checked: emptyCounts() },
    heldOut: { unchecked: emptyCounts(), checked: emptyCounts() },
  };
  for (const set of GROUNDED_SETS)
    for (const question of set.questions) {
      const { raw, shown, cited, reasons } = await ask(loaded.model, spoke, set, question.question);
      const marks = [...raw.matchAll(/\[(\d+)/g)].map((match) => Number(match[1]));
      const part = set.heldOut ? counts.heldOut : counts.tuned;
      count(part.unchecked, question, raw, marks);
      count(part.checked, question, shown, cited);
      process.stdout.write(
        `${spoke}\t${question.answer ? '+' : '-'}\t${question.question}\t${JSON.stringify(raw)}\t${JSON.stringify(shown)} ${cited.join(',')}\t${reasons.join(' | ')}\n`,
      );
    }
  metrics[spoke] = counts;
  await loaded.doUnload();
}
await embedder?.doClose();
printResult('grounded-answers', SEED, metrics);
