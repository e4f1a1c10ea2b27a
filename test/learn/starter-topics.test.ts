import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExamples } from '../../src/learn/examples.ts';
import { trainMicroModel } from '../../src/learn/train-micro-model.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'starter', 'support-topics');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));

describe('the bundled support topics', { timeout: 120_000 }, () => {
  const { rows, labels, problems } = readExamples(files);

  it('are ten labels with at least forty distinct examples each', () => {
    expect(problems).toEqual([]);
    expect(labels).toHaveLength(10);
    for (const label of labels) {
      expect(rows.filter((row) => row.label === label).length).toBeGreaterThanOrEqual(40);
    }
  });

  it('train to a model that is far better than chance on held-out examples', () => {
    const { ngramReport } = trainMicroModel({ rows, source: 'starter', seed: 1 });
    expect(ngramReport.accuracyLow).toBeGreaterThan(0.45);
    expect(ngramReport.noveltyArea).toBeGreaterThan(0.7);
  });
});
