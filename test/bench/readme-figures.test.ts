import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');
const rowOf = (file: string, start: string) =>
  read(file)
    .split('\n')
    .findLast((line) => line.startsWith(start)) ?? '';

interface Report {
  /** Absent where the gateway does not serve the dialect. */
  readonly metrics?: { readonly passed: number; readonly failed: number };
}
interface GeneralistSide {
  readonly accuracy: number;
  readonly differenceInterval: readonly number[];
  readonly cpuShare: number;
}
interface GeneralistTask {
  readonly specialist: { readonly accuracy: number };
  readonly zeroShot: GeneralistSide;
  readonly fewShot: GeneralistSide;
}
interface RankSide {
  readonly ndcg10: number;
  readonly gainInterval: readonly number[];
}
const median = (runs: readonly number[]) => runs.toSorted((a, b) => a - b)[1];

describe('the figures of README.md', () => {
  it.each([
    ['cadre', 'Cadre'],
    ['portkey', 'Portkey'],
    ['litellm', 'LiteLLM'],
  ])('are those of results/conformance-%s.json', (file, name) => {
    const { reports } = JSON.parse(read(`bench/results/conformance-${file}.json`)) as {
      reports: readonly Report[];
    };
    const part = rowOf('README.md', '| `conformance`').split(`${name} `)[1]?.split(/[;|]/)[0];
    const table = rowOf('bench/README.md', `| ${name} `);
    for (const { metrics } of reports) {
      if (metrics === undefined) continue;
      const share = `${metrics.passed} of ${metrics.passed + metrics.failed}`;
      expect(part).toContain(share);
      expect(table).toContain(share);
    }
  });

  it('are those of results/data-plane-load.json', () => {
    const { metrics, laterRuns } = JSON.parse(read('bench/results/data-plane-load.json'));
    const row = rowOf('README.md', '| `data-plane-load`');
    const later = laterRuns.metrics;
    expect(row).toContain(`JSON ${median(later.farmJsonMicros)} µs`);
    expect(row).toContain(`(${median(later.jsonRatio)?.toFixed(1)} ×)`);
    expect(row).toContain(`a prompt of 64 KB ${median(later.longRatio)} ×`);
    expect(row).toContain(`at the start ${median(later.startMegabytes)} MB`);
    expect(row).toContain(`after load ${median(later.loadedMegabytes)} MB`);
    expect(row).toContain(`requests ${(100 * metrics.requestGrowth).toFixed(1)} %`);
    expect(row).toContain(`listening ${metrics.startSeconds.toFixed(1)} s`);
  });

  it('are those of results/farm-intents.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-intents.json'));
    const row = rowOf('README.md', '| `farm-intents`');
    const short = (value: number) => value.toFixed(3).replace('0.', '.');
    const whole = [metrics.banking77, metrics.clinc150];
    const both = (word: (set: (typeof whole)[number]) => string) => whole.map(word).join(' / ');
    expect(row).toContain(
      both(
        ({ ensemble, plainHead }) =>
          `${short(ensemble.accuracy)} [${ensemble.interval.map(short).join(', ')}] (${short(plainHead.accuracy)})`,
      ),
    );
    const few = [metrics['banking77-10'], metrics['clinc150-10']];
    expect(row).toContain(
      few
        .map((one) => `${short(one.ensemble.accuracy)} (${short(one.plainHead.accuracy)})`)
        .join(' / '),
    );
    expect(metrics['clinc150-oos-auroc']).toBe(metrics.clinc150.ensemble.foreignArea);
    expect(row).toContain(`${short(metrics['clinc150-oos-auroc'])} (goal .975)`);
    expect(row).toContain(
      both(
        ({ student }) =>
          `${(100 * student.shareOfTeacher).toFixed(2)} % at ${student.timesFaster} ×`,
      ),
    );
    expect(row).toContain(`${both((set) => set.trainSecondsCpu.ladder.toFixed(0))} s (goal 120)`);
  });

  it('are those of results/farm-rank.json', () => {
    const { sets } = JSON.parse(read('bench/results/farm-rank.json')).metrics as {
      sets: Record<string, { own: { ndcg10: number }; beside: Record<string, RankSide> }>;
    };
    const row = rowOf('README.md', '| `farm-rank`');
    const short = (value: number) => value.toFixed(3).replace('-', '− ').replace('0.', '.');
    for (const { own, beside } of Object.values(sets)) {
      const others = Object.values(beside);
      const scores = others.map((one) => short(one.ndcg10)).join(' / ');
      const gains = others.map((one) => `[${one.gainInterval.map(short).join(', ')}]`).join(' / ');
      expect(row).toContain(`${short(own.ndcg10)} beside ${scores}, gains ${gains}`);
    }
  });

  it('are those of results/farm-throughput.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-throughput.json'));
    const row = rowOf('README.md', '| `farm-throughput`');
    for (const model of ['qwen2.5-coder-0.5b', 'smollm2-135m']) {
      const { ratio, interval } = metrics[`${model}, 2 threads`].wall;
      expect(row).toContain(
        `${ratio.toFixed(2)} [${interval.map((one: number) => one.toFixed(2)).join(', ')}]`,
      );
      expect(row).toContain(metrics[`${model}, 1 thread`].wall.ratio.toFixed(2).slice(1));
    }
  });

  it('are those of results/farm-drafting.json', () => {
    const { all } = JSON.parse(read('bench/results/farm-drafting.json')).metrics;
    const row = rowOf('README.md', '| `farm-drafting`');
    const arms = ['lookup', 'lookup of three', 'draft'].map((arm) => all[arm]);
    const ratios = arms.map(({ cpu }) => `${cpu.ratio} [${cpu.interval.join(', ')}]`);
    expect(row).toContain(ratios.join(', '));
    const equal = arms.map((arm) => arm.equalAnswers).join(', ');
    expect(row).toContain(`${equal} of ${all.prompts}`);
  });

  it('are those of results/farm-fleet.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-fleet.json'));
    const row = rowOf('README.md', '| `farm-fleet`');
    const count = (value: number) => value.toLocaleString('en-US');
    const { live, most } = metrics.memoryMegabytes;
    const { requests, failed } = metrics.mixed;
    expect(row).toContain(`${count(live)} MB in memory, at most ${count(most)} MB`);
    expect(row).toContain(`${count(requests)} mixed requests (goal 6 GB), ${failed} failed`);
    const { scoresMsCpu, verdictsMsCpu } = metrics.heads;
    expect(row).toContain(`in ${scoresMsCpu} CPU ms, their whole verdicts ${verdictsMsCpu}`);
    for (const { value, interval } of [metrics.switchMs, metrics.loadedSwitchMs])
      expect(row).toMatch(new RegExp(`${value}( ms)? \\[${interval.join(', ')}\\]`));
    const { reloadPerAdapter, processPerAdapterMegabytes } = metrics.baselines;
    expect(row).toContain(`${count(reloadPerAdapter.reloadMs.value)} ms`);
    expect(row).toContain(`${(processPerAdapterMegabytes / 1000).toFixed(1)} GB`);
  });

  it('are those of results/farm-lora.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-lora.json'));
    const row = rowOf('README.md', '| `farm-lora`');
    const short = (value: number) =>
      `${value < 0 ? '- ' : ''}${Math.abs(value).toFixed(3).slice(1)}`;
    const signed = (value: number) => `${value < 0 ? '' : '+ '}${short(value)}`;
    for (const { specialist, generalist, ...beside } of [metrics.fields, metrics.tools]) {
      for (const { right, interval } of [specialist, generalist])
        expect(row).toContain(`${short(right)} [${interval.map(short).join(', ')}]`);
      for (const { value, interval } of [beside.difference, beside.differenceByNumber])
        expect(row).toContain(`${signed(value)} [${interval.map(short).join(', ')}]`);
    }
    const { right: written, interval } = metrics.banking77.specialist;
    expect(row).toContain(`Banking77 ${short(written)} [${interval.map(short).join(', ')}]`);
    const shares = [metrics.fields, metrics.tools].map(({ shareOfCpu }) =>
      shareOfCpu.toFixed(2).slice(1),
    );
    expect(row).toContain(`${shares.join(' and ')} of its CPU seconds`);
    const tasks = [metrics.fields, metrics.tools];
    for (const format of ['q8_0', 'q8_4', 'q4_0']) {
      const right = tasks.map(({ merged }) => short(merged[format].right)).join(' and ');
      const share = tasks.map(({ cost }) => short(cost.shareOfCpu[format])).join(' and ');
      expect(row).toContain(`in ${format} ${right} right at ${share}`);
    }
    for (const { merged } of tasks) {
      const { value, interval: bounds } = merged['q8_4'].difference;
      expect(row).toContain(`${signed(value)} [${bounds.map(short).join(', ')}]`);
    }
    const beside = tasks.map(({ cost }) => short(cost.shareOfCpu.adapter)).join(' and ');
    expect(row).toContain(`the adapter at ${beside} of its CPU seconds`);
  });

  it('are those of results/farm-extract.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-extract.json'));
    const row = rowOf('README.md', '| `farm-extract`');
    const { f1, interval } = metrics.unseenTemplates;
    const short = (value: number) => value.toFixed(3).slice(1);
    expect(row).toContain(`${short(f1)} [${interval.map(short).join(', ')}]`);
    expect(row).toContain(`lookup ${short(metrics.lookup.f1)}`);
    expect(row).toContain(`${metrics.trainSecondsCpu} CPU seconds`);
  });

  it('are those of results/farm-score.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-score.json'));
    const row = rowOf('README.md', '| `farm-score`');
    const short = (value: number) => (value < 1 ? value.toFixed(3).slice(1) : value.toFixed(2));
    for (const { meanError, interval, beside, spearman } of [metrics.questions, metrics.reviews]) {
      const { middle, neighbours, levels } = beside;
      const others = [middle, neighbours, levels].map((one) => short(one.meanError)).join(', ');
      expect(row).toContain(`${short(meanError)} [${interval.map(short).join(', ')}], ${others};`);
      expect(row).toContain(`${short(spearman)}.`);
    }
  });

  it('are those of results/farm-generalist.json', () => {
    const { tasks, better, betterAndCheap } = JSON.parse(
      read('bench/results/farm-generalist.json'),
    ).metrics;
    const row = rowOf('README.md', '| `farm-generalist`');
    const short = (value: number) => value.toFixed(2).replace('0.', '.').replace('-', '− ');
    const percent = (share: number) => Number((100 * share).toPrecision(2));
    for (const [id, { specialist, zeroShot, fewShot }] of Object.entries<GeneralistTask>(tasks)) {
      const both = [zeroShot, fewShot];
      const shares = both.map((one) => short(one.accuracy)).join(' / ');
      const intervals = both.map((one) => `[${one.differenceInterval.map(short).join(', ')}]`);
      expect(row).toContain(
        `${id} ${short(specialist.accuracy)} beside ${shares}, differences ${intervals.join(' / ')}, at ${both.map((one) => percent(one.cpuShare)).join(' / ')} %`,
      );
    }
    expect(row).toContain(
      `on ${better} of ${Object.keys(tasks).length} tasks, on ${betterAndCheap} of them`,
    );
  });

  it('are those of results/farm-scheduler.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-scheduler.json'));
    const row = rowOf('README.md', '| `farm-scheduler`');
    const percent = ({ value, low, high }: Record<'value' | 'low' | 'high', number>) =>
      `${Math.round(100 * value)} % (${Math.round(100 * low)}–${Math.round(100 * high)})`;
    for (const kind of ['zipf', 'bursty', 'daily']) {
      const figures = metrics[`${kind}-0.8`];
      expect(figures.usual.starved).toBe(0);
      for (const one of ['usualBesideLru', 'patientBesideLru', 'usualBesideLruBytes'])
        expect(row).toContain(percent(figures[one].fewerLoads));
    }
  });

  it('are those of results/farm-scheduler-real.json', () => {
    const { real } = JSON.parse(read('bench/results/farm-scheduler-real.json')).metrics;
    const row = rowOf('README.md', '| `farm-scheduler`');
    for (const kind of ['zipf', 'bursty', 'daily']) {
      const { ours, lru, fewerLoads } = real[kind];
      expect(fewerLoads).toBeCloseTo(1 - ours.loads / lru.loads, 3);
      expect(row).toContain(
        `${ours.loads} loads instead of ${lru.loads} (${Math.round(100 * fewerLoads)} % fewer)`,
      );
    }
  });

  it('are those of results/farm-prefixes.json', () => {
    const { kept, anew, costOfKept } = JSON.parse(read('bench/results/farm-prefixes.json')).metrics;
    expect(rowOf('README.md', '| `farm-prefixes`')).toContain(
      `${Math.round(kept.cpuMs)} [${kept.interval.map(Math.round).join(', ')}] ms ÷ ${Math.round(anew.cpuMs)} [${anew.interval.map(Math.round).join(', ')}] = ${costOfKept.value.toFixed(3).slice(1)}`,
    );
  });

  it('are those of results/farm-canary.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-canary.json'));
    const row = rowOf('README.md', '| `farm-canary`');
    const percent = (name: string) => Number((100 * metrics[name].live.share).toFixed(1));
    expect(row).toContain(`equal ${percent('proof, +0 points')} %`);
    expect(row).toContain(`+ 2.5 points ${percent('proof, +2.5 points')} %`);
    expect(row).toContain(
      `goes live in ${percent('guard, −10 points')} and ${percent('guard, −5 points')} %`,
    );
    const back = (name: string) => {
      const { share, interval } = metrics[name].back;
      const [low, high] = interval.map((one: number) => (100 * one).toFixed(1));
      return `${Number((100 * share).toFixed(1))} % [${low}, ${high}]`;
    };
    const { medianAnswers } = metrics['ungraded, 15 % give way'];
    expect(row).toContain(
      `sent back in ${back('ungraded, 15 % give way')} after ${medianAnswers} answers`,
    );
    expect(row).toContain(`an equal one in ${back('ungraded, 10 % give way')}`);
  });

  it('are those of results/farm-promotion.json', () => {
    const { metrics } = JSON.parse(read('bench/results/farm-promotion.json'));
    const { better, equal } = metrics.simulated;
    const row = rowOf('README.md', '| `farm-promotion`');
    const percent = (one: { share: number }) => (100 * one.share).toFixed(1);
    const passing = better.map((one: { gate: { share: number } }) => percent(one.gate));
    expect(row).toContain(`better ones pass ${passing.join(', ')} %`);
    const worst = equal.toSorted(
      (a: { gate: { share: number } }, b: { gate: { share: number } }) =>
        b.gate.share - a.gate.share,
    )[0];
    expect(row).toContain(`equal ones at most ${percent(worst.gate)} %`);
    for (const { accuracy, incumbentAccuracy } of metrics.real)
      expect(read('bench/README.md')).toContain(
        `${accuracy.toFixed(3)}, ${incumbentAccuracy.toFixed(3)}`,
      );
  });
});
