import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { mean } from '../../src/base/statistics.ts';
import type { OnlineState } from '../../src/core/online-state.ts';
import {
  alarmFor,
  decideOnline,
  learnOutcome,
  ONLINE_DEFAULTS,
  type OnlineOptions,
  rateOf,
  readOnline,
  startOnline,
} from '../../src/gate/online.ts';

const tasks = ['code', 'mail'];
const models = ['small', 'large'];
const BOTH = [0, 1];
const start = startOnline({
  tasks,
  models,
  rates: [
    [0.5, 0.9],
    [0.7, 0.8],
  ],
  weights: [
    [100, 100],
    [100, 100],
  ],
});

interface World {
  /** Rate of a model in a task at a request. */
  readonly rate: (task: number, model: number, request: number) => number;
  readonly requests: number;
  readonly options?: Partial<OnlineOptions>;
  readonly seed?: number;
}

function live({ rate, requests, options, seed = 1 }: World) {
  const world = seededRandom(seed);
  const random = seededRandom(seed + 1000);
  const settings = { ...ONLINE_DEFAULTS, ...options };
  const scores: number[] = [];
  let state: OnlineState = start;
  for (let request = 0; request < requests; request += 1) {
    const task = request % 2;
    const decision = decideOnline(state, task, BOTH, settings, random);
    if (decision === undefined) throw new Error('there are models');
    const { model } = decision;
    const score = world() < rate(task, model, request) ? 1 : 0;
    scores.push(score);
    state = learnOutcome(decision.state, { task, model, score }, settings);
  }
  return { state, scores };
}

const steady = (task: number, model: number) => (task === 0 ? [0.5, 0.9] : [0.7, 0.8])[model] ?? 0;

describe('a gate that learns while it serves', () => {
  it('leaves a model that silently fell, in all tasks, and says what it saw', () => {
    const fallen = (task: number, model: number, request: number) =>
      steady(task, model) * (model === 1 && request >= 500 ? 0.4 : 1);
    const { state, scores } = live({ rate: fallen, requests: 2000 });
    const alarm = alarmFor(state, 'mail', 'large');
    expect(alarm).toMatchObject({ task: '*', model: 'large' });
    expect(alarm?.outcome).toBeGreaterThan(500);
    expect(alarm?.outcome).toBeLessThan(600);
    expect(alarm?.seen).toBeLessThan(0.6 * (alarm?.expected ?? 0));
    // The small model is right in .6 of both tasks, the fallen one in .34.
    expect(mean(scores.slice(700))).toBeGreaterThan(0.55);
    expect(rateOf(state, 0, 1)).toBeLessThan(0.5);
  });

  it('sees a fall in one task alone there, and keeps the model elsewhere', () => {
    const fallen = (task: number, model: number, request: number) =>
      task === 0 && model === 1 && request >= 200 ? 0.2 : steady(task, model);
    const { state } = live({
      rate: fallen,
      requests: 1500,
      options: { fall: 0.4 },
    });
    expect(alarmFor(state, 'code', 'large')?.task).toBe('code');
    expect(rateOf(state, 1, 1)).toBeGreaterThan(0.7);
    expect(rateOf(state, 0, 1)).toBeLessThan(0.45);
  });

  it('raises no more false alarms than one in so many outcomes', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 20; seed += 1)
      alarms += live({ rate: steady, requests: 1000, options: { calmOutcomes: 2000 }, seed }).state
        .alarms.length;
    expect(alarms).toBeLessThanOrEqual(10);
  });

  it('is no worse than before while nothing happens', () => {
    const { scores } = live({ rate: steady, requests: 4000 });
    expect(mean(scores)).toBeGreaterThan(0.83);
  });

  it('finds a model that became better only when it may try others, within its share', () => {
    const better = (task: number, model: number) => (model === 0 ? 0.97 : steady(task, model));
    const careful = live({ rate: better, requests: 6000 });
    const curious = live({ rate: better, requests: 6000, options: { exploreShare: 0.05 } });
    expect(careful.state.explored).toBe(0);
    expect(curious.state.explored).toBeGreaterThan(0);
    expect(curious.state.explored / curious.state.decided).toBeLessThanOrEqual(0.05);
    expect(mean(curious.scores.slice(3000))).toBeGreaterThan(mean(careful.scores.slice(3000)));
  });

  it('asks only eligible models', () => {
    const random = seededRandom(1);
    const options = { ...ONLINE_DEFAULTS, exploreShare: 1 };
    for (let round = 0; round < 50; round += 1)
      expect(decideOnline(start, 0, [0], options, random)?.model).toBe(0);
    expect(decideOnline(start, 0, [], options, random)).toBeUndefined();
  });

  it('gives the same for the same seed and leaves the state it was given as it was', () => {
    const before = JSON.stringify(start);
    const world = { rate: steady, requests: 300, options: { exploreShare: 0.2 } };
    expect(live(world)).toEqual(live(world));
    expect(JSON.stringify(start)).toBe(before);
  });

  it('goes on from its saved text as if it had never stopped', () => {
    const { state } = live({ rate: (task, model) => 0.4 * steady(task, model), requests: 150 });
    const saved = readOnline(JSON.stringify(state), tasks, models);
    expect(saved).toEqual(state);
    const outcome = { task: 0, model: 1, score: 0.5 };
    expect(learnOutcome(saved ?? start, outcome, ONLINE_DEFAULTS)).toEqual(
      learnOutcome(state, outcome, ONLINE_DEFAULTS),
    );
  });

  it('takes no saved text that is damaged or of other tasks or models', () => {
    const text = JSON.stringify(start);
    expect(readOnline(text, ['code', 'other'], models)).toBeUndefined();
    expect(readOnline(text, tasks, ['small'])).toBeUndefined();
    for (const broken of ['', '{}', text.slice(1), text.replace('"right":[', '"right":[1,')])
      expect(readOnline(broken, tasks, models)).toBeUndefined();
  });

  it('keeps one alarm of each kind, however often there is one', () => {
    const waves = (_: number, __: number, request: number) =>
      Math.floor(request / 400) % 2 === 0 ? 0.9 : 0.1;
    const { state } = live({ rate: waves, requests: 8000 });
    expect(state.alarms.length).toBeGreaterThan(0);
    expect(state.alarms.length).toBeLessThanOrEqual(6);
  });

  it('refuses figures that cannot be', () => {
    for (const score of [-0.1, 1.1, Number.NaN])
      expect(() => learnOutcome(start, { task: 0, model: 0, score }, ONLINE_DEFAULTS)).toThrow(
        RangeError,
      );
    expect(() => learnOutcome(start, { task: 2, model: 0, score: 1 }, ONLINE_DEFAULTS)).toThrow(
      /no task 2/,
    );
    const bad = { tasks, models, rates: [[0.5, 2]], weights: [[1, 1]] };
    expect(() => startOnline(bad)).toThrow(/code × large/);
  });
});
