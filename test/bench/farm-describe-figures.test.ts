import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');

it('the figures of README.md are those of results/farm-describe.json, whose rows stand beside it', () => {
  const { metrics } = JSON.parse(read('bench/results/farm-describe.json'));
  const { described, zeroShot, tenReal } = metrics;
  const row = read('README.md')
    .split('\n')
    .find((line) => line.startsWith('| `farm-describe`'));
  const short = (value: number) => value.toFixed(3).replace('-', '− ').replace('0.', '.');
  const all = (values: readonly number[]) => `[${values.map(short).join(', ')}]`;
  expect(row).toContain(`| ${short(described.accuracy)} ${all(described.interval)};`);
  for (const one of [zeroShot, tenReal]) {
    expect(row).toContain(` ${short(one.accuracy)}, `);
    expect(row).toContain(`${short(Math.abs(one.difference))} ${all(one.differenceInterval)}`);
  }
  expect(row).toContain(`${metrics.writtenRows} rows that the 1.5B wrote; on ${metrics.messages}`);
  expect(row).toContain(`${short(described.bestLabel)} and ${short(tenReal.bestLabel)}`);
  expect(row).toContain(`in ${metrics.writingCpuSeconds} CPU seconds`);
  const rows = read('bench/results/farm-describe.rows.jsonl').trim().split('\n');
  expect(rows).toHaveLength(metrics.writtenRows);
});
