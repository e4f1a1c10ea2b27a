import { textPart } from '../../src/core/chat.ts';
import type { SpokeConfig } from '../../src/core/config.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import { carriedOut } from '../../src/verify/calculation.ts';
import { openModel } from './open-model.ts';
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

/** A starter spoke, or a model without a trade of its own under the general prompt. */
function findSpoke(id: string): SpokeConfig | undefined {
  const general = STARTER_SPOKES.find((one) => one.id === 'general');
  return STARTER_SPOKES.find((one) => one.id === id) ?? (general && { ...general, id, model: id });
}

/** Loads the model behind a starter spoke and asks it rows with the spoke's own prompt, greedily. */
export async function openSpoke(id: string): Promise<OpenSpoke> {
  const spoke = findSpoke(id);
  if (spoke?.model === undefined) throw new Error(`no starter spoke ${id}`);
  const loaded = await openModel(spoke.model, { contextTokens: 3072 });
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
            cpuSeconds: seconds,
            ...event.usage,
            meanLogprob: count > 0 ? sum / count : 0,
          };
        }
      }
      throw new Error(`${id} ended without an end on ${row.id}`);
    },
  };
}
