import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { OTHER, TASKS } from '../../src/gate/task.ts';
import { expand } from '../../src/gate/training/grammar.ts';
import { taskModelFile } from '../../src/gate/training/model-file.ts';
import { joinGrammars, makeTrainingRows } from '../../src/gate/training/rows.ts';
import { trainTaskModel } from '../../src/gate/training/train.ts';

describe('the task classifier', () => {
  it('is what the generator and its seed give, byte for byte', () => {
    const file = join(import.meta.dirname, '../../src/gate/task-model.generated.ts');
    const made = taskModelFile(trainTaskModel().toBytes());
    // Compared as one boolean: a difference would print a megabyte.
    expect(
      made === readFileSync(file, 'utf8'),
      'run `cadre bench task-classifier -- --write`',
    ).toBe(true);
    expect(made.length).toBeLessThan(1_500_000);
  }, 120_000);
});

describe('the generator', () => {
  it('gives the same rows for the same seed and others for another', () => {
    expect(makeTrainingRows(1, 20)).toEqual(makeTrainingRows(1, 20));
    expect(makeTrainingRows(2, 20)).not.toEqual(makeTrainingRows(1, 20));
  });

  it('fills every slot and varies every task', () => {
    const rows = makeTrainingRows(3, 300);
    for (const { text } of rows) expect(text).not.toMatch(/[‹›]/);
    for (const task of [...TASKS, OTHER]) {
      const texts = rows.filter((row) => row.label === task).map((row) => row.text);
      expect(new Set(texts).size, task).toBe(texts.length);
      expect(texts.length, task).toBeGreaterThan(200);
    }
  });
});

describe('a grammar', () => {
  const random = seededRandom(5);

  it('fills lists, alternatives, numbers and capitals', () => {
    const grammar = {
      animal: ['fox'],
      sentence: ['‹^animal› ‹runs|runs› ‹#7-7› ‹miles|‹animal›s›'],
    };
    expect(expand('‹sentence›.', grammar, random)).toMatch(/^Fox runs 7 (miles|foxs)\.$/);
  });

  it('refuses lists that are missing, doubled or name themselves', () => {
    expect(() => expand('‹nothing›', {}, random)).toThrow('no list "nothing"');
    expect(() => expand('‹self›', { self: ['‹self›'] }, random)).toThrow('too deeply');
    expect(() => joinGrammars([{ a: ['x'] }, { a: ['y'] }])).toThrow('"a"');
  });
});
