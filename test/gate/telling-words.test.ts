import { describe, expect, it } from 'vitest';
import { featureWords } from '../../src/core/feature-words.ts';
import { probabilityRange } from '../../src/core/probability-range.ts';
import { tellingWords } from '../../src/gate/telling-words.ts';
import { ask, chosen, estimator } from './farm.ts';

const noSecrets = () => [];

describe('the words that tell a task', () => {
  it('are those without which it would look otherwise, the strongest first', () => {
    const told = tellingWords(
      ask('Please write a Python function that sorts a list.'),
      estimator,
      noSecrets,
    );
    expect(told.map((one) => one.word)).toContain('function');
    expect(told.map((one) => one.weight)).toEqual(
      told.map((one) => one.weight).toSorted((left, right) => right - left),
    );
    expect(Math.min(...told.map((one) => one.weight))).toBeGreaterThan(0);
    expect(told.length).toBeLessThanOrEqual(6);
  });

  it('are none of a secret, and nothing that looks like a key', () => {
    const text = 'Please write a Python function that sorts a list.';
    const start = text.indexOf('function');
    const secretsOf = () => [{ start: start - 3, end: start + 2 }];
    const told = tellingWords(ask(text), estimator, secretsOf).map((one) => one.word);
    expect(told.length).toBeGreaterThan(0);
    expect(told).not.toContain('function');
    expect(told).not.toContain('Python');
    const key = 'function9a8b7c6d5e4f3a2b1c';
    const words = tellingWords(ask(`${text} ${key}`), estimator, noSecrets).map((one) => one.word);
    expect(words).toContain('function');
    expect(words).not.toContain(key);
  });

  it('are read in scripts without spaces, and bounded in a text without end', () => {
    expect(() =>
      tellingWords(ask('请把下面的句子翻译成英文：今天天气很好。'), estimator, noSecrets),
    ).not.toThrow();
    const words = Array.from({ length: 5000 }, (_, at) => `word${at}`).join(' ');
    expect(tellingWords(ask(words), estimator, noSecrets).length).toBeLessThanOrEqual(6);
    expect(tellingWords(ask(''), estimator, noSecrets)).toEqual([]);
    expect(() => tellingWords(ask('(.*)+ [a-z]{2} \\w $^ |'), estimator, noSecrets)).not.toThrow();
  });
});

describe('what a gate saw of a request', () => {
  it('is told in words, and nothing that is not there', () => {
    const { features } = chosen('What is 7 times 8? A) 54 B) 56 C) 58');
    const words = featureWords(features);
    expect(words).toEqual(
      expect.arrayContaining(['begins as a question', '1 question mark', '3 answer options']),
    );
    expect(words.join()).not.toMatch(/tool|image|JSON|message|formula/);
    expect(featureWords({})).toEqual([]);
  });
});

describe('the range of a probability', () => {
  it('narrows with the graded requests behind it and stays within 0 … 1', () => {
    const width = (probability: number, graded: number) => {
      const range = probabilityRange({ probability, graded });
      if (range === undefined) throw new Error('no range');
      expect(range.low).toBeGreaterThanOrEqual(0);
      expect(range.high).toBeLessThanOrEqual(1);
      expect(range.low).toBeLessThanOrEqual(probability);
      expect(range.high).toBeGreaterThanOrEqual(probability);
      return range.high - range.low;
    };
    expect(width(0.5, 0)).toBeGreaterThan(0.3);
    expect(width(0.5, 400)).toBeLessThan(0.1);
    for (const probability of [0, 0.01, 0.99, 1]) width(probability, 30);
    expect(probabilityRange({ probability: 0.5 })).toBeUndefined();
  });

  it('stands on the graded requests of the task', () => {
    const { candidates } = chosen('Write a Python function that returns the longest word.');
    const graded = (spoke: string) => candidates.find((one) => one.spoke === spoke)?.graded ?? -1;
    expect(graded('coder')).toBeGreaterThan(50);
    expect(candidates.every((one) => (one.graded ?? -1) >= 0)).toBe(true);
  });
});
