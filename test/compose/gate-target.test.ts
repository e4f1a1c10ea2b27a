import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GateFiles } from '../../src/adapters/stores/gate-files.ts';
import { seededRandom } from '../../src/base/random.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { GateRoom } from '../../src/compose/gate-room.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { decideRoute } from '../../src/gate/route.ts';
import { ask, general, input, quick } from '../gate/farm.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cadre-target-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** `quick` is as good as `general` at colours, knows no sums, and costs a tenth. */
function pastRequests(count: number): string {
  const random = seededRandom(1);
  return Array.from({ length: count }, (_, at) => {
    const isSum = random() < 0.5;
    const prompt = isSum
      ? `Add ${Math.floor(9999 * random())} and ${at}`
      : `Name the colour of ${at}`;
    const right = random() < 0.9 ? 1 : 0;
    const scores = { quick: isSum ? 0 : right, general: right };
    return JSON.stringify({ prompt, scores, costs: { quick: 1, general: 10 } });
  }).join('\n');
}

const NOW = Date.parse('2026-11-26');
const WISH = { alpha: 0.05, delta: 0.1, seed: 1, days: 90, now: NOW };

it('promises money instead of a loss, and tells both', async () => {
  const target = { of: 'dollars' as const, limit: 6200, mostPerRequest: 20 };
  const file = { text: pastRequests(600) };
  const { version, report } = fitGateInHome({ ...WISH, home, target, file });
  expect(report.words).toMatch(/^at most \$6200.00 per 1,000 requests: you would have saved/);
  const room = new GateRoom({
    files: new GateFiles(join(home, 'gate')),
    starter: createStarterEstimator(),
    clock: { now: () => NOW },
    log: () => undefined,
    spokeOf: (id) => [quick, general].find((one) => one.id === id),
  });
  const { promises, problem } = room.choose(version);
  expect(problem).toBeUndefined();
  expect(promises).toEqual([
    expect.stringMatching(/^at most \$6200.00 per 1,000 requests; loses at most [\d.]+ % of/),
  ]);
  const spokes = [
    { ...quick, price: { input: 1, output: 1 } },
    { ...general, price: { input: 10, output: 10 } },
  ];
  const { estimator, certificate } = room.inForce;
  const wish = input(ask('Name the colour of 77'), { spokes });
  const result = decideRoute({ ...wish, ...(certificate ? { certificate } : {}) }, estimator);
  expect('decision' in result && result.decision).toMatchObject({
    spoke: 'quick',
    reasons: expect.arrayContaining([
      expect.stringMatching(/keeps at most \$6200.00 per 1,000 requests and loses at most/),
    ]),
  });
  await room.close();
});

it('needs what each answer cost or how long it took, and says which line lacks it', () => {
  const target = { of: 'latency' as const, limit: 900 };
  const file = { text: pastRequests(60) };
  expect(() => fitGateInHome({ ...WISH, home, target, file })).toThrow(
    /line 1 has no "seconds" of every model/,
  );
});
