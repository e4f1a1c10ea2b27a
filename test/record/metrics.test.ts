import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import { createMetrics, type GaugeReadings } from '../../src/record/metrics.ts';
import { Counter, Histogram } from '../../src/record/prometheus.ts';
import { ReceiptBuilder } from '../../src/record/receipt-builder.ts';
import { sampleAttempt, sampleCall } from './samples.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A strict reader of the text format; throws on every line that is not of it. */
function parse(text: string): readonly Sample[] {
  expect(text.endsWith('\n')).toBe(true);
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment) {
      if (comment[1] === 'TYPE') {
        expect(types.has(comment[2] ?? ''), `two types of ${comment[2]}`).toBe(false);
        types.set(comment[2] ?? '', comment[3] ?? '');
      }
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!sample) throw new Error(`not in the format: ${line}`);
    const [, name = '', labelText = '', value = ''] = sample;
    const base = name.replace(/_(bucket|sum|count)$/, '');
    expect(types.has(name) || types.get(base) === 'histogram', `no type of ${name}`).toBe(true);
    expect(value).toMatch(/^(\+Inf|-?\d+(\.\d+)?(e[+-]\d+)?)$/);
    samples.push({ name, labels: parseLabels(labelText), value: Number(value) });
  }
  return samples;
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(rest);
    if (!match) throw new Error(`not a label: ${rest}`);
    const value = (match[2] ?? '').replace(/\\(.)/g, (_, one) => (one === 'n' ? '\n' : one));
    labels[match[1] ?? ''] = value;
    rest = rest.slice(match[0].length);
  }
  return labels;
}

const READINGS: GaugeReadings = {
  modelBytes: { 'a"b\\c\nd': 5 },
  activeRequests: 1,
  queuedRequests: 2,
  process: { residentBytes: 3, heapBytes: 4, cpuSeconds: 0.000_000_1, startedAt: 1.5e9 },
};

function sampleReceipt(change: Partial<Receipt> = {}): Receipt {
  const builder = new ReceiptBuilder({ call: sampleCall(), at: 1 });
  builder.addAttempt(sampleAttempt({ outcome: 'escalated' }));
  builder.addAttempt(sampleAttempt({ spoke: 'big', model: 'large' }));
  const receipt = builder.build({
    outcome: 'answered',
    totalMs: 1500,
    featureHashes: [],
    cost: { total: 0.25, reference: 1, referenceName: 'reference' },
    energy: { joules: 3, tier: 'modelled' },
  });
  return { ...receipt, ...change };
}

describe('metrics', () => {
  it('render text that a strict parser reads, with what was observed', () => {
    const metrics = createMetrics();
    metrics.observe(sampleReceipt({ firstTokenMs: 30 }));
    metrics.observe(
      sampleReceipt({
        outcome: 'abstained',
        checks: [{ check: 'names', passed: false, score: 0, detail: '' }],
      }),
    );
    const samples = parse(metrics.render(READINGS));
    const value = (name: string, labels: Record<string, string> = {}) =>
      samples.find(
        (one) =>
          one.name === name &&
          Object.entries(labels).every(([label, text]) => one.labels[label] === text),
      )?.value;
    expect(value('cadre_requests_total', { spoke: 'big', outcome: 'answered' })).toBe(1);
    expect(value('cadre_requests_total', { spoke: 'big', outcome: 'abstained' })).toBe(1);
    expect(value('cadre_abstentions_total', { spoke: 'big' })).toBe(1);
    expect(value('cadre_escalations_total', { spoke: 'chat' })).toBe(2);
    expect(value('cadre_checks_total', { check: 'names', passed: 'false' })).toBe(1);
    expect(value('cadre_cost_dollars_total', { model: 'large' })).toBe(0.5);
    expect(value('cadre_models_resident_bytes', { model: 'a"b\\c\nd' })).toBe(5);
    expect(value('process_resident_memory_bytes')).toBe(3);
    const duration = 'gen_ai_server_request_duration_seconds';
    expect(value(`${duration}_bucket`, { le: '1.28', outcome: 'answered' })).toBe(0);
    expect(value(`${duration}_bucket`, { le: '2.56', outcome: 'answered' })).toBe(1);
    expect(value(`${duration}_bucket`, { le: '+Inf', outcome: 'answered' })).toBe(1);
    expect(value(`${duration}_sum`, { outcome: 'answered' })).toBe(1.5);
    expect(value('gen_ai_server_time_to_first_token_seconds_count')).toBe(1);
    expect(
      value('gen_ai_client_token_usage_sum', {
        gen_ai_request_model: 'small',
        gen_ai_token_type: 'input',
      }),
    ).toBe(200);
  });

  it('render before anything happened', () => {
    expect(parse(createMetrics().render({ ...READINGS, modelBytes: {} })).length).toBe(6);
  });

  it('never name what a caller asked for', () => {
    const metrics = createMetrics();
    metrics.observe(sampleReceipt({ requestedModel: 'invented', attempts: [] }));
    expect(metrics.render(READINGS)).not.toContain('invented');
  });

  it('bound the number of series and lose no count', () => {
    const counter = new Counter('things_total', 'Things.');
    for (let index = 0; index < 10_000; index += 1) counter.add({ name: `thing ${index}` });
    const samples = parse(counter.render());
    expect(samples.length).toBeLessThanOrEqual(201);
    expect(samples.reduce((sum, one) => sum + one.value, 0)).toBe(10_000);
    expect(samples.at(-1)?.labels).toEqual({ name: 'other' });
  });

  it('never let a counter fall or a strange number in', () => {
    const counter = new Counter('things_total', 'Things.');
    for (const amount of [2, -1, Number.NaN, Number.POSITIVE_INFINITY]) counter.add({}, amount);
    expect(parse(counter.render())[0]?.value).toBe(2);
    const histogram = new Histogram('sizes', 'Sizes.', [1]);
    for (const size of [1, 1.1, Number.NaN]) histogram.observe({}, size);
    expect(parse(histogram.render()).map((one) => one.value)).toEqual([1, 2, 2.1, 2]);
  });
});
