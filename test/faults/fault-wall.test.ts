import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, FaultProvider } from './fault-provider.ts';
import { type RunningTestFarm, startTestFarm } from './running-farm.ts';
import type { WireDialect } from './scripted-answer.ts';
import { WALL } from './wall-faults.ts';

const NAMES = Object.keys(WALL);
const DIALECTS: readonly WireDialect[] = ['openai', 'anthropic'];
const MODES = ['stream', 'whole'] as const;
const CASES = NAMES.flatMap((fault) =>
  DIALECTS.flatMap((dialect) => MODES.map((mode) => [fault, dialect, mode] as const)),
);
/** Waits of the farm, shortened; only the few that a fault is about are shorter still. */
const RETRY = { firstSeconds: 0.02, longestSeconds: 0.05 };

/** A model that takes no half answer to go on from. */
const picky: Fault = (answer, _turn, { body }) => {
  const messages = body['messages'] as readonly { readonly role: string }[];
  return messages.at(-1)?.role === 'assistant'
    ? answer.refuse(400, 'invalid_request_error', 'assistant prefill is not supported')
    : answer.healthy();
};

function configOf(provider: FaultProvider): object {
  const urlOf = (dialect: WireDialect) =>
    dialect === 'openai' ? `${provider.url}/v1` : provider.url;
  const primaries = DIALECTS.flatMap((dialect) =>
    MODES.flatMap((mode) =>
      NAMES.map((fault) => ({ fault, dialect, name: `${fault}.${mode}.${dialect}` })),
    ),
  );
  const price = { input: 2, output: 4, contextLength: 128_000 };
  return {
    record: { electricityPrice: 0 },
    limits: { concurrentRequests: 256 },
    destinations: [
      ...primaries.map(({ fault, dialect, name }) => ({
        id: name,
        kind: dialect,
        url: urlOf(dialect),
        prices: { [name]: { input: 1000, output: 1000, contextLength: 128_000 } },
        ...WALL[fault]?.destination,
        retry: { ...RETRY, ...(WALL[fault]?.destination as { retry?: object } | undefined)?.retry },
      })),
      {
        id: 'healthy',
        kind: 'openai',
        url: urlOf('openai'),
        prices: { fallback: price, larger: { ...price, contextLength: 1_000_000 } },
      },
    ],
    policy: { defaultLabel: 'public', budgetPerRequest: 100 },
    spokes: [
      ...primaries.map(({ fault, name }) => ({
        id: name,
        model: `${name}/${name}`,
        fallback: WALL[fault]?.fallback ?? ['fallback'],
      })),
      ...['fallback', 'larger', 'picky'].map((id) => ({ id, model: `healthy/${id}` })),
    ],
  };
}

// Three runs in a row, each with a farm that knows nothing of the one before.
describe.each([1, 2, 3])('the fault wall, run %i', () => {
  let provider: FaultProvider;
  let farm: RunningTestFarm;

  beforeAll(async () => {
    const faults = Object.fromEntries(NAMES.map((name) => [name, WALL[name]?.fault]));
    provider = await FaultProvider.start({ ...(faults as Record<string, Fault>), picky });
    farm = await startTestFarm(configOf(provider));
  });
  afterAll(async () => {
    await farm.stop();
    await provider.stop();
  });

  it('has sixteen faults', () => {
    expect(NAMES).toHaveLength(16);
  });

  // Each case has a destination of its own, so none waits for another.
  it.concurrent.each(CASES)('%s, %s upstream, %s', async (fault, dialect, mode) => {
    const name = `${fault}.${mode}.${dialect}`;
    await WALL[fault]?.check({ farm, provider, dialect, mode, name });
  });
});
