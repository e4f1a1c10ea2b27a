import type { SpokeConfig } from './config-parts.ts';
import { type SpecialistBody, type SpecialistKind, versionName } from './specialist.ts';

/** How a kind serves: what it does in words, the gate's task, and the most tokens of an answer. */
interface Service {
  readonly does: (labels: readonly string[]) => string;
  readonly task: string;
  readonly maxTokens: number;
}

const SERVICES: Readonly<Record<SpecialistKind, Service>> = {
  intents: {
    does: (labels) => `Sorts texts into ${labels.length} labels`,
    task: 'classify',
    maxTokens: 64,
  },
  extract: {
    does: (labels) => `Finds ${labels.join(', ').slice(0, 200)} in texts`,
    task: 'extract',
    maxTokens: 1024,
  },
  score: {
    does: () => 'Gives texts a number',
    // No task of the gate: it is asked for by name, or by a schema that asks for what it is named for.
    task: 'score',
    maxTokens: 64,
  },
  // No spoke of a request: passages come to /v1/rerank.
  rank: { does: () => 'Orders passages for a query', task: 'rank', maxTokens: 1 },
  adapter: {
    does: () => 'Answers as it was taught',
    // No task of the gate: it is asked for by name, or in the words of its rows.
    task: 'taught',
    maxTokens: 1024,
  },
};

/**
 * A specialist as a spoke of the given name; one that is an adapter as that of its base, with the
 * adapter's file.
 */
export function specialistSpoke(
  id: string,
  { manifest }: SpecialistBody,
  adapter?: string,
): SpokeConfig {
  const { labels, accuracy } = manifest.report;
  const { does, task, maxTokens } = SERVICES[manifest.kind];
  return {
    id,
    description: `${does(labels)} (${versionName(manifest)}, ${(100 * accuracy).toFixed(1)} % right when it was measured).`,
    ...(manifest.base === undefined || adapter === undefined
      ? { model: versionName(manifest), kind: 'classifier', sampling: {} }
      : { model: manifest.base.model, adapter, kind: 'chat', sampling: { temperature: 0 } }),
    maxTokens,
    output: 'text',
    tools: false,
    tasks: [task],
    fallback: [],
  };
}
