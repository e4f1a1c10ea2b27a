import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../src/gate/success/dataset.ts';
import { reportGate } from '../../../src/gate/success/gate-report.ts';
import { scoreApart, scoreInFolds } from '../../../src/gate/success/held-out-scores.ts';
import { gradedTexts } from './graded.ts';

function linesOf(count: number, seed: number, models = 3): string {
  return gradedTexts(count, seed)
    .map(({ text, task, scores }) =>
      JSON.stringify({ prompt: text, task, scores: scores.slice(0, models) }),
    )
    .join('\n');
}

describe('readDataset', () => {
  it('reads scores by place and by name, missing ones, messages and costs', () => {
    const rows = [
      { prompt: 'a', scores: { x: 1, y: null }, costs: { x: 0.1, y: 2 } },
      { messages: [{ role: 'user', content: 'b' }], scores: { y: 0.5, x: false } },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'c' }] }], scores: [1, 0] },
    ];
    const { models, rows: read } = readDataset(
      rows.map((row) => JSON.stringify(row)).join('\n'),
      'f',
    );
    expect(models).toEqual(['x', 'y']);
    expect(read[0]).toMatchObject({ prompt: 'a', scores: [1, Number.NaN], costs: [0.1, 2] });
    expect(read[1]).toMatchObject({ prompt: 'b', scores: [0, 0.5] });
    expect(read[2]).toMatchObject({ prompt: 'c', scores: [1, 0] });
  });

  it.each([
    ['{"prompt":"a","scores":[1,NaN]}', /f:1 is not a JSON object.*null, not NaN/],
    ['{"prompt":"a","scores":[1,0],"costs":[-1,0]}', /f:1: a cost is .* not -1/],
    ['{"prompt":"a","scores":[1,0],"answers":[3,"b"]}', /f:1: an answer is a text or null, not 3/],
    ['{"prompt":"","scores":[1,0]}', /neither "prompt" nor/],
    ['{"prompt":"a","scores":[1,1.2]}', /f:1: a score is 0 … 1 or null, not 1.2/],
    ['{"prompt":"a","scores":[1,-0.1]}', /not -0.1/],
    ['{"prompt":"a","scores":[1,"yes"]}', /not "yes"/],
    ['{"prompt":"a","scores":[1]}', /two models at least/],
    ['{"scores":[1,0]}', /neither "prompt" nor a user message/],
    ['{"prompt":"a"}', /f: a gate chooses/],
    ['{"prompt":"a","scores":[1,0]}\n{"prompt":"b","scores":[1,0,1]}', /f:2 has 3 scores/],
    ['', /holds no rows/],
    ['[{"prompt":"a","scores":[1,0]}]', /the file is a JSON array; `jq -c '\.\[\]' f > NEW`/],
    ['[\n{"prompt":"a","scores":[1,0]}\n]', /the file is a JSON array/],
    ['{\n "prompt": "a",\n "scores": [1,0]\n}', /over several lines; `jq -c \. f > NEW`/],
  ])('refuses %s with the line and the reason', (text, reason) => {
    expect(() => readDataset(text, 'f')).toThrow(reason);
  });

  it('tells no more than the beginning of a wrong value', () => {
    const long = `sk-${'x'.repeat(3000)}`;
    for (const row of [
      { prompt: 'a', scores: [1, long] },
      { prompt: 'a', scores: [1, 0], costs: [1, long] },
      { prompt: 'a', scores: [1, 0], answers: ['a', [long]] },
      { prompt: 'a', scores: [1, 0], weight: long },
      { prompt: 'a', scores: { [long]: 1 } },
    ]) {
      const read = () => readDataset(JSON.stringify(row), 'f', ['a', 'b']);
      expect(read).toThrow(/sk-x{30,}…/);
      expect(read).not.toThrow(/x{41}/);
    }
  });

  it('names the model that is meant where an id is unknown', () => {
    const text = '{"prompt":"a","scores":{"large":1,"smal":0}}';
    expect(() => readDataset(text, 'f', ['large', 'small'])).toThrow(
      /unknown model "smal"; did you mean "small"/,
    );
  });

  it('keeps both ends of a prompt of 10 MB', () => {
    const prompt = `start ${'x'.repeat(1e7)} end`;
    const { rows } = readDataset(JSON.stringify({ prompt, scores: [1, 0] }), 'f');
    expect(rows[0]?.prompt.length).toBeLessThan(20_000);
    expect(rows[0]?.prompt).toMatch(/^start[\s\S]*end$/);
  });
});

describe('scoring rows that were held out', () => {
  it('beats the best single model, reports an interval and reaches for the oracle', () => {
    const data = readDataset(linesOf(450, 1), 'f');
    const result = scoreInFolds(data, { count: 3, byTask: false }, { seed: 1 });
    const report = reportGate(result, { models: data.models, seed: 1 });
    expect(report.rows).toBe(450);
    expect(report.gain.low).toBeGreaterThan(0);
    expect(report.oracleGapClosed.value).toBeGreaterThan(0.2);
    expect(report.accuracy.oracle).toBeGreaterThan(report.accuracy.gate);
  });

  it('removes and counts repeated rows, so that nothing is scored by what it was learned from', () => {
    const train = readDataset(linesOf(90, 2), 'train');
    const again = readDataset(
      `${linesOf(90, 2)}\n${linesOf(30, 3)}`
        .toUpperCase()
        .replaceAll('"PROMPT"', '"prompt"')
        .replaceAll('"TASK"', '"task"')
        .replaceAll('"SCORES"', '"scores"'),
      'test',
    );
    expect(() => scoreApart(train, again, { seed: 1 })).toThrow(/^0 rows are left to fit on/);
    const twice = { ...train, rows: [...train.rows, ...train.rows] };
    const result = scoreInFolds(twice, { count: 3, byTask: false }, { seed: 1 });
    expect(result.duplicates).toBe(90);
    expect(result.scored).toHaveLength(90);
  });

  it('never falls below the best single model on tasks that were left out', () => {
    const data = readDataset(linesOf(300, 4), 'f');
    const result = scoreInFolds(data, { count: 3, byTask: true }, { seed: 1 });
    for (const one of result.scored) expect(one.namedChoice).toBe(one.best);
  });

  it('measures two models by the share of strong calls', () => {
    const data = readDataset(linesOf(300, 5, 2), 'f');
    const result = scoreInFolds(data, { count: 3, byTask: false }, { seed: 1 });
    const { pair } = reportGate(result, { models: data.models, seed: 1, reference: 1 });
    expect(pair?.strong).toBe('model-2');
    expect(pair?.gate.apgr.value).toBeGreaterThan(0);
    expect(pair?.cheapAnswerChecked).toBeUndefined();
  });
});
