import { expect, it, vi } from 'vitest';
import { countTokens } from '../../src/compose/count.ts';
import type { Models } from '../../src/compose/models.ts';
import type { ChatRequest } from '../../src/core/chat.ts';
import type { SpokeRuntime } from '../../src/stages/parts.ts';

const SPOKE = {
  config: { id: 'small', sampling: {} },
  gate: { destination: 'local', kind: 'chat', resident: true, modelId: 'm', contextLength: 1000 },
} as unknown as SpokeRuntime;

it('counts by the model what it may hold, and estimates what it cannot', async () => {
  const doCount = vi.fn(async () => 7);
  const acquire = async () => ({ model: { doCount }, release: () => undefined });
  const parts = { models: { acquire } as unknown as Models, spokes: () => [SPOKE] };
  const count = (length: number) => {
    const content = [{ type: 'text' as const, text: 'word '.repeat(length) }];
    const request: ChatRequest = {
      model: 'small',
      messages: [{ role: 'user', content }],
      sampling: {},
    };
    return countTokens(parts, request, AbortSignal.timeout(60_000));
  };
  expect(await count(10)).toBe(7);
  expect(doCount).toHaveBeenCalledTimes(1);
  expect(await count(100_000)).toBeGreaterThan(2000);
  expect(doCount).toHaveBeenCalledTimes(1);
});
