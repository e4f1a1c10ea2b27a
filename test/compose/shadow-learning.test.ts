import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { GateDrift } from '../../src/compose/gate-drift.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { readGradedPage } from '../../src/compose/graded-traffic.ts';
import type { Alarm } from '../../src/core/online-state.ts';
import type { GradedAnswer, GradedPage } from '../../src/core/outcome.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { SHADOW_KEY, type ShadowOutcome } from '../../src/core/shadow.ts';
import type { Store } from '../../src/core/stores.ts';
import { gradedLines } from '../../src/gate/graded-traffic.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { chosen, estimator, general, quick } from '../gate/farm.ts';
import { sampleAttempt } from '../record/samples.ts';

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-shadow-learning-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function outcome(of: string, score: number): ShadowOutcome {
  return {
    of,
    served: 'quick',
    spoke: 'general',
    task: 'arithmetic',
    reference: 'general',
    as: 'label',
    agreement: score,
    grades: [
      { spoke: 'general', score: 1 },
      { spoke: 'quick', score },
    ],
    words: 'general said the same (label)',
    seconds: 1,
  };
}

/** A request with kept text that `quick` answered, and its shadow run. */
async function put(store: Store, id: string, prompt: string, score: number): Promise<void> {
  const spokes = [quick, general];
  const route = chosen(prompt, { spokes, promise: 0 });
  const attempts = [sampleAttempt({ spoke: 'quick', outcome: 'released' })];
  const words = { prompt, answer: 'a', citations: [], events: [] };
  await store.doPutReceipt(sampleReceipt(id, { attempts, route }), [], words);
  const shadow = sampleReceipt(`${id}_again`, {
    parent: id,
    depth: 1,
    key: SHADOW_KEY,
    requestedModel: 'general',
    shadow: outcome(id, score),
  });
  await store.doPutReceipt(shadow, []);
}

async function readAll(store: Store): Promise<GradedAnswer[]> {
  const rows: GradedAnswer[] = [];
  let next: GradedPage['next'];
  do {
    const page: GradedPage = await readGradedPage(store, next);
    rows.push(...page.rows);
    next = page.next;
  } while (next !== undefined);
  return rows;
}

it('a gate fitted from shadow runs alone keeps cheap what the cheap spoke says as well', async () => {
  const folder = openFolder();
  const store = await openSqliteStore(join(folder, 'state.db'));
  onTestFinished(() => store.doClose());
  for (let at = 0; at < 300; at += 1) {
    await put(store, `req_a${at}`, `Name the colour of thing ${at}`, at % 40 === 0 ? 0 : 1);
    await put(store, `req_b${at}`, `Add ${at} and ${(at * 7919) % 1000}`, 0);
  }
  const text = gradedLines(await readAll(store)).join('\n');
  const wish = { alpha: 0.1, delta: 0.1, seed: 1, days: 90, now: Date.parse('2026-11-26') };
  const { report } = fitGateInHome({ ...wish, home: folder, file: { text } });
  expect(report.reference).toBe('general');
  expect(report.rows).toMatchObject({ fitted: 300, heldOut: 300 });
  expect(report.saved).toBeGreaterThan(0.2);
  expect(report.lossBound).toBeLessThanOrEqual(0.1);
}, 60_000);

function openDrift(gate: number): { readonly drift: GateDrift; readonly alarms: Alarm[] } {
  const alarms: Alarm[] = [];
  const folder = openFolder();
  const drift = new GateDrift({
    file: join(folder, 'drift.json'),
    starter: estimator,
    clock: { now: () => 1000 },
    table: () => ({ arithmetic: { quick: { right: 90, trials: 100 } } }),
    spokeOf: (id) => [quick, general].find((one) => one.id === id),
    onAlarm: (alarm) => alarms.push(alarm),
  });
  drift.begin(gate);
  onTestFinished(() => drift.close());
  return { drift, alarms };
}

const run = (score: number, at = 2000): Pick<Receipt, 'at' | 'shadow'> => ({
  at,
  shadow: outcome('req_a', score),
});

it('a spoke that ceases to say what the reference says raises the alarm of a fitted gate', () => {
  const { drift, alarms } = openDrift(1);
  for (let at = 0; at < 60; at += 1) drift.learnShadow(run(0));
  expect(alarms[0]).toMatchObject({ model: 'quick', task: 'arithmetic' });
  expect(drift.state.models).toEqual(['quick']);
});

it('counts nothing for the starter’s table, nor what was asked before the gate was in force', () => {
  const starter = openDrift(0);
  starter.drift.learnShadow(run(0));
  expect(starter.drift.state.outcomes).toBe(0);
  const fitted = openDrift(1);
  fitted.drift.learnShadow(run(0, 999));
  expect(fitted.drift.state.outcomes).toBe(0);
  fitted.drift.learnShadow(run(1));
  expect(fitted.drift.state.outcomes).toBe(1);
});
