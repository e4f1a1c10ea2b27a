import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLlamaLoader } from '../../src/adapters/models/llama-process.ts';
import { estimateModelMemory } from '../../src/compose/model-memory.ts';
import { lockfileSchema, type ModelEntry } from '../../src/core/catalogue.ts';
import { textPart } from '../../src/core/chat.ts';
import type { SpokeConfig } from '../../src/core/config.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import { carriedOut } from '../../src/verify/calculation.ts';
import type { SliceRow } from './slices.ts';

/** What one row cost and gave. */
export interface SliceAnswer {
  readonly text: string;
  readonly seconds: number;
  /** Wall seconds of the model process × its threads; the machine is shared, so this is a bound. */
  readonly cpuSeconds: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** Mean natural log-probability of the generated tokens. */
  readonly meanLogprob: number;
}

export interface OpenSpoke {
  readonly id: string;
  answer(row: SliceRow): Promise<SliceAnswer>;
  close(): Promise<void>;
}

/** On one thread a pass for four conversations takes as long as four passes (measured), so rows follow each other. */
const THREADS = 1;

/** The model file of an entry in CADRE_HOME (default ~/.cadre). */
export function locateModel(entry: ModelEntry): { path: string } {
  const home = process.env['CADRE_HOME'] ?? join(homedir(), '.cadre');
  const file = entry.files[0];
  if (file === undefined) throw new Error(`${entry.id} names no file`);
  const path = join(home, 'models', file.sha256, file.name);
  if (!existsSync(path))
    throw new Error(`${entry.id} is not installed; run: cadre pull ${entry.id}`);
  return { path };
}

export function readLockfile(): readonly ModelEntry[] {
  return lockfileSchema.parse(
    JSON.parse(readFileSync(resolve(import.meta.dirname, '..', '..', 'models.lock.json'), 'utf8')),
  ).models;
}

/** A starter spoke, or a model without a trade of its own under the general prompt. */
function findSpoke(id: string): SpokeConfig | undefined {
  const general = STARTER_SPOKES.find((one) => one.id === 'general');
  return STARTER_SPOKES.find((one) => one.id === id) ?? (general && { ...general, id, model: id });
}

/** Loads the model behind a starter spoke and asks it rows with the spoke's own prompt, greedily. */
export async function openSpoke(id: string): Promise<OpenSpoke> {
  const spoke = findSpoke(id);
  const entry = readLockfile().find((one) => one.id === spoke?.model);
  if (spoke === undefined || entry === undefined) throw new Error(`no starter spoke ${id}`);
  const loader = createLlamaLoader({
    threads: THREADS,
    slots: 1,
    contextTokens: 3072,
    batchTokens: 256,
    stallSeconds: 1200,
    locate: locateModel,
    estimate: (one, tokens) => estimateModelMemory(one, locateModel(one).path, tokens, 1),
  });
  const loaded = await loader.doLoad(entry, {
    signal: AbortSignal.timeout(120_000),
    onProgress: () => undefined,
    onExit: () => undefined,
  });
  return {
    id,
    close: () => loaded.doUnload(),
    async answer(row) {
      const messages = [
        ...(row.system ? [{ role: 'system' as const, content: textPart(row.system) }] : []),
        { role: 'user' as const, content: textPart(row.prompt) },
      ];
      const built = buildModelRequest(
        { ...spoke, output: spoke.output === 'json' ? 'text' : spoke.output },
        {
          model: id,
          messages,
          sampling: { temperature: 0 },
          maxTokens: row.maxTokens,
          ...(row.stop ? { stop: row.stop } : {}),
        },
        { contextLength: 3072 },
      );
      const request = row.options ? { ...built, jsonSchema: { enum: [...row.options] } } : built;
      let text = '';
      let sum = 0;
      let count = 0;
      const start = performance.now();
      for await (const event of loaded.model.doChat(request, {
        signal: AbortSignal.timeout(1_800_000),
      })) {
        if (event.type === 'text') {
          text += event.text;
          for (const token of event.logprobs ?? []) {
            sum += token.logprob;
            count += 1;
          }
        }
        if (event.type === 'ended') {
          const seconds = (performance.now() - start) / 1000;
          return {
            text: spoke.output === 'calculation' ? (carriedOut(text)?.text ?? '') : text,
            seconds,
            cpuSeconds: seconds * THREADS,
            ...event.usage,
            meanLogprob: count > 0 ? sum / count : 0,
          };
        }
      }
      throw new Error(`${id} ended without an end on ${row.id}`);
    },
  };
}
