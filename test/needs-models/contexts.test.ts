import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionStanding } from '../../src/core/document-text.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { findModel, SMOLLM2 } from './model-paths.ts';

const CONFIG = `
fleet: { starter: false, memoryBudget: 2000000000 }
spokes:
  - { id: scribe, model: smollm2-135m-instruct-q4_1 }
`;

describe.skipIf(findModel(SMOLLM2) === undefined)('passages described by real weights', () => {
  let home: TestHome;
  let farm: RunningProcess;

  beforeAll(async () => {
    home = new TestHome(CONFIG);
    home.linkModels();
    mkdirSync(join(home.path, 'plant'));
    const parts = [
      'The pump runs at 40 bar.',
      'The valve closes at 90 degrees.',
      'The lamp is red.',
    ];
    writeFileSync(
      join(home.path, 'plant', 'manual.md'),
      parts
        .map((text, at) => `# Part ${at + 1}\n\n${text} It is looked at once a week.`)
        .join('\n\n'),
    );
    farm = await home.up();
  }, 120_000);
  afterAll(() => home.remove());

  it('every passage gets a sentence or a reason, with a receipt of this machine', async () => {
    const indexed = await home.run(['index', join(home.path, 'plant'), '--context', 'scribe']);
    expect(indexed.code).toBe(0);
    const read = async <T>(path: string) =>
      (await (await fetch(`${farm.url}/cadre/v1${path}`)).json()) as T;
    const decided = async () => {
      const { standing } = await read<{ standing: CollectionStanding }>(
        '/collections/plant/standing',
      );
      const { written = 0, refused = {} } = standing.contexts ?? {};
      return Object.values(refused).reduce((sum, count) => sum + count, written);
    };
    await expect.poll(decided, { timeout: 240_000, interval: 500 }).toBe(3);
    const { receipts } = await read<{ receipts: Receipt[] }>('/receipts?limit=100');
    const own = receipts.filter((one) => one.key === 'contexts' && one.outcome === 'answered');
    expect(own).toHaveLength(3);
    expect(
      own.every((one) => one.attempts.every(({ destination }) => destination === 'local')),
    ).toBe(true);
    // The document is read once: its later passages find it in the model's memory.
    expect(own.filter((one) => one.usage.cachedTokens > 50).length).toBeGreaterThanOrEqual(2);
  }, 300_000);
});
