import { readFileSync, writeFileSync } from 'node:fs';
import type { FarmClient } from '../core/farm-client.ts';
import type { SimilarityCertificate } from '../core/similarity-certificate.ts';
import { contentHash, fitThreshold, type JudgedPair, judgePair } from '../main.ts';
import {
  type Command,
  type CommandInput,
  numberFlag,
  textFlag,
  UsageError,
  withFarm,
} from './command.ts';
import { note, print, printJson } from './terminal.ts';

type FittedThreshold = NonNullable<ReturnType<typeof fitThreshold>['found']>;

/** Texts per request to the embedder. */
const BATCH = 64;

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
}

/** `cadre eval cache-threshold`: how alike must two questions be to share an answer? */
export const cacheThresholdEvaluation: Command = {
  name: 'eval cache-threshold',
  summary: 'from which similarity on may one answer serve two questions?',
  usage: '--pairs FILE --out FILE',
  mostWords: 0,
  example: 'cadre eval cache-threshold --pairs pairs.jsonl --out threshold.json',
  flags: {
    pairs: {
      type: 'string',
      value: 'FILE',
      description:
        'JSON lines {"a": question, "b": question, "same": whether one answer serves both}',
    },
    bound: {
      type: 'string',
      value: 'SHARE',
      description: 'most of the shared answers that may be wrong (default 0.01)',
    },
    confidence: { type: 'string', value: 'P', description: 'of that bound (default 0.95)' },
    out: { type: 'string', value: 'FILE', description: 'write the certificate here' },
  },
  run: (input) =>
    withFarm(input, async (client) => {
      const file = textFlag(input, 'pairs');
      if (file === undefined) throw new UsageError('--pairs names a file of JSON lines');
      const promise = {
        bound: shareFlag(input, 'bound', 0.01, 0),
        confidence: shareFlag(input, 'confidence', 0.95, 0.5),
      };
      const text = readText(file);
      const pairs = text.split('\n').flatMap(readPair);
      if (pairs.length === 0) throw new UsageError(`${file} holds no pairs`);
      const { judged, embedder } = await judge(client, pairs, input.signal);
      const { found, best } = fitThreshold(judged, promise);
      if (found === undefined) {
        tellFailure(input, judged, promise.bound, best);
        return 1;
      }
      const certificate = certify({ found, promise, embedder, count: judged.length, text });
      const out = textFlag(input, 'out');
      if (out !== undefined) writeFileSync(out, `${JSON.stringify(certificate, null, 2)}\n`);
      tell(input, certificate, found, out);
      return 0;
    }),
};

function shareFlag(input: CommandInput, name: string, fallback: number, above: number): number {
  const value = numberFlag(input, name) ?? fallback;
  if (!(value > above && value < 1))
    throw new UsageError(`--${name} is a share between ${above} and 1, not ${value}`);
  return value;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
}

function readPair(line: string, index: number): Pair[] {
  if (line.trim() === '') return [];
  let value: Partial<Pair> | null;
  try {
    value = JSON.parse(line) as Partial<Pair> | null;
  } catch {
    value = null;
  }
  const { a, b, same } = value ?? {};
  if (typeof a === 'string' && typeof b === 'string' && typeof same === 'boolean')
    return [{ a, b, same }];
  throw new UsageError(`line ${index + 1} is not {"a": text, "b": text, "same": true or false}`);
}

async function judge(
  client: FarmClient,
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<{ readonly judged: readonly JudgedPair[]; readonly embedder: string }> {
  const texts = [...new Set(pairs.flatMap((pair) => [pair.a, pair.b]))];
  const vectors = new Map<string, Float32Array>();
  const { data: models } = (await client.doGet('/v1/models', { signal })) as {
    data: { id: string; cadre?: { kind?: string; ready?: boolean; alias?: string } }[];
  };
  const embedder =
    models.find(({ cadre }) => cadre?.kind === 'embedder' && cadre.ready && !cadre.alias)?.id ??
    'auto';
  for (let from = 0; from < texts.length; from += BATCH) {
    const input = texts.slice(from, from + BATCH);
    const answer = (await client.doSend(
      'POST',
      '/v1/embeddings',
      { model: embedder, input, input_type: 'passage' },
      { signal },
    )) as { data: { embedding: number[] }[] };
    for (const [at, one] of answer.data.entries())
      vectors.set(input[at] ?? '', Float32Array.from(one.embedding));
    if (texts.length > 10 * BATCH && from % (10 * BATCH) === 0)
      note(`${Math.min(from + BATCH, texts.length)} of ${texts.length} questions read`);
  }
  const judged = pairs.map((pair) =>
    judgePair(
      pair,
      vectors.get(pair.a) ?? new Float32Array(),
      vectors.get(pair.b) ?? new Float32Array(),
    ),
  );
  return { judged, embedder };
}

function certify(parts: {
  readonly found: FittedThreshold;
  readonly promise: { readonly bound: number; readonly confidence: number };
  readonly embedder: string;
  readonly count: number;
  readonly text: string;
}): SimilarityCertificate {
  const { found, promise, embedder, count, text } = parts;
  return {
    version: 1,
    embedder,
    threshold: found.threshold,
    ...promise,
    pairs: count,
    hits: found.hits,
    falseHits: found.falseHits,
    recall: Number(found.recall.toFixed(4)),
    data: contentHash(text),
    madeAt: new Date().toISOString(),
  };
}

function tell(
  input: CommandInput,
  certificate: SimilarityCertificate,
  { upper }: FittedThreshold,
  out: string | undefined,
): void {
  const { threshold, bound, confidence, hits, falseHits, recall } = certificate;
  if (input.json) {
    printJson(certificate);
    return;
  }
  print(`threshold ${threshold}: ${falseHits} of ${hits} shared answers would be wrong`);
  print(
    `at most ${percent(upper)} with ${percent(confidence)} confidence (promised ${percent(bound)})`,
  );
  print(`it finds ${percent(recall)} of the pairs that mean the same`);
  print(out === undefined ? 'no certificate is written; --out FILE does' : `certificate: ${out}`);
  print(
    `RESULT ${JSON.stringify({ evaluation: 'cache-threshold', metrics: { ...certificate, upper } })}`,
  );
}

function tellFailure(
  input: CommandInput,
  judged: readonly JudgedPair[],
  bound: number,
  best: number,
): void {
  const words = `no threshold keeps wrong answers at or below ${percent(bound)} on these ${judged.length} pairs; the best bound is ${percent(best)}`;
  if (input.json) printJson({ found: false, best, pairs: judged.length });
  else print(`${words}. More pairs, or a larger --bound, may help.`);
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
