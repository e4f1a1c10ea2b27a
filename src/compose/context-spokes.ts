import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import { stricterLabel } from '../core/label.ts';
import type { CallOptions, Clock, Random } from '../core/ports.ts';
import { CONTEXT_ANSWER_TOKENS } from '../ground/context-prompt.ts';
import type { ContextAnswer, ContextSpokes } from '../ground/context-writer.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import { canDescribe, collectionLabel } from './describing.ts';
import type { Generations } from './generations.ts';

/** Whose receipts the sentences about passages are; no API key has this id. */
const CONTEXT_KEY = 'contexts';
/** One sentence takes no longer than this. */
const ANSWER_MS = 180_000;
const LOOK_MS = 200;
/** On this machine callers go first; after so many milliseconds or interruptions one sentence is written all the same. */
const PATIENCE_MS = 60_000;
const MOST_INTERRUPTIONS = 3;

interface ContextSpokeParts {
  readonly generations: Pick<Generations, 'current' | 'activeCount' | 'aside'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Has the passages described of all collections that want it, until the signal aborts. */
export function describePassages(
  parts: ContextSpokeParts & { readonly knowledge: Pick<Knowledge, 'writeContexts'> },
  signal: AbortSignal,
): Promise<void> {
  return parts.knowledge.writeContexts(composeContextSpokes(parts), { signal });
}

/**
 * Has passages described by a spoke through the pipeline, with receipts and costs as any request, and
 * with a label at least as strict as that of the collection: a document must not lower it.
 */
export function composeContextSpokes(parts: ContextSpokeParts): ContextSpokes {
  const { generations } = parts;
  const find = (id: string) =>
    generations.current.spokes().find((one) => one.gate.id === id && canDescribe(one));
  return {
    modelOf(spoke) {
      const gate = find(spoke)?.gate;
      return gate && `${gate.destination}/${gate.modelId}`;
    },
    async doWrite(order, { signal }) {
      const isLocal = find(order.spoke)?.gate.destination === 'local';
      if (!isLocal) return write(parts, order, { signal });
      for (let count = 0; ; count += 1) {
        await untilIdle(parts, signal);
        const stop = new AbortController();
        const mayStop = count < MOST_INTERRUPTIONS;
        const watch = setInterval(() => {
          if (mayStop && generations.activeCount > 0) stop.abort();
        }, LOOK_MS).unref();
        try {
          return await write(parts, order, { signal: AbortSignal.any([signal, stop.signal]) });
        } catch (thrown) {
          signal.throwIfAborted();
          if (!stop.signal.aborted) throw thrown;
        } finally {
          clearInterval(watch);
        }
      }
    },
  };
}

async function untilIdle({ generations, clock }: ContextSpokeParts, signal: AbortSignal) {
  const end = clock.elapsed() + PATIENCE_MS;
  while (generations.activeCount > 0 && clock.elapsed() < end)
    await pause(LOOK_MS, undefined, { signal, ref: false });
}

async function write(
  { generations, clock, random }: ContextSpokeParts,
  { spoke, collection, messages }: Parameters<ContextSpokes['doWrite']>[0],
  { signal }: CallOptions,
): Promise<ContextAnswer> {
  const { config } = generations.current.settings;
  const call: Call = {
    id: `req_${random.id(24)}`,
    request: {
      model: spoke,
      messages,
      sampling: { temperature: 0 },
      maxTokens: CONTEXT_ANSWER_TOKENS,
    },
    caller: { key: CONTEXT_KEY, principals: ['public'], keepsText: false },
    labelDeclared: stricterLabel(collectionLabel(config, collection), config.policy.defaultLabel),
    deadline: clock.now() + ANSWER_MS,
    depth: 1,
    bare: true,
    cache: 'off',
    whole: true,
  };
  let text = '';
  let isWhole = false;
  for await (const event of generations.aside(call, signal)) {
    if (event.type === 'text-delta') text += event.text;
    if (event.type === 'choice-ended') isWhole = event.finishReason === 'stop';
    if (event.type === 'request-failed') throw new CadreError(event.code, event.message);
  }
  return { text, isWhole };
}
