/**
 * What does a request to an adapter cost whose instructions are known, but whose context has been given
 * to others meanwhile? Eight adapters over the 135M take turns in one context of two conversations,
 * each with instructions of its own before the caller's text; beginnings that prompts share are kept in
 * files, or read anew. CPU milliseconds of the model's process per request of one token.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LlamaChild } from '../src/adapters/models/llama-child.ts';
import { bootstrapMean } from '../src/base/statistics.ts';
import type { AdapterFile } from '../src/core/adapter.ts';
import { textPart } from '../src/core/chat.ts';
import { targetsOf, writeRandomAdapter } from '../test/fixtures/random-adapter.ts';
import { findModel, SMOLLM2 } from '../test/needs-models/model-paths.ts';
import { cpuOfTree } from './lib/process-cost.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const ADAPTERS = 8;
/** The first two of each adapter tell what its prompts share; they are not counted. */
const ROUNDS = 12;
const UNCOUNTED = 2;
const NEVER = new AbortController().signal;
const LOAD = { type: 'load', contextTokens: 1024, slots: 2, threads: 1, batchTokens: 256 } as const;

const path = findModel(SMOLLM2);
if (path === undefined) throw new Error(`${SMOLLM2.name} is not installed: cadre pull`);
const folder = mkdtempSync(join(tmpdir(), 'cadre-prefixes-'));
const targets = await targetsOf(path);
const adapters = Array.from({ length: ADAPTERS }, (_, seed): AdapterFile => {
  const file = join(folder, `${seed}.gguf`);
  writeRandomAdapter(file, { seed, rank: 16, alpha: 32, exponent: -6, targets });
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  return { path: file, hash, bytes: statSync(file).size };
});

async function start(prefixBytes: number): Promise<LlamaChild> {
  const child = new LlamaChild('prefixes', 300, () => undefined);
  const limits = { contexts: 1, bytes: 1e9 };
  await child.doLoad({ ...LOAD, path: path ?? '', adapters: limits, prefixBytes }, () => {}, NEVER);
  return child;
}

interface Asked {
  readonly cpuMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

async function ask(child: LlamaChild, place: number, round: number): Promise<Asked> {
  const fields = ['sender', 'receiver', 'date', 'amount', 'currency', 'reference', 'due date'];
  const system = `You are assistant ${place} of an office. ${fields
    .map((field) => `Where the document names its ${field}, copy it exactly as it stands there.`)
    .join(' ')} Answer with JSON alone and add nothing of your own.`;
  const request = {
    messages: [
      { role: 'system' as const, content: textPart(system) },
      { role: 'user' as const, content: textPart(`Document ${round}${place}: a bill over 12.`) },
    ],
    sampling: { temperature: 0 },
    maxTokens: 1,
  };
  const before = cpuOfTree(child.processId ?? 0);
  for await (const event of child.doChat(request, NEVER, adapters[place]))
    if (event.type === 'ended') {
      const { promptTokens, cachedTokens } = event.usage;
      return {
        cpuMs: (cpuOfTree(child.processId ?? 0) - before) / 1000,
        promptTokens,
        cachedTokens,
      };
    }
  throw new Error('the answer did not end');
}

const ways = { kept: await start(256_000_000), anew: await start(0) };
const asked: Record<keyof typeof ways, Asked[]> = { kept: [], anew: [] };
try {
  for (let round = 0; round < ROUNDS; round += 1)
    for (let place = 0; place < ADAPTERS; place += 1)
      for (const way of ['kept', 'anew'] as const) {
        const one = await ask(ways[way], place, round);
        if (round >= UNCOUNTED) asked[way].push(one);
      }
} finally {
  for (const child of Object.values(ways)) await child.doStop();
  rmSync(folder, { recursive: true });
}

const round1 = (value: number) => Math.round(10 * value) / 10;
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one) / values.length;
const figureOf = (all: readonly Asked[]) => {
  const cpu = bootstrapMean(
    all.map((one) => one.cpuMs),
    { seed: SEED },
  );
  return {
    cpuMs: round1(cpu.value),
    interval: [round1(cpu.low), round1(cpu.high)],
    promptTokens: round1(mean(all.map((one) => one.promptTokens))),
    cachedTokens: round1(mean(all.map((one) => one.cachedTokens))),
  };
};
const ratios = asked.kept.map(({ cpuMs }, at) => cpuMs / (asked.anew[at]?.cpuMs ?? Number.NaN));
const ratio = bootstrapMean(ratios, { seed: SEED });
printResult('farm-prefixes', SEED, {
  adapters: ADAPTERS,
  requests: asked.kept.length,
  kept: figureOf(asked.kept),
  anew: figureOf(asked.anew),
  costOfKept: {
    value: Number(ratio.value.toFixed(3)),
    interval: [Number(ratio.low.toFixed(3)), Number(ratio.high.toFixed(3))],
  },
});
