import { describe, expect, it } from 'vitest';
import type { ConformanceReport, ConformanceWish } from '../../src/core/conformance.ts';
import { evaluateConformance } from '../../src/main.ts';
import { startNaiveGateway } from './naive-gateway.ts';
import { freePort } from './ports.ts';

async function evaluate(
  change: Partial<ConformanceWish> & { baseUrl: string },
): Promise<ConformanceReport> {
  return evaluateConformance({
    wish: {
      dialect: 'openai',
      model: 'steady',
      headers: {},
      models: {},
      upstreamPrefix: '',
      patience: 5,
      only: [],
      ...change,
    },
    signal: new AbortController().signal,
    onResult: () => undefined,
  });
}

const idsOf = (report: ConformanceReport, verdict: string) =>
  report.checks.filter((one) => one.verdict === verdict).map((one) => one.id);

describe('the checks', () => {
  it('find nothing wrong with a vendor that keeps its promises', async () => {
    const port = await freePort();
    const report = await evaluate({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      upstreamPort: port,
      models: { embeddings: 'steady', rerank: 'steady' },
      only: ['surface', 'stream', 'answer', 'tools', 'responses', 'usage', 'fields', 'cancel'],
    });
    expect(idsOf(report, 'fail')).toEqual([]);
    expect(report.metrics.passed).toBeGreaterThan(30);
  });

  it('find the faults of a naive gateway', async () => {
    const port = await freePort();
    const report = await evaluate({
      baseUrl: await startNaiveGateway(`http://127.0.0.1:${port}`),
      upstreamPort: port,
      patience: 3,
      only: ['fields', 'cancel', 'cut', 'fault', 'refusal', 'errors.retry-after', 'tools'],
    });
    expect(idsOf(report, 'fail')).toEqual(
      expect.arrayContaining([
        'fields.unknown',
        'tools.forced',
        'cancel.stream',
        'cut.stream',
        'fault.html',
        'fault.html-stream',
        'fault.empty-choices',
        'fault.long-line',
        'fault.stall',
        'fault.silent',
        'fault.failing',
        'refusal.filter',
        'errors.retry-after',
      ]),
    );
    const drained = report.checks.find((one) => one.id === 'cancel.stream')?.seen;
    expect(drained).toContain('100 of 100 chunks');
    expect(idsOf(report, 'pass')).toContain('fault.odd-bytes');
  }, 60_000);

  it('skip what needs control of the upstream', async () => {
    const report = await evaluate({
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      only: ['cut', 'surface.chat'],
    });
    expect(idsOf(report, 'skip')).toEqual(['cut.stream', 'cut.tool-call', 'cut.json']);
    expect(report.checks[0]).toMatchObject({ id: 'surface.chat', verdict: 'fail' });
    expect(report.checks[0]?.seen).toContain('ECONNREFUSED');
    expect(report.metrics.failedRequired).toBe(1);
  });
});
